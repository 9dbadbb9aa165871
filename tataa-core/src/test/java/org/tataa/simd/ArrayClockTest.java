package org.tataa.simd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clocks of whole arrays against clocks of one PE after the other. */
class ArrayClockTest {
  private static final int[][] SHAPES = {
    {1, 1}, {4, 1}, {1, 5}, {4, 4}, {8, 4}, {12, 5}, {7, 24}, {32, 16}, {32, 17}, {64, 32}
  };

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void factorsMoveAndProductsAdd(String name) {
    for (int[] shape : SHAPES) {
      for (int seed = 0; seed < 5; seed++) {
        check(Implementations.named(name), shape[0], shape[1], seed);
      }
    }
  }

  private static void check(HostKernels kernels, int rows, int columns, int seed) {
    Random random = new Random(seed);
    int size = rows * columns;
    int[] x = new int[size + 1];
    int[] w = new int[size + columns];
    int[] lo = new int[size];
    int[] hi = new int[size];
    int[] naiveX = new int[size];
    int[] naiveW = new int[size];
    int[] naiveLo = new int[size];
    int[] naiveHi = new int[size];
    ArrayClock clock = kernels.arrayClock(rows, columns);
    for (int cycle = 0; cycle < 3 * (rows + columns); cycle++) {
      int[] left = random.ints(rows, -128, 128).toArray();
      int[] top = new int[columns];
      for (int column = 0; column < columns; column++) {
        top[column] = ((random.nextInt(257) - 128) << 16) + random.nextInt(256) - 128;
      }
      clock.clock(x, w, left, top, lo, hi);
      for (int row = rows - 1; row >= 0; row--) {
        for (int column = columns - 1; column >= 0; column--) {
          int i = row * columns + column;
          naiveLo[i] += naiveX[i] * (short) naiveW[i];
          naiveHi[i] += naiveX[i] * ((naiveW[i] + 0x8000) >> 16);
          naiveX[i] = column == 0 ? left[row] : naiveX[i - 1];
          naiveW[i] = row == 0 ? top[column] : naiveW[i - columns];
        }
      }
      String where = rows + "x" + columns + " seed " + seed + " cycle " + cycle;
      assertThat(lo).as(where).isEqualTo(naiveLo);
      assertThat(hi).as(where).isEqualTo(naiveHi);
      assertThat(java.util.Arrays.copyOf(x, size)).as(where).isEqualTo(naiveX);
      assertThat(java.util.Arrays.copyOf(w, size)).as(where).isEqualTo(naiveW);
    }
  }
}
