package org.tataa.array;

import java.util.Arrays;
import org.tataa.state.ScanChain;

/** One plain PE after the other, as architecture.md draws them: what {@link PeArray} must equal. */
final class NaivePes {
  final int rows;
  final int columns;
  // Skew registers [row or column][0..row-1 or column-1], the first one is at the input.
  final int[][] skewX;
  final int[][] skewHi;
  final int[][] skewLo;
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
    skewX = triangle(rows);
    skewHi = triangle(columns);
    skewLo = triangle(columns);
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

  private static int[][] triangle(int n) {
    int[][] lines = new int[n][];
    for (int i = 0; i < n; i++) {
      lines[i] = new int[i];
    }
    return lines;
  }

  // From the last PE to the first, so that every PE still sees its neighbours of before the clock.
  void shift(int[] wordX, int[] wordHi, int[] wordLo) {
    for (int r = rows - 1; r >= 0; r--) {
      int left = delay(skewX[r], wordX[r]);
      for (int c = columns - 1; c >= 0; c--) {
        sumHi[r][c] += productHi[r][c];
        sumLo[r][c] += productLo[r][c];
        productHi[r][c] = x[r][c] * hi[r][c];
        productLo[r][c] = x[r][c] * lo[r][c];
        x[r][c] = c == 0 ? left : x[r][c - 1];
        if (r > 0) {
          hi[r][c] = hi[r - 1][c];
          lo[r][c] = lo[r - 1][c];
        }
      }
    }
    for (int c = 0; c < columns; c++) {
      hi[0][c] = delay(skewHi[c], wordHi[c]);
      lo[0][c] = delay(skewLo[c], wordLo[c]);
    }
  }

  private static int delay(int[] line, int in) {
    if (line.length == 0) {
      return in;
    }
    int out = line[line.length - 1];
    System.arraycopy(line, 0, line, 1, line.length - 1);
    line[0] = in;
    return out;
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

  /** Passes a chain over these registers in the order of {@link PeArray#scan}; reads only. */
  void scan(ScanChain chain) {
    chain.scan("skew.x", flat(skewX));
    chain.scan("skew.w", packed(skewHi, skewLo));
    chain.scan("pe.x", flat(x));
    chain.scan("pe.w", packed(hi, lo));
    chain.scan("pe.m", packed(productHi, productLo));
    chain.scan("pe.lo", flat(sumLo));
    chain.scan("pe.hi", flat(sumHi));
    chain.scan("pe.shadowLo", flat(shadowLo));
    chain.scan("pe.shadowHi", flat(shadowHi));
  }

  private static int[] flat(int[][] values) {
    return Arrays.stream(values).flatMapToInt(Arrays::stream).toArray();
  }

  private static long[] flat(long[][] values) {
    return Arrays.stream(values).flatMapToLong(Arrays::stream).toArray();
  }

  private static int[] packed(int[][] high, int[][] low) {
    int[] flatHigh = flat(high);
    int[] flatLow = flat(low);
    int[] packed = new int[flatHigh.length];
    for (int i = 0; i < packed.length; i++) {
      packed[i] = (flatHigh[i] << 16) + flatLow[i];
    }
    return packed;
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
