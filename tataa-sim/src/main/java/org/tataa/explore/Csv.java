package org.tataa.explore;

import java.util.ArrayList;
import java.util.List;

/** Lines of comma-separated values, as RFC 4180 has them; no value holds a line end. */
final class Csv {
  private Csv() {}

  /** Joins values; those with a comma or a quote are quoted, white space is made one space. */
  static String line(List<?> values) {
    List<String> cells = new ArrayList<>();
    for (Object value : values) {
      String text = String.valueOf(value).replaceAll("\\s+", " ");
      boolean isQuoted = text.indexOf(',') >= 0 || text.indexOf('"') >= 0;
      cells.add(isQuoted ? '"' + text.replace("\"", "\"\"") + '"' : text);
    }
    return String.join(",", cells);
  }

  /** Values of a line. */
  static List<String> values(String line) {
    List<String> values = new ArrayList<>();
    StringBuilder value = new StringBuilder();
    boolean isQuoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      boolean isQuote = c == '"';
      if (isQuote && isQuoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        value.append(c);
        i++;
      } else if (isQuote) {
        isQuoted = !isQuoted;
      } else if (c == ',' && !isQuoted) {
        values.add(value.toString());
        value.setLength(0);
      } else {
        value.append(c);
      }
    }
    values.add(value.toString());
    return values;
  }
}
