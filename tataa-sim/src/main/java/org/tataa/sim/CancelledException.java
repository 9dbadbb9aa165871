package org.tataa.sim;

/**
 * A run, a calibration or a compilation was given up, because the thread that asked for it was
 * interrupted. The interrupt is consumed, as by an {@link InterruptedException}. What was being
 * written is not there, and what was simulated is in no defined state.
 */
public final class CancelledException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CancelledException() {
    super("cancelled: the thread that waits for the result was interrupted");
  }
}
