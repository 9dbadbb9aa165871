package org.tataa.simd;

/**
 * The sums of all PEs in one clock of int8 mode, arrays row-major {@code [rows][columns]}: products
 * come as their two factors, packed as {@code PeArray} describes. Not thread safe.
 */
public interface ArrayClock {
  /**
   * Adds every product to its sums.
   *
   * @param factorX activations, from {@code xFrom} on
   * @param factorW weights, low and high packed, from {@code wFrom} on
   * @param sumLo low sums, from 0 on
   * @param sumHi high sums, from 0 on
   * @param count PEs
   */
  void accumulate(
      int[] factorX, int xFrom, int[] factorW, int wFrom, int[] sumLo, int[] sumHi, int count);

  /**
   * Whether the starts of the factors should stay the same from clock to clock, so that moving the
   * factors is better than moving the starts.
   */
  boolean wantsFixedPlaces();
}
