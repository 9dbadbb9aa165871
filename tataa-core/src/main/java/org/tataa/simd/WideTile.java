package org.tataa.simd;

/**
 * All sixteen sums in registers: for processors with 32 vector registers and a fused multiply-add,
 * which does as much as a multiplication and an addition.
 */
final class WideTile implements ProductTile {
  @Override
  public void addProducts(byte[] x, double[] y, int words, double[] sums, int at) {
    double sum00 = sums[at];
    double sum01 = sums[at + 1];
    double sum02 = sums[at + 2];
    double sum03 = sums[at + 3];
    double sum10 = sums[at + 4];
    double sum11 = sums[at + 5];
    double sum12 = sums[at + 6];
    double sum13 = sums[at + 7];
    double sum20 = sums[at + 8];
    double sum21 = sums[at + 9];
    double sum22 = sums[at + 10];
    double sum23 = sums[at + 11];
    double sum30 = sums[at + 12];
    double sum31 = sums[at + 13];
    double sum32 = sums[at + 14];
    double sum33 = sums[at + 15];
    int end = PAIRS * words;
    for (int i = 0; i < end; i += PAIRS) {
      double y0 = y[i];
      double y1 = y[i + 1];
      double y2 = y[i + 2];
      double y3 = y[i + 3];
      double x0 = VALUES[x[i] & 0xff];
      sum00 = Math.fma(x0, y0, sum00);
      sum01 = Math.fma(x0, y1, sum01);
      sum02 = Math.fma(x0, y2, sum02);
      sum03 = Math.fma(x0, y3, sum03);
      double x1 = VALUES[x[i + 1] & 0xff];
      sum10 = Math.fma(x1, y0, sum10);
      sum11 = Math.fma(x1, y1, sum11);
      sum12 = Math.fma(x1, y2, sum12);
      sum13 = Math.fma(x1, y3, sum13);
      double x2 = VALUES[x[i + 2] & 0xff];
      sum20 = Math.fma(x2, y0, sum20);
      sum21 = Math.fma(x2, y1, sum21);
      sum22 = Math.fma(x2, y2, sum22);
      sum23 = Math.fma(x2, y3, sum23);
      double x3 = VALUES[x[i + 3] & 0xff];
      sum30 = Math.fma(x3, y0, sum30);
      sum31 = Math.fma(x3, y1, sum31);
      sum32 = Math.fma(x3, y2, sum32);
      sum33 = Math.fma(x3, y3, sum33);
    }
    sums[at] = sum00;
    sums[at + 1] = sum01;
    sums[at + 2] = sum02;
    sums[at + 3] = sum03;
    sums[at + 4] = sum10;
    sums[at + 5] = sum11;
    sums[at + 6] = sum12;
    sums[at + 7] = sum13;
    sums[at + 8] = sum20;
    sums[at + 9] = sum21;
    sums[at + 10] = sum22;
    sums[at + 11] = sum23;
    sums[at + 12] = sum30;
    sums[at + 13] = sum31;
    sums[at + 14] = sum32;
    sums[at + 15] = sum33;
  }
}
