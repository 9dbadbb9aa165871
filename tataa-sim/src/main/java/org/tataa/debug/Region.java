package org.tataa.debug;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A name whose indices may be ranges, both ends included: {@code pe[0..3][0..7].p}, {@code
 * yz[0x200..0x21f]}. Indices are decimal or hexadecimal with 0x.
 */
final class Region {
  /** Values a line of output has at most. */
  static final int VALUES_PER_LINE = 16;

  private static final int MOST_VALUES = 1 << 14;
  private static final Pattern INDEX =
      Pattern.compile("\\[(0x[0-9a-fA-F]+|\\d+)(?:\\.\\.(0x[0-9a-fA-F]+|\\d+))?]");

  /**
   * Some values next to each other.
   *
   * @param label their name
   * @param names of the values
   */
  record Line(String label, List<String> names) {}

  private final List<String> texts = new ArrayList<>();
  private final List<Integer> firsts = new ArrayList<>();
  private final List<Integer> lasts = new ArrayList<>();
  private boolean isHex;
  private int across = -1;

  /**
   * Reads a name.
   *
   * @throws IllegalArgumentException if a range is empty or the region is too large
   */
  Region(String name) {
    Matcher matcher = INDEX.matcher(name);
    int end = 0;
    long values = 1;
    while (matcher.find()) {
      texts.add(name.substring(end, matcher.start()));
      end = matcher.end();
      int first = number(name, matcher.group(1));
      int last = matcher.group(2) == null ? first : number(name, matcher.group(2));
      if (last < first) {
        throw new IllegalArgumentException(name + ": range " + first + ".." + last + " is empty");
      }
      if (matcher.group(2) != null) {
        across = firsts.size();
        isHex = matcher.group(1).startsWith("0x");
      }
      firsts.add(first);
      lasts.add(last);
      values *= last - first + 1L;
      if (values > MOST_VALUES) {
        throw new IllegalArgumentException(
            name + ": too many values, expected at most " + MOST_VALUES);
      }
    }
    texts.add(name.substring(end));
  }

  private static int number(String name, String digits) {
    try {
      return digits.startsWith("0x")
          ? Integer.parseInt(digits.substring(2), 16)
          : Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + ": index " + digits + " is too large");
    }
  }

  /** Whether an index is a range. */
  boolean isRange() {
    return across >= 0;
  }

  /** The name with decimal indices and without ranges, if it has none. */
  String plain() {
    return name(firsts, -1, "");
  }

  private String name(List<Integer> at, int replaced, String replacement) {
    StringBuilder text = new StringBuilder(texts.get(0));
    for (int i = 0; i < at.size(); i++) {
      text.append('[').append(i == replaced ? replacement : at.get(i)).append(']');
      text.append(texts.get(i + 1));
    }
    return text.toString();
  }

  /** The values line by line; the last range goes along a line. */
  List<Line> lines() {
    List<Line> lines = new ArrayList<>();
    List<Integer> at = new ArrayList<>(firsts);
    do {
      for (int from = firsts.get(across); from <= lasts.get(across); from += VALUES_PER_LINE) {
        int to = Math.min(lasts.get(across), from + VALUES_PER_LINE - 1);
        List<String> names = new ArrayList<>();
        for (int i = from; i <= to; i++) {
          at.set(across, i);
          names.add(name(at, -1, ""));
        }
        lines.add(new Line(name(at, across, show(from) + ".." + show(to)), names));
      }
    } while (next(at));
    return lines;
  }

  // As it was asked for.
  private String show(int index) {
    return isHex ? "0x" + Integer.toHexString(index) : Integer.toString(index);
  }

  // The next combination of the ranges other than the last one.
  private boolean next(List<Integer> at) {
    for (int i = across - 1; i >= 0; i--) {
      if (at.get(i) < lasts.get(i)) {
        at.set(i, at.get(i) + 1);
        return true;
      }
      at.set(i, firsts.get(i));
    }
    return false;
  }
}
