package org.tataa.tiling;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.tile.Loops;

/**
 * Addresses as base plus strides of loops, found from a table of addresses.
 *
 * @param bases one per independent row of the table
 * @param strides one per loop, outermost first
 */
@SuppressWarnings("ArrayRecordComponent")
record AffineFit(long[] bases, long[] strides) {
  /** An entry nobody needs. */
  static final long FREE = Long.MIN_VALUE;

  /**
   * Fits a table.
   *
   * @param table {@code [row][iteration]}, iterations in row-major order of the loops
   * @param loops iterations of each loop
   * @return null if no strides fit
   */
  static @Nullable AffineFit of(long[][] table, int[] loops) {
    long[] strides = new long[loops.length];
    int inner = 1;
    for (int loop = loops.length - 1; loop >= 0; loop--) {
      strides[loop] = stride(table, inner, loops[loop]);
      inner *= loops[loop];
    }
    long[] bases = new long[table.length];
    int[] index = new int[loops.length];
    for (int row = 0; row < table.length; row++) {
      bases[row] = FREE;
      Arrays.fill(index, 0);
      for (long entry : table[row]) {
        long offset = 0;
        for (int loop = 0; loop < loops.length; loop++) {
          offset += index[loop] * strides[loop];
        }
        if (entry != FREE) {
          if (bases[row] == FREE) {
            bases[row] = entry - offset;
          } else if (bases[row] != entry - offset) {
            return null;
          }
        }
        Loops.advance(index, loops);
      }
    }
    return new AffineFit(bases, strides);
  }

  private static long stride(long[][] table, int inner, int count) {
    if (count == 1) {
      return 0;
    }
    for (long[] row : table) {
      for (int i = 0; i + inner < row.length; i++) {
        if (i / inner % count + 1 < count && row[i] != FREE && row[i + inner] != FREE) {
          return row[i + inner] - row[i];
        }
      }
    }
    return 0;
  }

  /** Product of the iterations. */
  static int iterations(int[] loops) {
    int iterations = 1;
    for (int loop : loops) {
      iterations *= loop;
    }
    return iterations;
  }

  /** Whether every access of some bytes, in every iteration, is inside a buffer. */
  boolean isInside(int[] loops, int bytes, long size) {
    long low = 0;
    long high = 0;
    for (int loop = 0; loop < loops.length; loop++) {
      long reach = (loops[loop] - 1) * strides[loop];
      low += Math.min(0, reach);
      high += Math.max(0, reach);
    }
    for (long base : bases) {
      if (base != FREE && (base + low < 0 || base + high + bytes > size)) {
        return false;
      }
    }
    return true;
  }
}
