package org.tataa.array;

import java.util.Arrays;

/** One plain PE after the other, as architecture.md draws them: what {@link PeArray} must equal. */
final class NaivePes {
  final int rows;
  final int columns;
  final int[][] x;
  final int[][] hi;
  final int[][] lo;
  final int[][] productHi;
  final int[][] productLo;
  final long[][] sumHi;
  final long[][] sumLo;
  final long[][] shadowHi;
  final long[][] shadowLo;

  NaivePes(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
    x = new int[rows][columns];
    hi = new int[rows][columns];
    lo = new int[rows][columns];
    productHi = new int[rows][columns];
    productLo = new int[rows][columns];
    sumHi = new long[rows][columns];
    sumLo = new long[rows][columns];
    shadowHi = new long[rows][columns];
    shadowLo = new long[rows][columns];
  }

  // From the last PE to the first, so that every PE still sees its neighbours of before the clock.
  void shift(int[] leftEdge, int[] topHi, int[] topLo) {
    for (int r = rows - 1; r >= 0; r--) {
      for (int c = columns - 1; c >= 0; c--) {
        sumHi[r][c] += productHi[r][c];
        sumLo[r][c] += productLo[r][c];
        productHi[r][c] = x[r][c] * hi[r][c];
        productLo[r][c] = x[r][c] * lo[r][c];
        x[r][c] = c == 0 ? leftEdge[r] : x[r][c - 1];
        hi[r][c] = r == 0 ? topHi[c] : hi[r - 1][c];
        lo[r][c] = r == 0 ? topLo[c] : lo[r - 1][c];
      }
    }
  }

  void clearSums() {
    for (int r = 0; r < rows; r++) {
      Arrays.fill(sumHi[r], 0);
      Arrays.fill(sumLo[r], 0);
    }
  }

  void captureDiagonal(int diagonal) {
    for (int r = 0; r < rows; r++) {
      int c = diagonal - r;
      if (c >= 0 && c < columns) {
        shadowHi[r][c] = sumHi[r][c];
        shadowLo[r][c] = sumLo[r][c];
      }
    }
  }

  void clearDiagonal(int diagonal) {
    for (int r = 0; r < rows; r++) {
      int c = diagonal - r;
      if (c >= 0 && c < columns) {
        sumHi[r][c] = 0;
        sumLo[r][c] = 0;
      }
    }
  }

  PeView view(int r, int c) {
    return new PeView(
        r,
        c,
        x[r][c],
        hi[r][c],
        lo[r][c],
        productHi[r][c],
        productLo[r][c],
        sumHi[r][c],
        sumLo[r][c]);
  }
}
