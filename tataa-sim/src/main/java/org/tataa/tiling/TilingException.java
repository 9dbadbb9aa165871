package org.tataa.tiling;

/** A tensor program does not fit the machine: a buffer is too small, or a size is out of range. */
public final class TilingException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /** With a message that names the value or buffer, the size found and the size needed. */
  public TilingException(String message) {
    super(message);
  }
}
