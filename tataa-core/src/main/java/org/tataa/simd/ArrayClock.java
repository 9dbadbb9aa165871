package org.tataa.simd;

/**
 * One clock of all PEs in int8 mode, their registers in row-major arrays {@code [rows][columns]}: a
 * product is kept as its two factors, packed as {@code PeArray} describes. Not thread safe.
 */
public interface ArrayClock {
  /**
   * Adds every product to its sums, and moves the factors: those of x one PE to the right, those of
   * w one row down. Column 0 and row 0 take the registers at the edges.
   *
   * @param factorX at least one more than there are PEs
   * @param factorW at least one row more than there are PEs
   * @param left {@code [rows]} new factors of column 0
   * @param top {@code [columns]} new factors of row 0, low and high weight packed
   * @param sumLo low sums
   * @param sumHi high sums
   */
  void clock(int[] factorX, int[] factorW, int[] left, int[] top, int[] sumLo, int[] sumHi);
}
