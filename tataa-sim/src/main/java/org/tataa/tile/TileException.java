package org.tataa.tile;

/** A tile program is not well formed, or cannot be executed. */
public final class TileException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /** With a message that names the step, what was found and what was expected. */
  public TileException(String message) {
    super(message);
  }
}
