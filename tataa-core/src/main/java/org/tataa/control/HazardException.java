package org.tataa.control;

import org.tataa.isa.Program;
import org.tataa.observe.StallCause;

/** Under policy TRAP: an instruction would have had to wait for another. */
public final class HazardException extends ProgramException {
  private static final long serialVersionUID = 1L;

  private final StallCause cause;
  private final int blocker;

  /** A hazard of the instruction at {@code index} with the one at {@code blocker} (-1: unknown). */
  public HazardException(long cycle, Program program, int index, StallCause cause, int blocker) {
    super(
        cycle,
        index,
        program.instruction(index),
        "hazard "
            + cause
            + " ("
            + cause.description()
            + ")"
            + (blocker < 0
                ? ""
                : ", conflicts with instruction "
                    + blocker
                    + " `"
                    + program.instruction(blocker)
                    + "`"));
    this.cause = cause;
    this.blocker = blocker;
  }

  /** Why it would have waited. */
  public StallCause cause() {
    return cause;
  }

  /** Index of the instruction it would have waited for, or -1. */
  public int blocker() {
    return blocker;
  }
}
