package org.tataa.explore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.sim.AtomicFile;

/**
 * The table of a sweep on disk, and the journal beside it ({@code FILE.part}) with the rows that a
 * run has finished. Both begin with the names of the columns; lines are known by their first
 * column. For one process at a time; threads of it may append.
 */
final class SweepFile implements AutoCloseable {
  private final Path file;
  private final Path journal;
  private final FileChannel channel;
  private final String header;
  private final Map<String, String> known = new HashMap<>();

  private SweepFile(Path file, Path journal, FileChannel channel, String header) {
    this.file = file;
    this.journal = journal;
    this.channel = channel;
    this.header = header;
  }

  /**
   * Opens a table, which need not exist yet.
   *
   * @param header names of the columns, without a line end
   * @throws IllegalArgumentException if the file or its journal has other columns
   * @throws IllegalStateException if another process or thread has it open
   */
  static SweepFile open(Path file, String header) throws IOException {
    Path journal = file.resolveSibling(file.getFileName() + ".part");
    FileChannel channel =
        FileChannel.open(
            journal, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    SweepFile opened = new SweepFile(file, journal, channel, header);
    try {
      opened.lock();
      if (Files.exists(file)) {
        opened.read(file, new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
      }
      opened.recover();
      return opened;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private void lock() throws IOException {
    try {
      if (channel.tryLock() != null) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      // By this process.
    }
    throw new IllegalStateException(journal + ": another sweep is writing it");
  }

  // Finished rows of a run that did not end; what comes after the last line end is dropped.
  private void recover() throws IOException {
    byte[] bytes = Files.readAllBytes(journal);
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    channel.truncate(end);
    channel.position(end);
    String whole = new String(bytes, 0, end, StandardCharsets.UTF_8);
    if (whole.isEmpty()) {
      write(header);
    } else {
      read(journal, whole);
    }
  }

  private void read(Path source, String text) {
    List<String> lines = text.lines().toList();
    if (lines.isEmpty() || !lines.get(0).equals(header)) {
      throw new IllegalArgumentException(source + ": is no table of this version's sweep");
    }
    int columns = Csv.values(header).size();
    for (int i = 1; i < lines.size(); i++) {
      int cells = Csv.values(lines.get(i)).size();
      if (cells != columns) {
        throw new IllegalArgumentException(
            source + ": line " + (i + 1) + " has " + cells + " cells, expected " + columns);
      }
      known.put(key(lines.get(i)), lines.get(i));
    }
  }

  private static String key(String line) {
    return line.substring(0, line.indexOf(','));
  }

  /** The line that begins with a value; null if there is none. */
  synchronized @Nullable String line(String key) {
    return known.get(key);
  }

  /**
   * Adds a finished line; it is on disk when this returns.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  synchronized void append(String line) {
    try {
      write(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    known.put(key(line), line);
  }

  private void write(String line) throws IOException {
    AtomicFile.append(channel, (line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Replaces the table by these lines and removes the journal. */
  void complete(List<String> lines) throws IOException {
    StringBuilder text = new StringBuilder(header).append('\n');
    for (String line : lines) {
      text.append(line).append('\n');
    }
    AtomicFile.write(file, temporary -> Files.writeString(temporary, text));
    Files.delete(journal);
  }

  /** Lets others open it. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
