package org.tataa.simd.vector;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.tataa.simd.HostKernels;
import org.tataa.simd.RequantiseKernel;

/**
 * Conversions in doubles, in which the product of a sum and a scale is exact, and in floats for
 * bfloat16 operands, whose 8 bits times 16 are exact there. Adding 1.5 * 2^52 (1.5 * 2^23) rounds
 * to an integer, to nearest even, and leaves it in the low bits of the pattern; operands are
 * limited before to where a result is surely saturated, so that the integer fits.
 *
 * <p>Needs vectors of 256 bits or more; values that fill no vector are left to the scalar kernel. A
 * loop calls nothing but the Vector API (see VectorLanes).
 */
final class VectorRequantise implements RequantiseKernel {
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final int BITS = INTS.vectorBitSize();
  private static final int LANES = INTS.length();
  private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, shape(BITS / 4));

  // As many sums as there are doubles in a vector, their shorts, and their bytes, for which 256
  // bits are too few.
  private static final VectorSpecies<Integer> SUMS = VectorSpecies.of(int.class, shape(BITS / 2));
  private static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class, shape(BITS / 4));
  private static final VectorSpecies<Byte> SUM_BYTES =
      VectorSpecies.of(byte.class, shape(Math.max(64, BITS / 8)));
  private static final int STEP = SUMS.length();
  private static final boolean HAS_SUM_BYTES = SUM_BYTES.length() == STEP;

  private static final double ROUND_DOUBLE = 0x1.8p52;
  private static final float ROUND_FLOAT = 0x1.8p23f;
  private static final int ROUND_FLOAT_BITS = 0x4b400000;
  // Larger than any result that is not saturated.
  private static final double LIMIT = 130;
  // From the exponent of a double, 45 mantissa bits below those of bfloat16, to that of a bfloat16.
  private static final int DROPPED = 45;
  private static final int BIAS_DIFFERENCE = 1023 - 127;

  private final RequantiseKernel scalar = HostKernels.scalar().requantise();

  private static VectorShape shape(int bits) {
    return VectorShape.forBitSize(bits);
  }

  @Override
  public int accToInt8(
      int[] lo,
      int[] hi,
      int from,
      int columns,
      int outputsPerColumn,
      int mantissa,
      int rightShift,
      byte[] out,
      int outFrom) {
    double scale = mantissa / (double) (1L << rightShift);
    // Beyond it a result is saturated, and stays so when the sum is limited.
    int limit = (int) Math.min(Integer.MAX_VALUE, Math.ceil(LIMIT / Math.abs(scale)));
    int whole = outputsPerColumn == 2 || HAS_SUM_BYTES ? SUMS.loopBound(columns) : 0;
    int saturated = 0;
    if (whole > 0) {
      saturated =
          outputsPerColumn == 2
              ? pairsToInt8(lo, hi, from, whole, scale, limit, out, outFrom)
              : singlesToInt8(lo, from, whole, scale, limit, out, outFrom);
    }
    return whole == columns
        ? saturated
        : saturated
            + scalar.accToInt8(
                lo,
                hi,
                from + whole,
                columns - whole,
                outputsPerColumn,
                mantissa,
                rightShift,
                out,
                outFrom + whole * outputsPerColumn);
  }

  // The sign bit of d | -d tells whether d is not zero: whether clipping changed a value.
  private static int pairsToInt8(
      int[] lo, int[] hi, int from, int columns, double scale, int limit, byte[] out, int outFrom) {
    DoubleVector scales = DoubleVector.broadcast(DOUBLES, scale);
    DoubleVector round = DoubleVector.broadcast(DOUBLES, ROUND_DOUBLE);
    IntVector most = IntVector.broadcast(SUMS, limit);
    IntVector least = IntVector.broadcast(SUMS, -limit - 1);
    IntVector highest = IntVector.broadcast(SUMS, Byte.MAX_VALUE);
    IntVector lowest = IntVector.broadcast(SUMS, Byte.MIN_VALUE);
    IntVector lowByte = IntVector.broadcast(SUMS, 0xff);
    IntVector saturated = IntVector.zero(SUMS);
    for (int i = 0; i < columns; i += STEP) {
      IntVector loSum = IntVector.fromArray(SUMS, lo, from + i).min(most).max(least);
      IntVector hiSum = IntVector.fromArray(SUMS, hi, from + i).min(most).max(least);
      DoubleVector loExact = (DoubleVector) loSum.convertShape(VectorOperators.I2D, DOUBLES, 0);
      DoubleVector hiExact = (DoubleVector) hiSum.convertShape(VectorOperators.I2D, DOUBLES, 0);
      LongVector loBits = loExact.mul(scales).add(round).reinterpretAsLongs();
      LongVector hiBits = hiExact.mul(scales).add(round).reinterpretAsLongs();
      IntVector loRounded = (IntVector) loBits.convertShape(VectorOperators.L2I, SUMS, 0);
      IntVector hiRounded = (IntVector) hiBits.convertShape(VectorOperators.L2I, SUMS, 0);
      IntVector loClipped = loRounded.min(highest).max(lowest);
      IntVector hiClipped = hiRounded.min(highest).max(lowest);
      IntVector loChange = loRounded.sub(loClipped);
      IntVector hiChange = hiRounded.sub(hiClipped);
      IntVector loChanged = loChange.lanewise(VectorOperators.NEG).or(loChange);
      IntVector hiChanged = hiChange.lanewise(VectorOperators.NEG).or(hiChange);
      saturated =
          saturated
              .add(loChanged.lanewise(VectorOperators.LSHR, 31))
              .add(hiChanged.lanewise(VectorOperators.LSHR, 31));
      IntVector pairs = hiClipped.lanewise(VectorOperators.LSHL, 8).or(loClipped.and(lowByte));
      ((ShortVector) pairs.convertShape(VectorOperators.I2S, SHORTS, 0))
          .reinterpretAsBytes()
          .intoArray(out, outFrom + 2 * i);
    }
    return saturated.reduceLanes(VectorOperators.ADD);
  }

  private static int singlesToInt8(
      int[] lo, int from, int columns, double scale, int limit, byte[] out, int outFrom) {
    DoubleVector scales = DoubleVector.broadcast(DOUBLES, scale);
    DoubleVector round = DoubleVector.broadcast(DOUBLES, ROUND_DOUBLE);
    IntVector most = IntVector.broadcast(SUMS, limit);
    IntVector least = IntVector.broadcast(SUMS, -limit - 1);
    IntVector highest = IntVector.broadcast(SUMS, Byte.MAX_VALUE);
    IntVector lowest = IntVector.broadcast(SUMS, Byte.MIN_VALUE);
    IntVector saturated = IntVector.zero(SUMS);
    for (int i = 0; i < columns; i += STEP) {
      IntVector sum = IntVector.fromArray(SUMS, lo, from + i).min(most).max(least);
      DoubleVector exact = (DoubleVector) sum.convertShape(VectorOperators.I2D, DOUBLES, 0);
      LongVector bits = exact.mul(scales).add(round).reinterpretAsLongs();
      IntVector rounded = (IntVector) bits.convertShape(VectorOperators.L2I, SUMS, 0);
      IntVector clipped = rounded.min(highest).max(lowest);
      IntVector change = rounded.sub(clipped);
      IntVector changed = change.lanewise(VectorOperators.NEG).or(change);
      saturated = saturated.add(changed.lanewise(VectorOperators.LSHR, 31));
      ((ByteVector) clipped.convertShape(VectorOperators.I2B, SUM_BYTES, 0))
          .intoArray(out, outFrom + i);
    }
    return saturated.reduceLanes(VectorOperators.ADD);
  }

  @Override
  public void accToBf16(
      int[] lo,
      int[] hi,
      int from,
      int columns,
      int outputsPerColumn,
      int mantissa,
      int rightShift,
      byte[] out,
      int outFrom) {
    int offset = BIAS_DIFFERENCE + rightShift << 7;
    int whole = SUMS.loopBound(columns);
    if (whole > 0) {
      if (outputsPerColumn == 2) {
        pairsToBf16(lo, hi, from, whole, mantissa, offset, out, outFrom);
      } else {
        singlesToBf16(lo, from, whole, mantissa, offset, out, outFrom);
      }
    }
    if (whole < columns) {
      scalar.accToBf16(
          lo,
          hi,
          from + whole,
          columns - whole,
          outputsPerColumn,
          mantissa,
          rightShift,
          out,
          outFrom + 2 * whole * outputsPerColumn);
    }
  }

  // The pattern of a double rounded to sign, exponent and 7 bits of mantissa, then the exponent
  // moved: those of products, 2^-31 to 2^47, are far from the ends of the range. A zero is +0.
  private static void pairsToBf16(
      int[] lo,
      int[] hi,
      int from,
      int columns,
      int mantissa,
      int offset,
      byte[] out,
      int outFrom) {
    DoubleVector scale = DoubleVector.broadcast(DOUBLES, mantissa);
    LongVector one = LongVector.broadcast(LONGS, 1);
    LongVector belowHalf = LongVector.broadcast(LONGS, (1L << DROPPED - 1) - 1);
    IntVector magnitudes = IntVector.broadcast(SUMS, 0x3ffff);
    IntVector offsets = IntVector.broadcast(SUMS, offset);
    IntVector sign = IntVector.broadcast(SUMS, 0x8000);
    for (int i = 0; i < columns; i += STEP) {
      IntVector loSum = IntVector.fromArray(SUMS, lo, from + i);
      IntVector hiSum = IntVector.fromArray(SUMS, hi, from + i);
      DoubleVector loExact = (DoubleVector) loSum.convertShape(VectorOperators.I2D, DOUBLES, 0);
      DoubleVector hiExact = (DoubleVector) hiSum.convertShape(VectorOperators.I2D, DOUBLES, 0);
      LongVector loBits = loExact.mul(scale).reinterpretAsLongs();
      LongVector hiBits = hiExact.mul(scale).reinterpretAsLongs();
      LongVector loOdd = loBits.lanewise(VectorOperators.LSHR, DROPPED).and(one);
      LongVector hiOdd = hiBits.lanewise(VectorOperators.LSHR, DROPPED).and(one);
      LongVector loKept = loOdd.add(loBits).add(belowHalf).lanewise(VectorOperators.LSHR, DROPPED);
      LongVector hiKept = hiOdd.add(hiBits).add(belowHalf).lanewise(VectorOperators.LSHR, DROPPED);
      IntVector loValue = (IntVector) loKept.convertShape(VectorOperators.L2I, SUMS, 0);
      IntVector hiValue = (IntVector) hiKept.convertShape(VectorOperators.L2I, SUMS, 0);
      IntVector loMagnitude = loValue.and(magnitudes);
      IntVector hiMagnitude = hiValue.and(magnitudes);
      IntVector loSign = loValue.lanewise(VectorOperators.LSHR, 3).and(sign);
      IntVector hiSign = hiValue.lanewise(VectorOperators.LSHR, 3).and(sign);
      IntVector loNotZero =
          loMagnitude.lanewise(VectorOperators.NEG).lanewise(VectorOperators.ASHR, 31);
      IntVector hiNotZero =
          hiMagnitude.lanewise(VectorOperators.NEG).lanewise(VectorOperators.ASHR, 31);
      IntVector low = loMagnitude.sub(offsets).or(loSign).and(loNotZero);
      IntVector high = hiMagnitude.sub(offsets).or(hiSign).and(hiNotZero);
      high.lanewise(VectorOperators.LSHL, 16)
          .or(low)
          .reinterpretAsBytes()
          .intoArray(out, outFrom + 4 * i);
    }
  }

  private static void singlesToBf16(
      int[] lo, int from, int columns, int mantissa, int offset, byte[] out, int outFrom) {
    DoubleVector scale = DoubleVector.broadcast(DOUBLES, mantissa);
    LongVector one = LongVector.broadcast(LONGS, 1);
    LongVector belowHalf = LongVector.broadcast(LONGS, (1L << DROPPED - 1) - 1);
    IntVector magnitudes = IntVector.broadcast(SUMS, 0x3ffff);
    IntVector offsets = IntVector.broadcast(SUMS, offset);
    IntVector sign = IntVector.broadcast(SUMS, 0x8000);
    for (int i = 0; i < columns; i += STEP) {
      IntVector sum = IntVector.fromArray(SUMS, lo, from + i);
      DoubleVector exact = (DoubleVector) sum.convertShape(VectorOperators.I2D, DOUBLES, 0);
      LongVector bits = exact.mul(scale).reinterpretAsLongs();
      LongVector odd = bits.lanewise(VectorOperators.LSHR, DROPPED).and(one);
      LongVector kept = odd.add(bits).add(belowHalf).lanewise(VectorOperators.LSHR, DROPPED);
      IntVector value = (IntVector) kept.convertShape(VectorOperators.L2I, SUMS, 0);
      IntVector magnitude = value.and(magnitudes);
      IntVector isNotZero =
          magnitude.lanewise(VectorOperators.NEG).lanewise(VectorOperators.ASHR, 31);
      IntVector pattern =
          magnitude
              .sub(offsets)
              .or(value.lanewise(VectorOperators.LSHR, 3).and(sign))
              .and(isNotZero);
      ((ShortVector) pattern.convertShape(VectorOperators.I2S, SHORTS, 0))
          .reinterpretAsBytes()
          .intoArray(out, outFrom + 2 * i);
    }
  }

  @Override
  public long bf16ToInt8(
      int[] lo, int from, int count, int mantissa, int rightShift, byte[] out, int outFrom) {
    // Without a scale an infinity is no number either: not here.
    int whole = mantissa == 0 ? 0 : INTS.loopBound(count);
    long reported = 0;
    if (whole > 0) {
      float scale = mantissa / (float) (1L << rightShift);
      // The next pattern above the quotient, whatever its rounding.
      int limit = (Float.floatToRawIntBits((float) LIMIT / Math.abs(scale)) >>> 16) + 1;
      reported = patternsToInt8(lo, from, whole, scale, limit, out, outFrom);
    }
    return whole == count
        ? reported
        : reported
            + scalar.bf16ToInt8(
                lo, from + whole, count - whole, mantissa, rightShift, out, outFrom + whole);
  }

  // NaN and denormals count as zeros.
  private static long patternsToInt8(
      int[] lo, int from, int count, float scale, int limit, byte[] out, int outFrom) {
    FloatVector scales = FloatVector.broadcast(FLOATS, scale);
    FloatVector round = FloatVector.broadcast(FLOATS, ROUND_FLOAT);
    IntVector roundBits = IntVector.broadcast(INTS, ROUND_FLOAT_BITS);
    IntVector magnitudes = IntVector.broadcast(INTS, 0x7fff);
    IntVector sign = IntVector.broadcast(INTS, 0x8000);
    IntVector infinity = IntVector.broadcast(INTS, 0x7f80);
    IntVector belowNormal = IntVector.broadcast(INTS, 0x7f);
    IntVector most = IntVector.broadcast(INTS, limit);
    IntVector highest = IntVector.broadcast(INTS, Byte.MAX_VALUE);
    IntVector lowest = IntVector.broadcast(INTS, Byte.MIN_VALUE);
    IntVector nans = IntVector.zero(INTS);
    IntVector saturated = IntVector.zero(INTS);
    for (int i = 0; i < count; i += LANES) {
      IntVector pattern = IntVector.fromArray(INTS, lo, from + i);
      IntVector magnitude = pattern.and(magnitudes);
      IntVector isNaN = infinity.sub(magnitude).lanewise(VectorOperators.ASHR, 31);
      IntVector normal = belowNormal.sub(magnitude).lanewise(VectorOperators.ASHR, 31);
      IntVector kept = normal.lanewise(VectorOperators.AND_NOT, isNaN);
      IntVector limited = magnitude.min(most).or(pattern.and(sign)).and(kept);
      FloatVector value = limited.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      IntVector rounded = value.mul(scales).add(round).reinterpretAsInts().sub(roundBits);
      IntVector clipped = rounded.min(highest).max(lowest);
      IntVector change = rounded.sub(clipped);
      IntVector changed = change.lanewise(VectorOperators.NEG).or(change);
      saturated = saturated.add(changed.lanewise(VectorOperators.LSHR, 31));
      nans = nans.sub(isNaN);
      ((ByteVector) clipped.convertShape(VectorOperators.I2B, BYTES, 0))
          .intoArray(out, outFrom + i);
    }
    long notNumbers = nans.reduceLanes(VectorOperators.ADD);
    return saturated.reduceLanes(VectorOperators.ADD) + (notNumbers << 32);
  }
}
