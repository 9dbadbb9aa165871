package org.tataa.tensor;

/**
 * What happened to numbers in one operation.
 *
 * @param saturations results clipped to int8
 * @param nans operands of a QuantiseOp, or results of another operation, that are not numbers; none
 *     are in RELEASED_RTL arithmetic
 * @param wraps sums that did not fit the field of the accumulator they are read from
 * @param borrows sums disturbed by the one that shares their accumulator
 */
public record OpCounts(long saturations, long nans, long wraps, long borrows) {
  /** Nothing happened. */
  public static final OpCounts NONE = new OpCounts(0, 0, 0, 0);

  /** Both together. */
  public OpCounts plus(OpCounts other) {
    return new OpCounts(
        saturations + other.saturations,
        nans + other.nans,
        wraps + other.wraps,
        borrows + other.borrows);
  }
}
