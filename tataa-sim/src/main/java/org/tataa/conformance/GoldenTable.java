package org.tataa.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The data lines of one comma-separated golden file, with their places for error messages. */
final class GoldenTable {
  /** One data line. */
  static final class Row {
    private final String file;
    private final int line;
    private final String[] cells;

    private Row(String file, int line, String[] cells) {
      this.file = file;
      this.line = line;
      this.cells = cells;
    }

    int line() {
      return line;
    }

    int size() {
      return cells.length;
    }

    String text(int column) {
      if (column >= cells.length) {
        throw error("has " + cells.length + " columns, expected at least " + (column + 1));
      }
      return cells[column];
    }

    int decimal(int column) {
      try {
        return Integer.parseInt(text(column));
      } catch (NumberFormatException e) {
        throw error("column " + (column + 1) + " is `" + text(column) + "`, expected an integer");
      }
    }

    int hex(int column) {
      return (int) hexLong(column);
    }

    long hexLong(int column) {
      try {
        return Long.parseUnsignedLong(text(column), 16);
      } catch (NumberFormatException e) {
        throw error("column " + (column + 1) + " is `" + text(column) + "`, expected hex digits");
      }
    }

    byte[] bytes(int column, int expected) {
      String digits = text(column);
      if (expected >= 0 && digits.length() != 2 * expected) {
        throw error(
            "column "
                + (column + 1)
                + " has "
                + digits.length()
                + " hex digits, expected "
                + 2 * expected);
      }
      byte[] bytes = new byte[digits.length() / 2];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) digit(digits, 2 * i, 2, column);
      }
      return bytes;
    }

    int[] halfWords(int column, int expected) {
      String digits = text(column);
      if (digits.length() != 4 * expected) {
        throw error(
            "column "
                + (column + 1)
                + " has "
                + digits.length()
                + " hex digits, expected "
                + 4 * expected);
      }
      int[] values = new int[expected];
      for (int i = 0; i < expected; i++) {
        values[i] = digit(digits, 4 * i, 4, column);
      }
      return values;
    }

    private int digit(String digits, int from, int count, int column) {
      try {
        return Integer.parseInt(digits, from, from + count, 16);
      } catch (NumberFormatException e) {
        throw error("column " + (column + 1) + " holds `" + digits + "`, expected hex digits");
      }
    }

    ConformanceException error(String problem) {
      return new ConformanceException(file + ":" + line + ": " + problem);
    }
  }

  private final String name;
  private final List<Row> rows;

  private GoldenTable(String name, List<Row> rows) {
    this.name = name;
    this.rows = rows;
  }

  /**
   * Reads a file: comment lines start with #, the first other line is the heading.
   *
   * @throws ConformanceException if the file is missing, unreadable or has no data
   */
  static GoldenTable read(Path path) {
    String name = String.valueOf(path.getFileName());
    if (!Files.isRegularFile(path)) {
      throw new ConformanceException(path + ": file is missing");
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(path);
    } catch (IOException e) {
      throw new ConformanceException(path + ": cannot be read: " + e, e);
    }
    List<Row> rows = new ArrayList<>();
    boolean heading = true;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (heading) {
        heading = false;
        continue;
      }
      rows.add(new Row(name, i + 1, line.split(",", -1)));
    }
    if (rows.isEmpty()) {
      throw new ConformanceException(path + ": has no data lines");
    }
    return new GoldenTable(name, rows);
  }

  String name() {
    return name;
  }

  List<Row> rows() {
    return rows;
  }
}
