package org.tataa.simd;

import org.tataa.numeric.PackedMac;

/**
 * The skewed edges of a systolic array: which operands of a block enter column 0 and row 0 in a
 * cycle. When word k stands at row 0 and column 0, row r takes word k - r and column c word k - c.
 * The weights of a column are packed, {@code hi * 2^16 + lo}.
 */
public final class SkewedFeed {
  private final int rows;
  private final int columns;
  private final int outputsPerColumn;
  private final int widest;
  private final boolean packed;

  /** A feed for blocks of a shape. */
  public SkewedFeed(BlockShape shape) {
    rows = shape.rows();
    columns = shape.columns();
    outputsPerColumn = shape.outputsPerColumn();
    widest = Math.max(rows, columns) - 1;
    packed = shape.hasPackedPairs();
  }

  /**
   * Whether a block has an operand for every row and column.
   *
   * @param input the word at row 0 and column 0
   * @param depth words of the block
   */
  public boolean isFull(long input, int depth) {
    return input >= widest && input < depth;
  }

  /**
   * The activations that enter; rows for which the block has none stay as they are.
   *
   * @param x words of one byte per row, that of row 0 last
   * @param depth words of the block
   * @param input the word at row 0, 0..depth+rows+columns
   * @param edge receives that of row r at r
   */
  public void feedRows(byte[] x, int depth, int input, int[] edge) {
    int first = Math.max(0, input - depth + 1);
    int end = Math.min(rows, input + 1);
    int at = (input - first) * rows + rows - 1 - first;
    // From one row to the next one word back and one byte to the left.
    for (int row = first; row < end; row++) {
      edge[row] = x[at];
      at -= rows + 1;
    }
  }

  /**
   * The weights that enter; columns for which the block has none stay as they are.
   *
   * @param y words of one or two bytes per column
   * @param stride bytes from word to word
   * @param depth words of the block
   * @param input the word at column 0, 0..depth+rows+columns
   * @param edge receives that of column c at c
   */
  public void feedColumns(byte[] y, int stride, int depth, int input, int[] edge) {
    int first = Math.max(0, input - depth + 1);
    int end = Math.min(columns, input + 1);
    int at = (input - first) * stride + outputsPerColumn * first;
    if (outputsPerColumn == 1) {
      feedSingles(y, at, stride - 1, edge, first, end);
    } else {
      feedPairs(y, at, stride - 2, packed, edge, first, end);
    }
  }

  private static void feedSingles(byte[] y, int from, int step, int[] edge, int first, int end) {
    int at = from;
    for (int i = first; i < end; i++) {
      edge[i] = y[at];
      at -= step;
    }
  }

  private static void feedPairs(
      byte[] y, int from, int step, boolean packed, int[] edge, int first, int end) {
    int at = from;
    for (int i = first; i < end; i++) {
      int lo = y[at];
      int hi = y[at + 1];
      edge[i] = ((packed ? PackedMac.effectiveHi(hi, lo) : hi) << 16) + lo;
      at -= step;
    }
  }
}
