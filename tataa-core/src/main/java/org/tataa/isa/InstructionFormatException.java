package org.tataa.isa;

/** A word is not an instruction, or an instruction is not part of the profile asked for. */
public final class InstructionFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * An error that names the bits or the instruction.
   *
   * @param message what is wrong, where, and what was expected
   */
  public InstructionFormatException(String message) {
    super(message);
  }
}
