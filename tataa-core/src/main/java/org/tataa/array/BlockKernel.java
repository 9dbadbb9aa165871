package org.tataa.array;

import org.tataa.numeric.PackedMac;
import org.tataa.simd.BlockProduct;
import org.tataa.simd.BlockShape;
import org.tataa.simd.HostKernels;

/**
 * The product of one X tile and one Y tile, {@code [rows][depth] x [depth][columns]}: what all PEs
 * together compute in a block, without the skew.
 */
public final class BlockKernel {
  private final int rows;
  private final int outputs;
  private final boolean packed;
  private final BlockProduct product;
  private byte[] x = {};
  private byte[] y = {};
  private int stride;
  private int depth;

  /** A kernel for blocks of a shape. */
  public BlockKernel(BlockShape shape) {
    rows = shape.rows();
    outputs = shape.outputsPerColumn();
    packed = shape.packed();
    product = HostKernels.best().blockProduct(shape);
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

  void addTo(int[] sumLo, int[] sumHi) {
    product.addTo(x, y, stride, depth, sumLo, sumHi);
  }

  /** The largest magnitude of {@code count} sums, none of them the lowest int. */
  public int largest(int[] sums, int count) {
    return product.largest(sums, count);
  }
}
