package org.tataa.isa;

import java.util.List;

/**
 * A source text is not a program; the message has one line {@code file:line:column: error: ...} per
 * error.
 */
public final class AssemblyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * One error.
   *
   * @param file name given by the caller
   * @param line 1-based
   * @param column 1-based; a tab is one column
   * @param message what was found and what was expected
   */
  public record Diagnostic(String file, int line, int column, String message) {
    @Override
    public String toString() {
      return file + ":" + line + ":" + column + ": error: " + message;
    }
  }

  /** Not serialised: the message says it all. */
  private final transient List<Diagnostic> errors;

  AssemblyException(List<Diagnostic> errors) {
    super(String.join("\n", errors.stream().map(Diagnostic::toString).toList()));
    this.errors = List.copyOf(errors);
  }

  /** {@return the errors by line and column, at least one} */
  public List<Diagnostic> errors() {
    return errors;
  }
}
