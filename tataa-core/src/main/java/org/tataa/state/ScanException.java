package org.tataa.state;

/** A state does not fit the machine it is to be restored into. */
public final class ScanException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What did not fit. */
  public ScanException(String message) {
    super(message);
  }
}
