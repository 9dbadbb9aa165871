package org.tataa.graph;

import java.util.Arrays;

/**
 * A product of float matrices. Every result is the sum of its products in the order of the depth,
 * each rounded, whatever is computed beside it: no fused operations, no partial sums.
 *
 * <p>Rows are arrays of their own, because the JIT turns loops over them into SIMD code only if all
 * indices are the same.
 */
final class FloatProduct {
  /** Rows of the second matrix that are added in one pass over a row of the result. */
  private static final int STEP = 4;

  /** Floats of the second matrix that stay in a cache while all rows of the first pass. */
  private static final int CACHED = 1 << 16;

  private FloatProduct() {}

  /**
   * Multiplies {@code [rows][depth]} from {@code fromA} on by {@code [depth][columns]} from {@code
   * fromB} on; none of them may be 0.
   *
   * @param to receives the product from {@code at} on
   */
  static void multiply(
      float[] a,
      int fromA,
      float[] b,
      int fromB,
      float[] to,
      int at,
      int rows,
      int depth,
      int columns) {
    int each = Math.min(depth, Math.max(1, CACHED / columns / STEP) * STEP);
    float[][] part = new float[each][columns];
    float[] sums = new float[columns];
    for (int from = 0; from < depth; from += each) {
      int count = Math.min(depth - from, each);
      for (int k = 0; k < count; k++) {
        System.arraycopy(b, fromB + (from + k) * columns, part[k], 0, columns);
      }
      for (int row = 0; row < rows; row++) {
        if (from == 0) {
          // Nothing is added to -0, which the first product can be, by -0.
          Arrays.fill(sums, -0f);
        } else {
          System.arraycopy(to, at + row * columns, sums, 0, columns);
        }
        add(a, fromA + row * depth + from, part, count, sums);
        System.arraycopy(sums, 0, to, at + row * columns, columns);
      }
    }
  }

  // A row of the result with the products of a range of the depth.
  private static void add(float[] a, int from, float[][] part, int count, float[] sums) {
    int k = 0;
    for (; k + STEP <= count; k += STEP) {
      add(
          a[from + k],
          a[from + k + 1],
          a[from + k + 2],
          a[from + k + 3],
          part[k],
          part[k + 1],
          part[k + 2],
          part[k + 3],
          sums);
    }
    for (; k < count; k++) {
      add(a[from + k], part[k], sums);
    }
  }

  private static void add(float x, float[] row, float[] sums) {
    for (int j = 0; j < sums.length; j++) {
      sums[j] += x * row[j];
    }
  }

  private static void add(
      float x0,
      float x1,
      float x2,
      float x3,
      float[] row0,
      float[] row1,
      float[] row2,
      float[] row3,
      float[] sums) {
    for (int j = 0; j < sums.length; j++) {
      sums[j] = sums[j] + x0 * row0[j] + x1 * row1[j] + x2 * row2[j] + x3 * row3[j];
    }
  }
}
