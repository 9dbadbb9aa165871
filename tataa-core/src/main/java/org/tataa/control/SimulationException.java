package org.tataa.control;

/** A run cannot go on. The message says what, where, when and what was expected. */
public class SimulationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long cycle;

  /** An error in one cycle of a run. */
  public SimulationException(long cycle, String message) {
    super("cycle " + cycle + ": " + message);
    this.cycle = cycle;
  }

  /** Cycle in which the run stopped. */
  public long cycle() {
    return cycle;
  }
}
