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
 * The weights of a block as floats. A strip is one vector of neighbouring columns, of their low or
 * of their high weights; strips are kept in pairs, the low and the high one of the same columns, or
 * with one output per column those of neighbouring columns.
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
    packed = shape.packed() && shape.outputsPerColumn() == 2;
    int vectors = (shape.columns() + LANES - 1) / LANES;
    int count = shape.outputsPerColumn() == 2 ? vectors : (vectors + 1) / 2;
    pairs = new float[count][2 * LANES * shape.tileDepth()];
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

  void unpack(byte[] y, int yStride, int depth) {
    for (int pair = 0; pair < pairs.length; pair++) {
      int column = column(2 * pair);
      if (shape.outputsPerColumn() == 2 && column + LANES <= shape.columns()) {
        interleaved(y, 2 * column, yStride, depth, pairs[pair]);
      } else {
        oneByOne(y, 2 * pair, 0, yStride, depth, pairs[pair]);
        oneByOne(y, 2 * pair + 1, LANES, yStride, depth, pairs[pair]);
      }
    }
  }

  // Low and high weights alternate: they are the halves of shorts.
  private void interleaved(byte[] y, int from, int yStride, int depth, float[] to) {
    for (int word = 0; word < depth; word++) {
      ShortVector both = ByteVector.fromArray(HALF, y, word * yStride + from).reinterpretAsShorts();
      IntVector wide = (IntVector) both.convertShape(VectorOperators.S2I, INTS, 0);
      IntVector lo = wide.lanewise(VectorOperators.LSHL, 24).lanewise(VectorOperators.ASHR, 24);
      IntVector hi = wide.lanewise(VectorOperators.ASHR, 8);
      // -128 beside a negative weight acts as +128: both hi + 127 and lo are negative.
      if (packed) {
        hi =
            hi.add(
                hi.add(127)
                    .and(lo)
                    .lanewise(VectorOperators.LSHR, 31)
                    .lanewise(VectorOperators.LSHL, 8));
      }
      store(lo, to, 2 * LANES * word);
      store(hi, to, 2 * LANES * word + LANES);
    }
  }

  private static void store(IntVector values, float[] to, int at) {
    ((FloatVector) values.convert(VectorOperators.I2F, 0)).intoArray(to, at);
  }

  private void oneByOne(byte[] y, int strip, int offset, int yStride, int depth, float[] to) {
    int outputs = shape.outputsPerColumn();
    int column = column(strip);
    int columns = Math.min(LANES, shape.columns() - column);
    int hi = isHigh(strip) ? 1 : 0;
    for (int word = 0; word < depth; word++) {
      int at = word * yStride + outputs * column + hi;
      for (int c = 0; c < columns; c++) {
        int weight = y[at + outputs * c];
        to[2 * LANES * word + offset + c] =
            packed && hi == 1 ? PackedMac.effectiveHi(weight, y[at + outputs * c - 1]) : weight;
      }
    }
  }
}
