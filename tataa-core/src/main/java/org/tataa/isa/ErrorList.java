package org.tataa.isa;

import java.util.List;
import java.util.TreeMap;

/** The errors of one source text: in source order, one per place, at most {@link #MAX}. */
final class ErrorList {
  static final int MAX = 20;

  private final String file;
  private final TreeMap<Long, AssemblyException.Diagnostic> errors = new TreeMap<>();

  ErrorList(String file) {
    this.file = file;
  }

  /**
   * Notes an error; the first one of a place wins.
   *
   * @throws AssemblyException with all errors so far when there are too many
   */
  void add(int line, int column, String message) {
    errors.putIfAbsent(
        (long) line << 32 | column, new AssemblyException.Diagnostic(file, line, column, message));
    if (errors.size() == MAX) {
      check();
    }
  }

  /**
   * Notes an error after which reading on makes no sense.
   *
   * @return never
   */
  AssemblyException fatal(int line, int column, String message) {
    add(line, column, message);
    return new AssemblyException(List.copyOf(errors.values()));
  }

  /**
   * Ends a phase.
   *
   * @throws AssemblyException if there are errors
   */
  void check() {
    if (!errors.isEmpty()) {
      throw new AssemblyException(List.copyOf(errors.values()));
    }
  }
}
