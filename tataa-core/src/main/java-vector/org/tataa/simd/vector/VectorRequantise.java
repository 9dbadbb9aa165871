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
 * <p>Two neighbouring sums are one long, so the even and the odd ones become doubles by shifts and
 * the same addition backwards, and their results one vector of ints again, all in vectors of one
 * size.
 *
 * <p>Conversions are short passes with an array in between (see VectorLanes). Needs vectors of 256
 * bits or more; values that fill no vector are left to the scalar kernel.
 */
final class VectorRequantise implements RequantiseKernel {
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final int BITS = INTS.vectorBitSize();
  private static final int LANES = INTS.length();
  // Vectors of as many shorts, and bytes, as there are ints in a whole one.
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(BITS / 2));
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(BITS / 4));
  private static final int PASS = 16 * LANES;

  private static final double ROUND_DOUBLE = 0x1.8p52;
  private static final long ROUND_DOUBLE_BITS = 0x4338L << 48;
  private static final float ROUND_FLOAT = 0x1.8p23f;
  private static final int ROUND_FLOAT_BITS = 0x4b400000;
  // Larger than any result that is not saturated.
  private static final double LIMIT = 130;
  // From the exponent of a double, 45 mantissa bits below those of bfloat16, to that of a bfloat16.
  private static final int DROPPED = 45;
  private static final int BIAS_DIFFERENCE = 1023 - 127;

  private final RequantiseKernel scalar = HostKernels.scalar().requantise();
  private final int[] loResults = new int[PASS];
  private final int[] hiResults = new int[PASS];

  // As many values as fill vectors, of as many as fit a pass.
  private static int whole(int columns) {
    return Math.min(PASS, INTS.loopBound(columns));
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
    int whole = whole(columns);
    int saturated = 0;
    if (whole > 0) {
      round(lo, from, whole, scale, limit, loResults);
      if (outputsPerColumn == 2) {
        round(hi, from, whole, scale, limit, hiResults);
        saturated = clipPairs(loResults, hiResults, whole, out, outFrom);
      } else {
        saturated = clip(loResults, whole, out, outFrom);
      }
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

  private static void round(
      int[] sums, int from, int count, double scale, int limit, int[] rounded) {
    DoubleVector scales = DoubleVector.broadcast(DOUBLES, scale);
    DoubleVector round = DoubleVector.broadcast(DOUBLES, ROUND_DOUBLE);
    LongVector roundBits = LongVector.broadcast(LONGS, ROUND_DOUBLE_BITS);
    LongVector low = LongVector.broadcast(LONGS, 0xffff_ffffL);
    IntVector most = IntVector.broadcast(INTS, limit);
    IntVector least = IntVector.broadcast(INTS, -limit - 1);
    for (int i = 0; i < count; i += LANES) {
      LongVector two =
          IntVector.fromArray(INTS, sums, from + i).min(most).max(least).reinterpretAsLongs();
      LongVector even = two.lanewise(VectorOperators.LSHL, 32).lanewise(VectorOperators.ASHR, 32);
      LongVector odd = two.lanewise(VectorOperators.ASHR, 32);
      DoubleVector evenExact = even.add(roundBits).reinterpretAsDoubles().sub(round);
      DoubleVector oddExact = odd.add(roundBits).reinterpretAsDoubles().sub(round);
      LongVector evenBits = evenExact.mul(scales).add(round).reinterpretAsLongs();
      LongVector oddBits = oddExact.mul(scales).add(round).reinterpretAsLongs();
      oddBits
          .lanewise(VectorOperators.LSHL, 32)
          .or(evenBits.and(low))
          .reinterpretAsInts()
          .intoArray(rounded, i);
    }
  }

  // The sign bit of d | -d tells whether d is not zero: whether clipping changed a value.
  private static int clipPairs(int[] lo, int[] hi, int count, byte[] out, int outFrom) {
    IntVector highest = IntVector.broadcast(INTS, Byte.MAX_VALUE);
    IntVector lowest = IntVector.broadcast(INTS, Byte.MIN_VALUE);
    IntVector lowByte = IntVector.broadcast(INTS, 0xff);
    IntVector saturated = IntVector.zero(INTS);
    for (int i = 0; i < count; i += LANES) {
      IntVector loRounded = IntVector.fromArray(INTS, lo, i);
      IntVector hiRounded = IntVector.fromArray(INTS, hi, i);
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

  private static int clip(int[] values, int count, byte[] out, int outFrom) {
    IntVector highest = IntVector.broadcast(INTS, Byte.MAX_VALUE);
    IntVector lowest = IntVector.broadcast(INTS, Byte.MIN_VALUE);
    IntVector saturated = IntVector.zero(INTS);
    for (int i = 0; i < count; i += LANES) {
      IntVector rounded = IntVector.fromArray(INTS, values, i);
      IntVector clipped = rounded.min(highest).max(lowest);
      IntVector change = rounded.sub(clipped);
      IntVector changed = change.lanewise(VectorOperators.NEG).or(change);
      saturated = saturated.add(changed.lanewise(VectorOperators.LSHR, 31));
      ((ByteVector) clipped.convertShape(VectorOperators.I2B, BYTES, 0))
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
    int whole = whole(columns);
    if (whole > 0) {
      roundToBf16(lo, from, whole, mantissa, loResults);
      if (outputsPerColumn == 2) {
        roundToBf16(hi, from, whole, mantissa, hiResults);
        patternPairs(loResults, hiResults, whole, offset, out, outFrom);
      } else {
        patterns(loResults, whole, offset, out, outFrom);
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

  // The pattern of the product, a double, rounded to sign, 11 bits of exponent and 7 of mantissa.
  private static void roundToBf16(int[] sums, int from, int count, int mantissa, int[] rounded) {
    DoubleVector scale = DoubleVector.broadcast(DOUBLES, mantissa);
    DoubleVector round = DoubleVector.broadcast(DOUBLES, ROUND_DOUBLE);
    LongVector roundBits = LongVector.broadcast(LONGS, ROUND_DOUBLE_BITS);
    LongVector one = LongVector.broadcast(LONGS, 1);
    LongVector belowHalf = LongVector.broadcast(LONGS, (1L << DROPPED - 1) - 1);
    for (int i = 0; i < count; i += LANES) {
      LongVector two = IntVector.fromArray(INTS, sums, from + i).reinterpretAsLongs();
      LongVector even = two.lanewise(VectorOperators.LSHL, 32).lanewise(VectorOperators.ASHR, 32);
      LongVector odd = two.lanewise(VectorOperators.ASHR, 32);
      DoubleVector evenExact = even.add(roundBits).reinterpretAsDoubles().sub(round);
      DoubleVector oddExact = odd.add(roundBits).reinterpretAsDoubles().sub(round);
      LongVector evenBits = evenExact.mul(scale).reinterpretAsLongs();
      LongVector oddBits = oddExact.mul(scale).reinterpretAsLongs();
      LongVector evenTie = evenBits.lanewise(VectorOperators.LSHR, DROPPED).and(one);
      LongVector oddTie = oddBits.lanewise(VectorOperators.LSHR, DROPPED).and(one);
      LongVector evenKept = evenBits.add(evenTie).add(belowHalf);
      LongVector oddKept = oddBits.add(oddTie).add(belowHalf);
      oddKept
          .lanewise(VectorOperators.LSHR, DROPPED)
          .lanewise(VectorOperators.LSHL, 32)
          .or(evenKept.lanewise(VectorOperators.LSHR, DROPPED))
          .reinterpretAsInts()
          .intoArray(rounded, i);
    }
  }

  // The exponent moved: those of products, 2^-31 to 2^47, are far from the ends of the range. A
  // zero is +0.
  private static void patternPairs(
      int[] lo, int[] hi, int count, int offset, byte[] out, int outFrom) {
    IntVector magnitudes = IntVector.broadcast(INTS, 0x3ffff);
    IntVector offsets = IntVector.broadcast(INTS, offset);
    IntVector sign = IntVector.broadcast(INTS, 0x8000);
    for (int i = 0; i < count; i += LANES) {
      IntVector loValue = IntVector.fromArray(INTS, lo, i);
      IntVector hiValue = IntVector.fromArray(INTS, hi, i);
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

  private static void patterns(int[] values, int count, int offset, byte[] out, int outFrom) {
    IntVector magnitudes = IntVector.broadcast(INTS, 0x3ffff);
    IntVector offsets = IntVector.broadcast(INTS, offset);
    IntVector sign = IntVector.broadcast(INTS, 0x8000);
    for (int i = 0; i < count; i += LANES) {
      IntVector value = IntVector.fromArray(INTS, values, i);
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
    int whole = mantissa == 0 ? 0 : whole(count);
    long reported = 0;
    if (whole > 0) {
      float scale = mantissa / (float) (1L << rightShift);
      // The next pattern above the quotient, whatever its rounding.
      int limit = (Float.floatToRawIntBits((float) LIMIT / Math.abs(scale)) >>> 16) + 1;
      long nans = roundPatterns(lo, from, whole, scale, limit, loResults);
      reported = clip(loResults, whole, out, outFrom) + (nans << 32);
    }
    return whole == count
        ? reported
        : reported
            + scalar.bf16ToInt8(
                lo, from + whole, count - whole, mantissa, rightShift, out, outFrom + whole);
  }

  // NaN and denormals count as zeros. Returns the number of NaN.
  private static int roundPatterns(
      int[] lo, int from, int count, float scale, int limit, int[] rounded) {
    FloatVector scales = FloatVector.broadcast(FLOATS, scale);
    FloatVector round = FloatVector.broadcast(FLOATS, ROUND_FLOAT);
    IntVector roundBits = IntVector.broadcast(INTS, ROUND_FLOAT_BITS);
    IntVector magnitudes = IntVector.broadcast(INTS, 0x7fff);
    IntVector sign = IntVector.broadcast(INTS, 0x8000);
    IntVector infinity = IntVector.broadcast(INTS, 0x7f80);
    IntVector belowNormal = IntVector.broadcast(INTS, 0x7f);
    IntVector most = IntVector.broadcast(INTS, limit);
    IntVector nans = IntVector.zero(INTS);
    for (int i = 0; i < count; i += LANES) {
      IntVector pattern = IntVector.fromArray(INTS, lo, from + i);
      IntVector magnitude = pattern.and(magnitudes);
      IntVector isNaN = infinity.sub(magnitude).lanewise(VectorOperators.ASHR, 31);
      IntVector normal = belowNormal.sub(magnitude).lanewise(VectorOperators.ASHR, 31);
      IntVector kept = normal.lanewise(VectorOperators.AND_NOT, isNaN);
      IntVector limited = magnitude.min(most).or(pattern.and(sign)).and(kept);
      FloatVector value = limited.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      value.mul(scales).add(round).reinterpretAsInts().sub(roundBits).intoArray(rounded, i);
      nans = nans.sub(isNaN);
    }
    return nans.reduceLanes(VectorOperators.ADD);
  }
}
