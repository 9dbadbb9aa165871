package org.tataa.onnx;

/** A file is not an ONNX model, or not one that can be used; the message says what and where. */
public final class ModelFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error described by its message. */
  public ModelFormatException(String message) {
    super(message);
  }

  /** An error with its cause. */
  public ModelFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
