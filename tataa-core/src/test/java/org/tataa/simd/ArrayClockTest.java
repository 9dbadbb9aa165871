package org.tataa.simd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clocks of whole arrays against clocks of one PE after the other. */
class ArrayClockTest {
  private static final int[] SIZES = {1, 4, 5, 16, 31, 60, 168, 512, 544, 2048};

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void addsProductsWhereverTheFactorsStand(String name) {
    ArrayClock clock = Implementations.named(name).arrayClock();
    for (int size : SIZES) {
      for (int seed = 0; seed < 5; seed++) {
        check(clock, size, 0, 0, seed);
        check(clock, size, 1, 0, seed);
        check(clock, size, seed, 7, seed);
      }
    }
  }

  private static void check(ArrayClock clock, int size, int xFrom, int wFrom, int seed) {
    Random random = new Random(seed);
    int[] x = random.ints(xFrom + size + 3L, -128, 128).toArray();
    int[] w = new int[wFrom + size + 3];
    for (int i = 0; i < w.length; i++) {
      w[i] = ((random.nextInt(257) - 128) << 16) + random.nextInt(256) - 128;
    }
    int[] lo = random.ints(size + 3L).toArray();
    int[] hi = random.ints(size + 3L).toArray();
    int[] naiveLo = lo.clone();
    int[] naiveHi = hi.clone();
    for (int i = 0; i < size; i++) {
      naiveLo[i] += x[xFrom + i] * (short) w[wFrom + i];
      naiveHi[i] += x[xFrom + i] * ((w[wFrom + i] + 0x8000) >> 16);
    }
    clock.accumulate(x, xFrom, w, wFrom, lo, hi, size);
    String where = size + " PEs from " + xFrom + " and " + wFrom + ", seed " + seed;
    assertThat(lo).as(where).isEqualTo(naiveLo);
    assertThat(hi).as(where).isEqualTo(naiveHi);
  }
}
