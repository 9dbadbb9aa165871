package org.tataa.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * Reads inputs and writes outputs, a temporary name first, so that no half-written file is left.
 */
final class FileAccess {
  private FileAccess() {}

  static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": no such file");
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e);
    }
  }

  static String readText(Path file) {
    return new String(read(file), StandardCharsets.UTF_8);
  }

  static void write(Path file, byte[] bytes) {
    replace(file, temporary -> Files.write(temporary, bytes));
  }

  /** Writes text. */
  interface TextWriter {
    void write(Writer out) throws IOException;
  }

  /** Writes a large text, part by part. */
  static void write(Path file, TextWriter text) {
    replace(
        file,
        temporary -> {
          try (Writer out = Files.newBufferedWriter(temporary, StandardCharsets.UTF_8)) {
            text.write(out);
          }
        });
  }

  /**
   * Refuses files that could not be written, before a long run makes what they are to hold.
   *
   * @param files may contain null
   */
  static void requireWritable(@Nullable Path... files) {
    for (Path file : files) {
      if (file != null) {
        requireDirectory(file);
        if (Files.isDirectory(file)) {
          throw new InputException(file + ": cannot be written: is a directory");
        }
      }
    }
  }

  private static void requireDirectory(Path file) {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      throw new InputException(file + ": cannot be written: its directory does not exist");
    }
    if (!Files.isWritable(directory)) {
      throw new InputException(file + ": cannot be written: its directory is read-only");
    }
  }

  private interface FileWriter {
    void write(Path temporary) throws IOException;
  }

  // A temporary name first. It goes away also when the run is interrupted.
  private static void replace(Path file, FileWriter writer) {
    requireWritable(file);
    Path target = file.toAbsolutePath();
    Path temporary = target.resolveSibling("." + target.getFileName() + ".part");
    temporary.toFile().deleteOnExit();
    try {
      try {
        writer.write(temporary);
        Files.move(
            temporary, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new InputException(file + ": cannot be written: " + e);
    }
  }
}
