package org.tataa.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * A table whose rows are found one after the other: each is printed when it is known, if it fits
 * the terminal; otherwise all of them at the end, in parts below each other.
 */
final class RowTable implements AutoCloseable {
  /** Columns of the longest rows that are printed at once. */
  static final int WIDEST = 120;

  private final PrintWriter out;
  private final int width;
  private final List<String> lines = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /** A table for the terminal. */
  RowTable(PrintWriter out, String header) {
    this(out, header, Terminals.width());
  }

  /**
   * A table.
   *
   * @param width columns of the terminal
   */
  RowTable(PrintWriter out, String header, int width) {
    this.out = out;
    this.width = width;
    row(header);
  }

  /** The next row. */
  void row(String line) {
    if (isPrintedAtOnce()) {
      out.println(line);
      out.flush();
    } else {
      lines.add(line);
    }
  }

  /**
   * What else is to be said of the last row.
   *
   * @param name the row's
   */
  void note(String name, String text) {
    if (isPrintedAtOnce()) {
      out.println("       " + text);
      out.flush();
    } else {
      notes.add(name + ": " + text);
    }
  }

  private boolean isPrintedAtOnce() {
    return width >= WIDEST;
  }

  /** Prints what has not been printed yet. */
  @Override
  public void close() {
    Layout.table(lines, width).forEach(out::println);
    notes.forEach(note -> Layout.line(note, width).forEach(out::println));
    out.flush();
  }
}
