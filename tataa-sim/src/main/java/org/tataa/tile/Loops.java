package org.tataa.tile;

/** Nested loops as arrays of indices, outermost first. */
public final class Loops {
  private Loops() {}

  /** The next index; all zeros after the last. */
  public static void advance(int[] index, int[] loops) {
    for (int loop = loops.length - 1; loop >= 0; loop--) {
      if (++index[loop] < loops[loop]) {
        return;
      }
      index[loop] = 0;
    }
  }
}
