package org.tataa.quant;

/** A calibration does not fit: the message names file, entry and what was expected. */
public final class CalibrationException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** A problem. */
  public CalibrationException(String message) {
    super(message);
  }

  /** A problem with its cause. */
  public CalibrationException(String message, Throwable cause) {
    super(message, cause);
  }
}
