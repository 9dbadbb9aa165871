package org.tataa.conformance;

/** A golden file is missing, unreadable or malformed. */
public final class ConformanceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error described by its message. */
  public ConformanceException(String message) {
    super(message);
  }

  /** An error with its cause. */
  public ConformanceException(String message, Throwable cause) {
    super(message, cause);
  }
}
