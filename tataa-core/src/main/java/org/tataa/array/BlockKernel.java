package org.tataa.array;

import org.tataa.config.ArrayGeometry;
import org.tataa.numeric.PackedMac;

/**
 * The product of one X tile and one Y tile, {@code [rows][depth] x [depth][columns]}: what all PEs
 * together compute in a block, without the skew.
 */
public final class BlockKernel {
  private final int rows;
  private final int columns;
  private final int outputs;
  private final boolean packed;
  private final long[] pairs;
  private byte[] x = {};
  private byte[] y = {};
  private int stride;
  private int depth;

  /**
   * A kernel for an array.
   *
   * @param packed whether the two operands of a column go through one pre-adder
   * @param tileDepth most words of a tile
   */
  public BlockKernel(ArrayGeometry geometry, boolean packed, int tileDepth) {
    rows = geometry.rows();
    columns = geometry.columns();
    outputs = geometry.outputsPerColumn();
    this.packed = packed;
    pairs = new long[tileDepth * columns];
  }

  /**
   * Chooses the operands; the tiles are read when results are asked for.
   *
   * @param xTile words of {@code rows} bytes, that of row 0 last
   * @param yTile words of one or two bytes per column, {@code yStride} bytes apart
   * @param words operand words
   */
  public void use(byte[] xTile, byte[] yTile, int yStride, int words) {
    x = xTile;
    y = yTile;
    stride = yStride;
    depth = words;
  }

  /** Operand words of the block. */
  int depth() {
    return depth;
  }

  /** The activation of a row in a word; 0 outside the block. */
  int activation(long word, int row) {
    return word < 0 || word >= depth ? 0 : x[(int) word * rows + rows - 1 - row];
  }

  /** The packed operands of a column in a word; 0 outside the block. */
  int operand(long word, int column) {
    if (word < 0 || word >= depth) {
      return 0;
    }
    int at = (int) word * stride + outputs * column;
    int lo = y[at];
    if (outputs == 1) {
      return PeArray.packOperands(0, lo);
    }
    int hi = y[at + 1];
    return PeArray.packOperands(packed ? PackedMac.effectiveHi(hi, lo) : hi, lo);
  }

  // Two products per multiplication: the low one in bits 31:0, the high one above. The low sum of
  // 2^17 words still fits 32 bits; its borrow is taken back at the end.
  void addTo(int[] sumLo, int[] sumHi) {
    for (int word = 0; word < depth; word++) {
      int at = word * stride;
      for (int column = 0; column < columns; column++) {
        int lo = y[at];
        int hi = outputs == 1 ? 0 : y[at + 1];
        int effective = packed ? PackedMac.effectiveHi(hi, lo) : hi;
        pairs[word * columns + column] = ((long) effective << 32) + lo;
        at += outputs;
      }
    }
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column += 4) {
        addFour(row, column, sumLo, sumHi);
      }
    }
  }

  // Columns are a multiple of four (ArrayGeometry).
  private void addFour(int row, int column, int[] sumLo, int[] sumHi) {
    long sum0 = 0;
    long sum1 = 0;
    long sum2 = 0;
    long sum3 = 0;
    int from = rows - 1 - row;
    int at = column;
    for (int word = 0; word < depth; word++) {
      long activation = x[from];
      sum0 += activation * pairs[at];
      sum1 += activation * pairs[at + 1];
      sum2 += activation * pairs[at + 2];
      sum3 += activation * pairs[at + 3];
      from += rows;
      at += columns;
    }
    int i = row * columns + column;
    add(sum0, i, sumLo, sumHi);
    add(sum1, i + 1, sumLo, sumHi);
    add(sum2, i + 2, sumLo, sumHi);
    add(sum3, i + 3, sumLo, sumHi);
  }

  private static void add(long pair, int i, int[] sumLo, int[] sumHi) {
    int lo = (int) pair;
    sumLo[i] += lo;
    sumHi[i] += (int) ((pair - lo) >> 32);
  }
}
