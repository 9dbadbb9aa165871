package org.tataa.pipeline;

/** Host time in which at least one thread was at work. */
final class WallClock {
  private int working;
  private long since;
  private long nanos;

  /** The calling thread begins. */
  synchronized void start() {
    if (working++ == 0) {
      since = System.nanoTime();
    }
  }

  /** The calling thread ends. */
  synchronized void stop() {
    if (--working == 0) {
      nanos += System.nanoTime() - since;
    }
  }

  /** Time so far; no thread may be at work. */
  synchronized long nanos() {
    return nanos;
  }
}
