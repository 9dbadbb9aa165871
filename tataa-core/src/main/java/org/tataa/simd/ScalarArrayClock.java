package org.tataa.simd;

/**
 * Plain Java: one pass for products and sums, which the JIT turns into SIMD code, and two moves.
 */
final class ScalarArrayClock implements ArrayClock {
  private final int columns;
  private final int size;

  ScalarArrayClock(int rows, int columns) {
    this.columns = columns;
    size = rows * columns;
  }

  @Override
  public void clock(int[] factorX, int[] factorW, int[] left, int[] top, int[] lo, int[] hi) {
    accumulate(factorX, factorW, lo, hi, size);
    // The last PE of a row hands its factor to the first of the next row, where it is overwritten.
    System.arraycopy(factorX, 0, factorX, 1, size - 1);
    System.arraycopy(factorW, 0, factorW, columns, size - columns);
    System.arraycopy(top, 0, factorW, 0, columns);
    for (int row = 0, i = 0; row < left.length; row++, i += columns) {
      factorX[i] = left[row];
    }
  }

  private static void accumulate(int[] factorX, int[] factorW, int[] lo, int[] hi, int size) {
    for (int i = 0; i < size; i++) {
      int product = factorX[i] * factorW[i];
      lo[i] += (product << 16) >> 16;
      hi[i] += (product + 0x8000) >> 16;
    }
  }
}
