package org.tataa.sim;

/** How a run gets from one cycle to another. The result does not depend on it. */
public enum Engine {
  /** To the next cycle in which something changes, with blocks and vectors computed at once. */
  FAST_FORWARD,
  /** Cycle by cycle, every register in every cycle. */
  STEPPING
}
