package org.tataa.forward;

/** Places of a program at which somebody looks at the counters. */
public interface Milestones {
  /** Number of the first instruction behind the next place; the largest number if there is none. */
  int next();

  /**
   * All instructions before {@link #next()} have been accepted, it has not, and the counters are
   * those of now.
   */
  void reach();
}
