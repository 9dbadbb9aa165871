package org.tataa.simd;

/**
 * Plain Java, which the JIT turns into SIMD code as long as it does not have to fear that the
 * arrays are one: all have to be used from the same place on.
 */
final class ScalarArrayClock implements ArrayClock {
  @Override
  public void accumulate(
      int[] factorX, int xFrom, int[] factorW, int wFrom, int[] lo, int[] hi, int count) {
    if (xFrom == 0 && wFrom == 0) {
      accumulate(factorX, factorW, lo, hi, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      int product = factorX[xFrom + i] * factorW[wFrom + i];
      lo[i] += (product << 16) >> 16;
      hi[i] += (product + 0x8000) >> 16;
    }
  }

  private static void accumulate(int[] factorX, int[] factorW, int[] lo, int[] hi, int count) {
    for (int i = 0; i < count; i++) {
      int product = factorX[i] * factorW[i];
      lo[i] += (product << 16) >> 16;
      hi[i] += (product + 0x8000) >> 16;
    }
  }

  @Override
  public boolean wantsFixedPlaces() {
    return true;
  }
}
