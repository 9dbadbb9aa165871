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

  /** The index of an iteration, counted from 0. */
  public static int[] index(int[] loops, int iteration) {
    int[] index = new int[loops.length];
    int rest = iteration;
    for (int loop = loops.length - 1; loop >= 0; loop--) {
      index[loop] = rest % loops[loop];
      rest /= loops[loop];
    }
    return index;
  }

  /** Bytes from the start of its buffer to an address in an iteration, counted from 0. */
  public static long at(Address address, int[] loops, int iteration) {
    long offset = address.base();
    int rest = iteration;
    for (int loop = loops.length - 1; loop >= 0; loop--) {
      offset += address.strides()[loop] * (rest % loops[loop]);
      rest /= loops[loop];
    }
    return offset;
  }
}
