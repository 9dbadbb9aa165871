package org.tataa.simd;

/**
 * The inner loop of a {@link ScalarBlockProduct}: four activations times four pairs of weights,
 * word after word. All sums are integers that a double holds exactly, so that the order of
 * additions and a fused rounding make no difference.
 */
interface ProductTile {
  int ROWS = 4;
  int PAIRS = 4;

  /**
   * The value of a byte as a double, at the byte's unsigned value. A look-up costs no more than a
   * load of the double itself, and conversions are slow: they wait for what their target register
   * held before.
   */
  double[] VALUES = values();

  /**
   * Adds the products of {@code words} words: {@code sums[at + 4 * r + p]} gets those of activation
   * {@code x[4 * word + r]} and pair {@code y[4 * word + p]}.
   */
  void addProducts(byte[] x, double[] y, int words, double[] sums, int at);

  private static double[] values() {
    double[] values = new double[256];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) i;
    }
    return values;
  }
}
