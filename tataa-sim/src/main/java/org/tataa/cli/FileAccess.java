package org.tataa.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tataa.sim.AtomicFile;

/** Reads inputs and writes outputs; what fails is told by the name of the file. */
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
          // A writer that cannot write its last part does not close what it writes to.
          try (OutputStream stream = Files.newOutputStream(temporary);
              Writer out =
                  new BufferedWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8))) {
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

  private static void replace(Path file, AtomicFile.Content content) {
    requireWritable(file);
    try {
      AtomicFile.write(file, content);
    } catch (IOException | UncheckedIOException e) {
      throw new InputException(file + ": cannot be written: " + e);
    }
  }
}
