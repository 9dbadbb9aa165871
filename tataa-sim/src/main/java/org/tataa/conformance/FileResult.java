package org.tataa.conformance;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How many lines of one golden file were checked, and what differed. */
public final class FileResult {
  private static final int KEPT = 10;

  /**
   * One difference.
   *
   * @param line 1-based line of the file, or 0 if the simulator did something no line has
   * @param what what was compared
   * @param expected value in the file
   * @param actual value of the simulator
   */
  public record Mismatch(int line, String what, String expected, String actual) {
    @Override
    public String toString() {
      return (line == 0 ? "not in file" : "line " + line)
          + ": "
          + what
          + ": expected "
          + expected
          + ", actual "
          + actual;
    }
  }

  private final String file;
  private final List<Mismatch> first = new ArrayList<>();
  private int checked;
  private int mismatches;

  FileResult(String file) {
    this.file = file;
  }

  /** Counts one checked line. */
  void line() {
    checked++;
  }

  /** Compares one value of the line being checked. */
  void compare(int line, String what, Object expected, Object actual) {
    if (!expected.equals(actual)) {
      mismatch(line, what, expected.toString(), actual.toString());
    }
  }

  void mismatch(int line, String what, String expected, String actual) {
    mismatches++;
    if (first.size() < KEPT) {
      first.add(new Mismatch(line, what, expected, actual));
    }
  }

  /** Name of the file. */
  public String file() {
    return file;
  }

  /** Lines compared. */
  public int checked() {
    return checked;
  }

  /** Values that differed. */
  public int mismatches() {
    return mismatches;
  }

  /** The first differences, at most ten. */
  public List<Mismatch> firstMismatches() {
    return Collections.unmodifiableList(first);
  }
}
