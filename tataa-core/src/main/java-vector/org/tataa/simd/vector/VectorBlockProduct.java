package org.tataa.simd.vector;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.tataa.simd.BlockProduct;
import org.tataa.simd.BlockShape;
import org.tataa.simd.TileChoice;

/**
 * Products in floats, which are exact: a sum of {@value #CHUNK} products of bytes is at most 2^21.
 * Sums start at 1.5 * 2^23, where the last bit of a float is worth one, so that their integers are
 * read off their patterns.
 *
 * <p>A tile of sums stays in registers: 8 rows of two vectors ("strips") of columns, of low or of
 * high sums, where there are 32 registers, else 4 rows. Both are written out, because only local
 * variables become registers. The operands of {@value #CHUNK} words are unpacked to floats at a
 * time; they stay in the first-level cache.
 */
final class VectorBlockProduct implements BlockProduct {
  /** Most words that are unpacked at once; 256 is what the sums allow. */
  static final int CHUNK = 128;

  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final int LANES = FLOATS.length();
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  // Whose bytes are as many as the floats of a vector; the narrowest processors have none.
  static final boolean HAS_BYTES = FLOATS.vectorBitSize() >= 256;
  static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(
          byte.class, VectorShape.forBitSize(Math.max(64, FLOATS.vectorBitSize() / 4)));
  private static final int ROWS = TileChoice.isWide() ? 8 : 4;
  private static final float ZERO = 0x1.8p23f;
  private static final int ZERO_BITS = 0x4b400000;

  private final BlockShape shape;
  private final Strips strips;
  // In the order of the X words: row 0 last. A last tile may read past the last word.
  private final float[] activations;
  // Row r of the first strip at 2 * LANES * r, of the second LANES later.
  private final float[] tile = new float[2 * ROWS * LANES];

  VectorBlockProduct(BlockShape shape) {
    this.shape = shape;
    strips = new Strips(shape);
    activations = new float[shape.rows() * CHUNK + ROWS];
  }

  @Override
  public void addTo(byte[] x, byte[] y, int yStride, int depth, int[] sumLo, int[] sumHi) {
    shape.checkDepth(depth);
    int rows = shape.rows();
    for (int from = 0; from < depth; from += CHUNK) {
      int words = Math.min(CHUNK, depth - from);
      unpack(x, rows * from, rows * words, activations);
      strips.unpack(y, yStride * from, yStride, words);
      for (int pair = 0; pair < strips.pairs(); pair++) {
        for (int at = 0; at < rows; at += ROWS) {
          if (ROWS == 4) {
            multiply4(activations, at, rows, strips.pair(pair), words, tile);
          } else {
            multiply8(activations, at, rows, strips.pair(pair), words, tile);
          }
          addStrip(at, 2 * pair, 0, sumLo, sumHi);
          addStrip(at, 2 * pair + 1, LANES, sumLo, sumHi);
        }
      }
    }
  }

  private static void unpack(byte[] bytes, int from, int count, float[] to) {
    int done = 0;
    if (HAS_BYTES) {
      for (; done < FLOATS.loopBound(count); done += LANES) {
        IntVector wide =
            (IntVector)
                ByteVector.fromArray(BYTES, bytes, from + done)
                    .convertShape(VectorOperators.B2I, INTS, 0);
        ((FloatVector) wide.convert(VectorOperators.I2F, 0)).intoArray(to, done);
      }
    }
    for (; done < count; done++) {
      to[done] = bytes[from + done];
    }
  }

  private static void multiply4(
      float[] x, int xFrom, int xStride, float[] y, int words, float[] tile) {
    FloatVector sum00 = FloatVector.broadcast(FLOATS, ZERO);
    FloatVector sum01 = sum00;
    FloatVector sum10 = sum00;
    FloatVector sum11 = sum00;
    FloatVector sum20 = sum00;
    FloatVector sum21 = sum00;
    FloatVector sum30 = sum00;
    FloatVector sum31 = sum00;
    int at = xFrom;
    for (int word = 0; word < words; word++) {
      FloatVector y0 = FloatVector.fromArray(FLOATS, y, 2 * LANES * word);
      FloatVector y1 = FloatVector.fromArray(FLOATS, y, 2 * LANES * word + LANES);
      FloatVector x0 = FloatVector.broadcast(FLOATS, x[at]);
      sum00 = x0.fma(y0, sum00);
      sum01 = x0.fma(y1, sum01);
      FloatVector x1 = FloatVector.broadcast(FLOATS, x[at + 1]);
      sum10 = x1.fma(y0, sum10);
      sum11 = x1.fma(y1, sum11);
      FloatVector x2 = FloatVector.broadcast(FLOATS, x[at + 2]);
      sum20 = x2.fma(y0, sum20);
      sum21 = x2.fma(y1, sum21);
      FloatVector x3 = FloatVector.broadcast(FLOATS, x[at + 3]);
      sum30 = x3.fma(y0, sum30);
      sum31 = x3.fma(y1, sum31);
      at += xStride;
    }
    sum00.intoArray(tile, 0);
    sum01.intoArray(tile, LANES);
    sum10.intoArray(tile, 2 * LANES);
    sum11.intoArray(tile, 3 * LANES);
    sum20.intoArray(tile, 4 * LANES);
    sum21.intoArray(tile, 5 * LANES);
    sum30.intoArray(tile, 6 * LANES);
    sum31.intoArray(tile, 7 * LANES);
  }

  private static void multiply8(
      float[] x, int xFrom, int xStride, float[] y, int words, float[] tile) {
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
    int at = xFrom;
    for (int word = 0; word < words; word++) {
      FloatVector y0 = FloatVector.fromArray(FLOATS, y, 2 * LANES * word);
      FloatVector y1 = FloatVector.fromArray(FLOATS, y, 2 * LANES * word + LANES);
      FloatVector x0 = FloatVector.broadcast(FLOATS, x[at]);
      sum00 = x0.fma(y0, sum00);
      sum01 = x0.fma(y1, sum01);
      FloatVector x1 = FloatVector.broadcast(FLOATS, x[at + 1]);
      sum10 = x1.fma(y0, sum10);
      sum11 = x1.fma(y1, sum11);
      FloatVector x2 = FloatVector.broadcast(FLOATS, x[at + 2]);
      sum20 = x2.fma(y0, sum20);
      sum21 = x2.fma(y1, sum21);
      FloatVector x3 = FloatVector.broadcast(FLOATS, x[at + 3]);
      sum30 = x3.fma(y0, sum30);
      sum31 = x3.fma(y1, sum31);
      FloatVector x4 = FloatVector.broadcast(FLOATS, x[at + 4]);
      sum40 = x4.fma(y0, sum40);
      sum41 = x4.fma(y1, sum41);
      FloatVector x5 = FloatVector.broadcast(FLOATS, x[at + 5]);
      sum50 = x5.fma(y0, sum50);
      sum51 = x5.fma(y1, sum51);
      FloatVector x6 = FloatVector.broadcast(FLOATS, x[at + 6]);
      sum60 = x6.fma(y0, sum60);
      sum61 = x6.fma(y1, sum61);
      FloatVector x7 = FloatVector.broadcast(FLOATS, x[at + 7]);
      sum70 = x7.fma(y0, sum70);
      sum71 = x7.fma(y1, sum71);
      at += xStride;
    }
    sum00.intoArray(tile, 0);
    sum01.intoArray(tile, LANES);
    sum10.intoArray(tile, 2 * LANES);
    sum11.intoArray(tile, 3 * LANES);
    sum20.intoArray(tile, 4 * LANES);
    sum21.intoArray(tile, 5 * LANES);
    sum30.intoArray(tile, 6 * LANES);
    sum31.intoArray(tile, 7 * LANES);
    sum40.intoArray(tile, 8 * LANES);
    sum41.intoArray(tile, 9 * LANES);
    sum50.intoArray(tile, 10 * LANES);
    sum51.intoArray(tile, 11 * LANES);
    sum60.intoArray(tile, 12 * LANES);
    sum61.intoArray(tile, 13 * LANES);
    sum70.intoArray(tile, 14 * LANES);
    sum71.intoArray(tile, 15 * LANES);
  }

  // Row r of the tile is byte at + r of the X words. What only fills up the tile is left out.
  private void addStrip(int at, int strip, int offset, int[] sumLo, int[] sumHi) {
    int[] sums = strips.isHigh(strip) ? sumHi : sumLo;
    int column = strips.column(strip);
    int columns = Math.min(LANES, shape.columns() - column);
    int rows = Math.min(ROWS, shape.rows() - at);
    int to = (shape.rows() - 1 - at) * shape.columns() + column;
    if (columns == LANES) {
      addVectors(tile, offset, rows, sums, to, shape.columns());
    } else {
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          int sum = Float.floatToRawIntBits(tile[2 * LANES * r + offset + c]) - ZERO_BITS;
          sums[to - r * shape.columns() + c] += sum;
        }
      }
    }
  }

  private static void addVectors(
      float[] tile, int offset, int rows, int[] sums, int first, int stride) {
    int to = first;
    for (int r = 0; r < rows; r++) {
      FloatVector.fromArray(FLOATS, tile, 2 * LANES * r + offset)
          .reinterpretAsInts()
          .sub(ZERO_BITS)
          .add(IntVector.fromArray(INTS, sums, to))
          .intoArray(sums, to);
      to -= stride;
    }
  }

  @Override
  public int largest(int[] sums, int count) {
    IntVector largest = IntVector.zero(INTS);
    int whole = INTS.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      largest = largest.max(IntVector.fromArray(INTS, sums, i).abs());
    }
    int result = largest.reduceLanes(VectorOperators.MAX);
    for (int i = whole; i < count; i++) {
      result = Math.max(result, Math.abs(sums[i]));
    }
    return result;
  }
}
