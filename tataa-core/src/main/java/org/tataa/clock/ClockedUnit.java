package org.tataa.clock;

/**
 * A unit that lives on the core's clock.
 *
 * <p>Two rules make the order in which units are evaluated irrelevant. A unit reads what others
 * show as it was at the start of the cycle, and whatever it tells another unit carries the absolute
 * cycle from which it holds, at least one cycle ahead. A test evaluates the units of a core in
 * shuffled order and demands identical runs.
 */
public interface ClockedUnit {
  /** No event will ever come by itself. */
  long NEVER = Long.MAX_VALUE;

  /** Does the work of one clock cycle. */
  void evaluate(long cycle);

  /**
   * The first cycle, at or after {@code cycle}, in which this unit does something without being
   * told to by another unit; {@link #NEVER} if it would stay quiet forever.
   */
  long nextEvent(long cycle);
}
