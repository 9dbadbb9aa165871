package org.tataa.isa;

import java.util.List;

/** A source text is not a program; the message has one line per error. */
public final class AssemblyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * One error.
   *
   * @param file name given by the caller
   * @param line 1-based
   * @param column 1-based
   * @param message what was found and what was expected
   */
  public record Diagnostic(String file, int line, int column, String message)
      implements java.io.Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      return file + ":" + line + ":" + column + ": error: " + message;
    }
  }

  private final List<Diagnostic> errors;

  /** An exception with at least one error. */
  public AssemblyException(List<Diagnostic> errors) {
    super(String.join("\n", errors.stream().map(Diagnostic::toString).toList()));
    this.errors = List.copyOf(errors);
  }

  /** The errors in the order they were found. */
  public List<Diagnostic> errors() {
    return errors;
  }
}
