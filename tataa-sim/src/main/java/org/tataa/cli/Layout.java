package org.tataa.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Text that is wider than the terminal: a table is printed in parts below each other, each with the
 * first column; other lines are broken between words. Where there is no terminal nothing changes.
 */
final class Layout {
  private static final String INDENT = "    ";

  private Layout() {}

  /** Prints a table whose columns are aligned and have a space between them. */
  static void table(PrintWriter out, Consumer<PrintWriter> body) {
    StringWriter text = new StringWriter();
    body.accept(new PrintWriter(text));
    table(text.toString().lines().toList(), Terminals.width()).forEach(out::println);
  }

  /** Prints a line of words. */
  static void line(PrintWriter out, String text) {
    line(text, Terminals.width()).forEach(out::println);
  }

  /** A table in parts of a width. */
  static List<String> table(List<String> lines, int width) {
    int longest = lines.stream().mapToInt(String::length).max().orElse(0);
    List<Integer> starts = starts(lines, longest);
    if (longest <= width || starts.size() < 3) {
      return lines;
    }
    List<String> parts = new ArrayList<>();
    int key = starts.get(1);
    int first = 1;
    while (first < starts.size()) {
      int from = first;
      do {
        first++;
      } while (first < starts.size()
          && key + end(starts, first, longest) - starts.get(from) <= width);
      if (from > 1) {
        parts.add("");
      }
      int begin = starts.get(from);
      int end = first < starts.size() ? starts.get(first) : longest;
      for (String line : lines) {
        String row = from == 1 ? cut(line, 0, end) : cut(line, 0, key) + cut(line, begin, end);
        parts.add(row.stripTrailing());
      }
    }
    return parts;
  }

  // Where the column behind a start ends, without the space behind it.
  private static int end(List<Integer> starts, int column, int longest) {
    return column + 1 < starts.size() ? starts.get(column + 1) - 1 : longest;
  }

  // Padded, so that columns stay where they are.
  private static String cut(String line, int from, int to) {
    StringBuilder cut = new StringBuilder();
    for (int i = from; i < to; i++) {
      cut.append(i < line.length() ? line.charAt(i) : ' ');
    }
    return cut.toString();
  }

  // First places of columns: behind a place at which no line has anything.
  private static List<Integer> starts(List<String> lines, int longest) {
    List<Integer> starts = new ArrayList<>();
    boolean wasBlank = true;
    for (int i = 0; i < longest; i++) {
      boolean isBlank = true;
      for (String line : lines) {
        isBlank &= i >= line.length() || line.charAt(i) == ' ';
      }
      if (wasBlank && !isBlank) {
        starts.add(i);
      }
      wasBlank = isBlank;
    }
    return starts;
  }

  /** A line in lines of a width, the others further to the right. */
  static List<String> line(String text, int width) {
    List<String> lines = new ArrayList<>();
    String rest = text;
    while (rest.length() > width) {
      int at = rest.lastIndexOf(' ', width);
      if (rest.substring(0, Math.max(0, at)).isBlank()) {
        break;
      }
      lines.add(rest.substring(0, at).stripTrailing());
      rest = INDENT + rest.substring(at).stripLeading();
    }
    lines.add(rest);
    return lines;
  }

  /** A text, cut to what a line has left beside it. */
  static String shortened(String text, int most, int beside) {
    int length = Math.max(10, Math.min(most, Terminals.width() - beside));
    return text.length() <= length ? text : text.substring(0, length - 3) + "...";
  }
}
