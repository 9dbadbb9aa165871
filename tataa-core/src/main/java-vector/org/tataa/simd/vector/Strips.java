package org.tataa.simd.vector;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.tataa.numeric.PackedMac;
import org.tataa.simd.BlockShape;

/**
 * The weights of some words of a block as floats. A strip is one vector of neighbouring columns, of
 * their low or of their high weights; strips are kept in pairs, the low and the high one of the
 * same columns, or with one output per column those of neighbouring columns.
 */
final class Strips {
  private static final int LANES = VectorBlockProduct.LANES;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  // Vectors whose shorts are as many as the ints of a whole one.
  private static final VectorSpecies<Byte> HALF =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(INTS.vectorBitSize() / 2));

  private final BlockShape shape;
  private final boolean packed;
  // Lane l of word k: of the first strip of a pair at 2 * LANES * k + l, of the second LANES later.
  private final float[][] pairs;

  Strips(BlockShape shape) {
    this.shape = shape;
    packed = shape.hasPackedPairs();
    int vectors = (shape.columns() + LANES - 1) / LANES;
    int count = shape.outputsPerColumn() == 2 ? vectors : (vectors + 1) / 2;
    pairs = new float[count][2 * LANES * VectorBlockProduct.CHUNK];
  }

  int pairs() {
    return pairs.length;
  }

  float[] pair(int pair) {
    return pairs[pair];
  }

  boolean isHigh(int strip) {
    return shape.outputsPerColumn() == 2 && (strip & 1) != 0;
  }

  /** First column of a strip; past the last column if it only fills up a pair. */
  int column(int strip) {
    return (shape.outputsPerColumn() == 2 ? strip >> 1 : strip) * LANES;
  }

  void unpack(byte[] y, int from, int yStride, int words) {
    for (int pair = 0; pair < pairs.length; pair++) {
      int column = column(2 * pair);
      if (shape.outputsPerColumn() == 2 && column + LANES <= shape.columns()) {
        interleaved(y, from + 2 * column, yStride, words, packed ? 1 : 0, pairs[pair]);
      } else {
        unpackStrip(y, 2 * pair, from, 0, yStride, words);
        unpackStrip(y, 2 * pair + 1, from, LANES, yStride, words);
      }
    }
  }

  private void unpackStrip(byte[] y, int strip, int from, int offset, int yStride, int words) {
    int column = column(strip);
    float[] to = pairs[strip >> 1];
    boolean whole = shape.outputsPerColumn() == 1 && column + LANES <= shape.columns();
    if (whole && VectorBlockProduct.HAS_BYTES) {
      contiguous(y, from + column, yStride, words, to, offset);
    } else {
      oneByOne(y, strip, from, offset, yStride, words, to);
    }
  }

  // Low and high weights alternate: they are the halves of shorts. Packed, -128 beside a negative
  // weight acts as +128: both hi + 127 and lo are negative then.
  private static void interleaved(
      byte[] y, int from, int yStride, int words, int packed, float[] to) {
    int at = from;
    for (int word = 0; word < words; word++) {
      ShortVector both = ByteVector.fromArray(HALF, y, at).reinterpretAsShorts();
      IntVector wide = (IntVector) both.convertShape(VectorOperators.S2I, INTS, 0);
      IntVector lo = wide.lanewise(VectorOperators.LSHL, 24).lanewise(VectorOperators.ASHR, 24);
      IntVector hi = wide.lanewise(VectorOperators.ASHR, 8);
      IntVector overflow = hi.add(127).and(lo).lanewise(VectorOperators.LSHR, 31).and(packed);
      IntVector effective = hi.add(overflow.lanewise(VectorOperators.LSHL, 8));
      ((FloatVector) lo.convert(VectorOperators.I2F, 0)).intoArray(to, 2 * LANES * word);
      ((FloatVector) effective.convert(VectorOperators.I2F, 0))
          .intoArray(to, 2 * LANES * word + LANES);
      at += yStride;
    }
  }

  private static void contiguous(
      byte[] y, int from, int yStride, int words, float[] to, int offset) {
    int at = from;
    for (int word = 0; word < words; word++) {
      IntVector wide =
          (IntVector)
              ByteVector.fromArray(VectorBlockProduct.BYTES, y, at)
                  .convertShape(VectorOperators.B2I, INTS, 0);
      ((FloatVector) wide.convert(VectorOperators.I2F, 0)).intoArray(to, 2 * LANES * word + offset);
      at += yStride;
    }
  }

  private void oneByOne(
      byte[] y, int strip, int from, int offset, int yStride, int words, float[] to) {
    int outputs = shape.outputsPerColumn();
    int column = column(strip);
    int columns = Math.min(LANES, shape.columns() - column);
    int hi = isHigh(strip) ? 1 : 0;
    for (int word = 0; word < words; word++) {
      int at = from + word * yStride + outputs * column + hi;
      for (int c = 0; c < columns; c++) {
        int weight = y[at + outputs * c];
        to[2 * LANES * word + offset + c] =
            packed && hi == 1 ? PackedMac.effectiveHi(weight, y[at + outputs * c - 1]) : weight;
      }
    }
  }
}
