package org.tataa.pack;

/** Items cannot be packed; the message says what of the model stands against it. */
public final class PackingException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /** With a reason. */
  public PackingException(String message) {
    super(message);
  }
}
