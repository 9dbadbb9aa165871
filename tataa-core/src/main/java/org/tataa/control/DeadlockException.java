package org.tataa.control;

/** No unit can ever make progress again; the message lists what each of them waits for. */
public final class DeadlockException extends SimulationException {
  private static final long serialVersionUID = 1L;

  /** A deadlock found in {@code cycle}. */
  public DeadlockException(long cycle, String report) {
    super(cycle, "deadlock\n" + report);
  }
}
