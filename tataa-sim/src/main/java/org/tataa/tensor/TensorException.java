package org.tataa.tensor;

/** A tensor program is not well formed, or cannot be executed. */
public final class TensorException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /** With a message that names the operation, what was found and what was expected. */
  public TensorException(String message) {
    super(message);
  }
}
