package org.tataa.sim;

import java.util.Objects;

/**
 * How the host simulates. Nothing that is simulated depends on it: no value, no cycle, no counter.
 *
 * @param engine how a run gets from cycle to cycle
 * @param threads host threads to use at most; 0 for one per processor
 */
public record HostOptions(Engine engine, int threads) {
  /** Fast, on all processors. */
  public static final HostOptions DEFAULT = new HostOptions(Engine.FAST_FORWARD, 0);

  /**
   * Checks.
   *
   * @param engine how a run gets from cycle to cycle
   * @param threads host threads to use at most; 0 for one per processor
   * @throws IllegalArgumentException if the number of threads is negative
   */
  public HostOptions {
    Objects.requireNonNull(engine, "engine");
    HostThreads.atMost(threads);
  }
}
