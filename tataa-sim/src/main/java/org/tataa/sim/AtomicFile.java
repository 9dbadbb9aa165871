package org.tataa.sim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A file that appears whole or not at all; one of the same name stays until then. Records that are
 * added to a file are there whole or not at all, too.
 */
public final class AtomicFile {
  /** Temporary files that are being written. */
  private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

  private static final int PAUSE_MILLIS = 20;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(AtomicFile::deleteAll));
  }

  private AtomicFile() {}

  // Whoever writes goes on while the JVM ends, and may have been about to open the file.
  private static void deleteAll() {
    if (OPEN.isEmpty()) {
      return;
    }
    OPEN.forEach(AtomicFile::delete);
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    OPEN.forEach(AtomicFile::delete);
  }

  private static void delete(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // The process is about to end; nobody is left to be told.
    }
  }

  /** Writes the content. */
  public interface Content {
    /**
     * Writes a file.
     *
     * @param temporary where to write it, in the directory of the file that it becomes
     * @throws IOException if it cannot be written
     */
    void write(Path temporary) throws IOException;
  }

  /**
   * Writes a file under a temporary name, waits until the disk has it, and gives it its name. The
   * temporary file, {@code .NAME.part}, goes away also when the JVM is told to end.
   *
   * @param file the file
   * @param content writes its bytes
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, Content content) throws IOException {
    Path target = file.toAbsolutePath();
    Path temporary = target.resolveSibling("." + target.getFileName() + ".part");
    OPEN.add(temporary);
    try {
      content.write(temporary);
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      delete(temporary);
      OPEN.remove(temporary);
    }
  }

  /**
   * Adds a record at the position of a channel; it is on disk when this returns. If it cannot be
   * written, as on a disk that is full, no part of it stays: later records must not go on in the
   * middle of it.
   *
   * @param channel of a file, at its end
   * @param record the bytes
   * @throws IOException if they cannot be written
   */
  public static void append(FileChannel channel, byte[] record) throws IOException {
    long before = channel.position();
    ByteBuffer bytes = ByteBuffer.wrap(record);
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
    } catch (IOException e) {
      channel.truncate(before);
      throw e;
    }
  }
}
