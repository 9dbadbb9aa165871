package org.tataa.schedule;

import java.util.Arrays;
import org.tataa.tile.VectorNest;

/** An order of the steps of a nest's body, loads first; its iterations may overlap. */
final class BodyOrder {
  private final int[] steps;
  private final int[] lags;

  /**
   * Overlapping iterations.
   *
   * @param steps numbers of the body's steps
   * @param lags for each of them, by how many rounds its iteration is behind the newest
   */
  BodyOrder(int[] steps, int[] lags) {
    this.steps = steps;
    this.lags = lags;
  }

  /** Iterations that follow each other. */
  static BodyOrder of(int[] steps) {
    return new BodyOrder(steps, new int[0]);
  }

  /** Numbers of the body's steps. Shared, not to be written to. */
  int[] steps() {
    return steps;
  }

  /** By how many rounds the iteration of each step is behind the newest; none if none is. */
  int[] lags() {
    return lags;
  }

  /** The nest with its body in this order. */
  VectorNest apply(VectorNest nest) {
    return ListOrder.reorder(nest, steps);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BodyOrder order
        && Arrays.equals(order.steps, steps)
        && Arrays.equals(order.lags, lags);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(steps) + Arrays.hashCode(lags);
  }
}
