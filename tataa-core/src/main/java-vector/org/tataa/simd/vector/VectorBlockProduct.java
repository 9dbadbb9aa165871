package org.tataa.simd.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.tataa.simd.BlockProduct;
import org.tataa.simd.BlockShape;

/**
 * Products in floats, which are exact: a sum of {@value #CHUNK} products of bytes is at most 2^22.
 * Sums start at 1.5 * 2^23, where the last bit of a float is worth one, so that their integers are
 * read off their patterns.
 *
 * <p>A tile of sums stays in registers: {@value #ROWS} rows of two vectors ("strips") of columns,
 * of low or of high sums. Operands are unpacked to floats before.
 */
final class VectorBlockProduct implements BlockProduct {
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final int LANES = FLOATS.length();
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final int ROWS = 8;
  private static final int CHUNK = 256;
  private static final float ZERO = 0x1.8p23f;
  private static final int ZERO_BITS = 0x4b400000;

  private final BlockShape shape;
  private final Strips strips;
  // Word k of row r in panel r / 8 at 8 * k + r % 8.
  private final float[][] activations;
  private final int[] tile = new int[2 * ROWS * LANES];

  VectorBlockProduct(BlockShape shape) {
    this.shape = shape;
    strips = new Strips(shape);
    activations = new float[(shape.rows() + ROWS - 1) / ROWS][ROWS * shape.tileDepth()];
  }

  @Override
  public void addTo(byte[] x, byte[] y, int yStride, int depth, int[] sumLo, int[] sumHi) {
    shape.checkDepth(depth);
    strips.unpack(y, yStride, depth);
    for (int row = 0; row < shape.rows(); row++) {
      spread(x, row, depth);
    }
    for (int from = 0; from < depth; from += CHUNK) {
      int to = Math.min(depth, from + CHUNK);
      for (int pair = 0; pair < strips.pairs(); pair++) {
        for (int panel = 0; panel < activations.length; panel++) {
          multiply(activations[panel], strips.pair(pair), from, to, tile);
          addStrip(ROWS * panel, 2 * pair, 0, sumLo, sumHi);
          addStrip(ROWS * panel, 2 * pair + 1, LANES, sumLo, sumHi);
        }
      }
    }
  }

  private void spread(byte[] x, int row, int depth) {
    float[] panel = activations[row / ROWS];
    int lane = row % ROWS;
    int rows = shape.rows();
    int at = rows - 1 - row;
    for (int word = 0; word < depth; word++) {
      panel[ROWS * word + lane] = x[at];
      at += rows;
    }
  }

  private static void multiply(float[] x, float[] y, int from, int to, int[] tile) {
    FloatVector sum00 = FloatVector.broadcast(FLOATS, ZERO);
    FloatVector sum01 = sum00;
    FloatVector sum10 = sum00;
    FloatVector sum11 = sum00;
    FloatVector sum20 = sum00;
    FloatVector sum21 = sum00;
    FloatVector sum30 = sum00;
    FloatVector sum31 = sum00;
    FloatVector sum40 = sum00;
    FloatVector sum41 = sum00;
    FloatVector sum50 = sum00;
    FloatVector sum51 = sum00;
    FloatVector sum60 = sum00;
    FloatVector sum61 = sum00;
    FloatVector sum70 = sum00;
    FloatVector sum71 = sum00;
    for (int word = from; word < to; word++) {
      FloatVector y0 = FloatVector.fromArray(FLOATS, y, 2 * LANES * word);
      FloatVector y1 = FloatVector.fromArray(FLOATS, y, 2 * LANES * word + LANES);
      FloatVector x0 = FloatVector.broadcast(FLOATS, x[ROWS * word]);
      sum00 = x0.fma(y0, sum00);
      sum01 = x0.fma(y1, sum01);
      FloatVector x1 = FloatVector.broadcast(FLOATS, x[ROWS * word + 1]);
      sum10 = x1.fma(y0, sum10);
      sum11 = x1.fma(y1, sum11);
      FloatVector x2 = FloatVector.broadcast(FLOATS, x[ROWS * word + 2]);
      sum20 = x2.fma(y0, sum20);
      sum21 = x2.fma(y1, sum21);
      FloatVector x3 = FloatVector.broadcast(FLOATS, x[ROWS * word + 3]);
      sum30 = x3.fma(y0, sum30);
      sum31 = x3.fma(y1, sum31);
      FloatVector x4 = FloatVector.broadcast(FLOATS, x[ROWS * word + 4]);
      sum40 = x4.fma(y0, sum40);
      sum41 = x4.fma(y1, sum41);
      FloatVector x5 = FloatVector.broadcast(FLOATS, x[ROWS * word + 5]);
      sum50 = x5.fma(y0, sum50);
      sum51 = x5.fma(y1, sum51);
      FloatVector x6 = FloatVector.broadcast(FLOATS, x[ROWS * word + 6]);
      sum60 = x6.fma(y0, sum60);
      sum61 = x6.fma(y1, sum61);
      FloatVector x7 = FloatVector.broadcast(FLOATS, x[ROWS * word + 7]);
      sum70 = x7.fma(y0, sum70);
      sum71 = x7.fma(y1, sum71);
    }
    sum00.reinterpretAsInts().sub(ZERO_BITS).intoArray(tile, 0);
    sum01.reinterpretAsInts().sub(ZERO_BITS).intoArray(tile, LANES);
    sum10.reinterpretAsInts().sub(ZERO_BITS).intoArray(tile, 2 * LANES);
    sum11.reinterpretAsInts().sub(ZERO_BITS).intoArray(tile, 3 * LANES);
    sum20.reinterpretAsInts().sub(ZERO_BITS).intoArray(tile, 4 * LANES);
    sum21.reinterpretAsInts().sub(ZERO_BITS).intoArray(tile, 5 * LANES);
    sum30.reinterpretAsInts().sub(ZERO_BITS).intoArray(tile, 6 * LANES);
    sum31.reinterpretAsInts().sub(ZERO_BITS).intoArray(tile, 7 * LANES);
    sum40.reinterpretAsInts().sub(ZERO_BITS).intoArray(tile, 8 * LANES);
    sum41.reinterpretAsInts().sub(ZERO_BITS).intoArray(tile, 9 * LANES);
    sum50.reinterpretAsInts().sub(ZERO_BITS).intoArray(tile, 10 * LANES);
    sum51.reinterpretAsInts().sub(ZERO_BITS).intoArray(tile, 11 * LANES);
    sum60.reinterpretAsInts().sub(ZERO_BITS).intoArray(tile, 12 * LANES);
    sum61.reinterpretAsInts().sub(ZERO_BITS).intoArray(tile, 13 * LANES);
    sum70.reinterpretAsInts().sub(ZERO_BITS).intoArray(tile, 14 * LANES);
    sum71.reinterpretAsInts().sub(ZERO_BITS).intoArray(tile, 15 * LANES);
  }

  // Rows and columns that only fill up a tile are left out.
  private void addStrip(int row, int strip, int offset, int[] sumLo, int[] sumHi) {
    int[] sums = strips.isHigh(strip) ? sumHi : sumLo;
    int column = strips.column(strip);
    int columns = Math.min(LANES, shape.columns() - column);
    int rows = Math.min(ROWS, shape.rows() - row);
    for (int r = 0; r < rows; r++) {
      int from = 2 * LANES * r + offset;
      int to = (row + r) * shape.columns() + column;
      if (columns == LANES) {
        IntVector.fromArray(INTS, sums, to)
            .add(IntVector.fromArray(INTS, tile, from))
            .intoArray(sums, to);
      } else {
        for (int c = 0; c < columns; c++) {
          sums[to + c] += tile[from + c];
        }
      }
    }
  }
}
