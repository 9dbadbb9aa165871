package org.tataa.compiler;

import java.util.ArrayList;
import java.util.List;
import org.tataa.config.ArrayGeometry;

/** Cuts the blocks of a product's result into a grid of shares, one for each core. */
final class ProductShares {
  /**
   * What one core computes.
   *
   * @param rows rows of the result
   * @param columns columns of the result
   */
  record Share(Int8Matrix.Range rows, Int8Matrix.Range columns) {}

  private ProductShares() {}

  /** Shares of a result of {@code m x n}; the largest one has as few blocks as possible. */
  static List<Share> of(ArrayGeometry geometry, int cores, int m, int n) {
    int down = parts(m, geometry.rows());
    int across = parts(n, geometry.outputs());
    int bestRows = 1;
    long fewest = Long.MAX_VALUE;
    for (int rows = 1; rows <= Math.min(cores, down); rows++) {
      int columns = Math.min(cores / rows, across);
      long largest = (long) parts(down, rows) * parts(across, columns);
      if (largest < fewest) {
        fewest = largest;
        bestRows = rows;
      }
    }
    int columns = Math.min(cores / bestRows, across);
    List<Share> shares = new ArrayList<>();
    for (int row = 0; row < bestRows; row++) {
      for (int column = 0; column < columns; column++) {
        shares.add(
            new Share(
                range(down, bestRows, row, geometry.rows(), m),
                range(across, columns, column, geometry.outputs(), n)));
      }
    }
    return shares;
  }

  private static int parts(int length, int each) {
    return (length + each - 1) / each;
  }

  private static Int8Matrix.Range range(int blocks, int shares, int share, int block, int length) {
    int from = (int) ((long) blocks * share / shares);
    int to = (int) ((long) blocks * (share + 1) / shares);
    return new Int8Matrix.Range(from * block, Math.min(length, to * block));
  }
}
