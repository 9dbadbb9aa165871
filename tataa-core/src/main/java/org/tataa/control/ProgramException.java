package org.tataa.control;

import org.tataa.isa.Instruction;

/** An instruction asks for something the machine does not have or must not do, in either policy. */
public class ProgramException extends SimulationException {
  private static final long serialVersionUID = 1L;

  private final int index;

  /** An error of the instruction at {@code index}. */
  public ProgramException(long cycle, int index, Instruction instruction, String message) {
    super(cycle, "instruction " + index + " `" + instruction + "`: " + message);
    this.index = index;
  }

  /** Index of the instruction in its program. */
  public int index() {
    return index;
  }
}
