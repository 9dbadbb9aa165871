package org.tataa.cli;

/** A file named on the command line cannot be read or written, or does not fit. */
final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InputException(String message) {
    super(message);
  }
}
