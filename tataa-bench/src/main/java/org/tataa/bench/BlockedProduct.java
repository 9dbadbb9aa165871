package org.tataa.bench;

import java.util.Arrays;
import org.tataa.simd.BlockProduct;
import org.tataa.simd.BlockShape;
import org.tataa.simd.HostKernels;

/**
 * A plain blocked product of whole int8 matrices to int32, with the host's vectors and no simulator
 * around it: what fast simulation is measured against. Blocks of 32 rows, 64 columns and up to 512
 * of the inner dimension; operands are brought into the order of the blocks first, each once.
 */
final class BlockedProduct {
  private static final int ROWS = 32;
  private static final int COLUMNS = 64;
  private static final int DEPTH = 512;

  private final BlockProduct blocks;
  private final int m;
  private final int k;
  private final int n;
  private final byte[][] x;
  private final byte[][] y;
  private final int[] sums = new int[ROWS * COLUMNS];

  /** For matrices {@code m x k} and {@code k x n}. */
  BlockedProduct(HostKernels kernels, int m, int k, int n) {
    if (m % ROWS != 0 || n % COLUMNS != 0) {
      throw new IllegalArgumentException("m=" + m + " n=" + n + " are no multiples of 32 and 64");
    }
    this.m = m;
    this.k = k;
    this.n = n;
    blocks = kernels.blockProduct(new BlockShape(ROWS, COLUMNS, 1, false, DEPTH));
    int slices = (k + DEPTH - 1) / DEPTH;
    x = new byte[slices * (m / ROWS)][ROWS * DEPTH];
    y = new byte[slices * (n / COLUMNS)][COLUMNS * DEPTH];
  }

  /** {@code c = a * b}, all row by row. */
  void multiply(byte[] a, byte[] b, int[] c) {
    order(a, b);
    for (int row = 0; row < m; row += ROWS) {
      for (int column = 0; column < n; column += COLUMNS) {
        Arrays.fill(sums, 0);
        for (int from = 0, slice = 0; from < k; from += DEPTH, slice++) {
          blocks.addTo(
              x[slice * (m / ROWS) + row / ROWS],
              y[slice * (n / COLUMNS) + column / COLUMNS],
              COLUMNS,
              Math.min(DEPTH, k - from),
              sums,
              sums);
        }
        for (int r = 0; r < ROWS; r++) {
          System.arraycopy(sums, r * COLUMNS, c, (row + r) * n + column, COLUMNS);
        }
      }
    }
  }

  private void order(byte[] a, byte[] b) {
    for (int i = 0; i < k; i++) {
      int slice = i / DEPTH;
      int word = i % DEPTH;
      for (int row = 0; row < m; row++) {
        x[slice * (m / ROWS) + row / ROWS][word * ROWS + ROWS - 1 - row % ROWS] = a[row * k + i];
      }
      for (int column = 0; column < n; column += COLUMNS) {
        System.arraycopy(
            b,
            i * n + column,
            y[slice * (n / COLUMNS) + column / COLUMNS],
            word * COLUMNS,
            COLUMNS);
      }
    }
  }
}
