package org.tataa.simd;

/**
 * Eight sums at a time, as many as leave room for their operands in 16 vector registers: first
 * those of pairs 0 and 1, then those of 2 and 3. Needs no fused multiply-add.
 */
final class NarrowTile implements ProductTile {
  @Override
  public void addProducts(byte[] x, double[] y, int words, double[] sums, int at) {
    for (int half = 0; half < PAIRS; half += 2) {
      addHalf(x, y, half, words, sums, at + half);
    }
  }

  // Pairs from and from + 1.
  private static void addHalf(byte[] x, double[] y, int from, int words, double[] sums, int at) {
    int end = PAIRS * words;
    double sum00 = sums[at];
    double sum01 = sums[at + 1];
    double sum10 = sums[at + 4];
    double sum11 = sums[at + 5];
    double sum20 = sums[at + 8];
    double sum21 = sums[at + 9];
    double sum30 = sums[at + 12];
    double sum31 = sums[at + 13];
    for (int i = 0; i < end; i += PAIRS) {
      double y0 = y[from + i];
      double y1 = y[from + i + 1];
      double x0 = VALUES[x[i] & 0xff];
      sum00 += x0 * y0;
      sum01 += x0 * y1;
      double x1 = VALUES[x[i + 1] & 0xff];
      sum10 += x1 * y0;
      sum11 += x1 * y1;
      double x2 = VALUES[x[i + 2] & 0xff];
      sum20 += x2 * y0;
      sum21 += x2 * y1;
      double x3 = VALUES[x[i + 3] & 0xff];
      sum30 += x3 * y0;
      sum31 += x3 * y1;
    }
    sums[at] = sum00;
    sums[at + 1] = sum01;
    sums[at + 4] = sum10;
    sums[at + 5] = sum11;
    sums[at + 8] = sum20;
    sums[at + 9] = sum21;
    sums[at + 12] = sum30;
    sums[at + 13] = sum31;
  }
}
