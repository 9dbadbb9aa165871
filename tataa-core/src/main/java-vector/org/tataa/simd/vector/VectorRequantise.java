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
 * <p>Values become ints in an array, the ints become bytes in a second pass. Needs vectors of 256
 * bits or more; values that fill no vector are left to the scalar kernel.
 */
final class VectorRequantise implements RequantiseKernel {
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final int LANES = INTS.length();
  private static final int HALF_LANES = DOUBLES.length();
  private static final VectorSpecies<Integer> HALF_INTS =
      VectorSpecies.of(int.class, VectorShape.forBitSize(INTS.vectorBitSize() / 2));
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(INTS.vectorBitSize() / 2));
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(INTS.vectorBitSize() / 4));

  private static final int PASS = 8 * LANES;
  private static final double ROUND_DOUBLE = 0x1.8p52;
  private static final float ROUND_FLOAT = 0x1.8p23f;
  private static final int ROUND_FLOAT_BITS = 0x4b400000;
  // Larger than any result that is not saturated.
  private static final double LIMIT = 130;
  // From the exponent of a double, 45 mantissa bits below those of bfloat16, to that of a bfloat16.
  private static final int DROPPED = 45;
  private static final int BIAS_DIFFERENCE = 1023 - 127;

  private final RequantiseKernel scalar = HostKernels.scalar().requantise();
  private final int[] lows = new int[PASS];
  private final int[] highs = new int[PASS];

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
    int limit = (int) Math.min(Integer.MAX_VALUE, Math.ceil(LIMIT / Math.abs(scale)));
    int whole = INTS.loopBound(columns);
    int saturated = 0;
    for (int done = 0; done < whole; done += PASS) {
      int pass = Math.min(PASS, whole - done);
      int to = outFrom + done * outputsPerColumn;
      scaled(lo, from + done, pass, scale, limit, lows);
      saturated += clip(lows, pass);
      if (outputsPerColumn == 1) {
        storeBytes(lows, pass, out, to);
      } else {
        scaled(hi, from + done, pass, scale, limit, highs);
        saturated += clip(highs, pass);
        storeBytePairs(lows, highs, pass, out, to);
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

  // Beyond the limits a result is saturated, and stays so when the sum is limited.
  private static void scaled(
      int[] sums, int from, int count, double scale, int limit, int[] results) {
    DoubleVector scales = DoubleVector.broadcast(DOUBLES, scale);
    DoubleVector round = DoubleVector.broadcast(DOUBLES, ROUND_DOUBLE);
    IntVector most = IntVector.broadcast(HALF_INTS, limit);
    IntVector least = IntVector.broadcast(HALF_INTS, -limit - 1);
    for (int i = 0; i < count; i += HALF_LANES) {
      IntVector limited = IntVector.fromArray(HALF_INTS, sums, from + i).min(most).max(least);
      DoubleVector exact = (DoubleVector) limited.convertShape(VectorOperators.I2D, DOUBLES, 0);
      LongVector rounded = exact.mul(scales).add(round).reinterpretAsLongs();
      ((IntVector) rounded.convertShape(VectorOperators.L2I, HALF_INTS, 0)).intoArray(results, i);
    }
  }

  // Clips to what a byte holds; returns how many values that changed.
  private static int clip(int[] values, int count) {
    IntVector most = IntVector.broadcast(INTS, 127);
    IntVector least = IntVector.broadcast(INTS, -128);
    IntVector saturated = IntVector.zero(INTS);
    for (int i = 0; i < count; i += LANES) {
      IntVector value = IntVector.fromArray(INTS, values, i);
      IntVector clipped = value.min(most).max(least);
      IntVector differs = value.sub(clipped);
      saturated =
          saturated.add(
              differs.or(differs.lanewise(VectorOperators.NEG)).lanewise(VectorOperators.LSHR, 31));
      clipped.intoArray(values, i);
    }
    return saturated.reduceLanes(VectorOperators.ADD);
  }

  private static void storeBytes(int[] values, int count, byte[] out, int outFrom) {
    for (int i = 0; i < count; i += LANES) {
      ((ByteVector)
              IntVector.fromArray(INTS, values, i).convertShape(VectorOperators.I2B, BYTES, 0))
          .intoArray(out, outFrom + i);
    }
  }

  private static void storeBytePairs(int[] low, int[] high, int count, byte[] out, int outFrom) {
    IntVector lowByte = IntVector.broadcast(INTS, 0xff);
    for (int i = 0; i < count; i += LANES) {
      IntVector pairs =
          IntVector.fromArray(INTS, high, i)
              .lanewise(VectorOperators.LSHL, 8)
              .or(IntVector.fromArray(INTS, low, i).and(lowByte));
      ((ShortVector) pairs.convertShape(VectorOperators.I2S, SHORTS, 0))
          .reinterpretAsBytes()
          .intoArray(out, outFrom + 2 * i);
    }
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
    int whole = INTS.loopBound(columns);
    for (int done = 0; done < whole; done += PASS) {
      int pass = Math.min(PASS, whole - done);
      int to = outFrom + 2 * done * outputsPerColumn;
      rounded(lo, from + done, pass, mantissa, lows);
      pack(lows, pass, offset);
      if (outputsPerColumn == 1) {
        storeWords(lows, pass, out, to);
      } else {
        rounded(hi, from + done, pass, mantissa, highs);
        pack(highs, pass, offset);
        storeWordPairs(lows, highs, pass, out, to);
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

  // Sign, exponent of a double and 7 bits of mantissa, rounded to nearest even.
  private static void rounded(int[] sums, int from, int count, int mantissa, int[] results) {
    DoubleVector scale = DoubleVector.broadcast(DOUBLES, mantissa);
    LongVector one = LongVector.broadcast(LongVector.SPECIES_PREFERRED, 1);
    LongVector belowHalf =
        LongVector.broadcast(LongVector.SPECIES_PREFERRED, (1L << DROPPED - 1) - 1);
    for (int i = 0; i < count; i += HALF_LANES) {
      LongVector bits =
          ((DoubleVector)
                  IntVector.fromArray(HALF_INTS, sums, from + i)
                      .convertShape(VectorOperators.I2D, DOUBLES, 0))
              .mul(scale)
              .reinterpretAsLongs();
      LongVector kept =
          bits.lanewise(VectorOperators.LSHR, DROPPED)
              .and(one)
              .add(bits)
              .add(belowHalf)
              .lanewise(VectorOperators.LSHR, DROPPED);
      ((IntVector) kept.convertShape(VectorOperators.L2I, HALF_INTS, 0)).intoArray(results, i);
    }
  }

  // The exponents of products, 2^-31 to 2^47, are far from the ends of the range; a zero is +0.
  private static void pack(int[] values, int count, int offset) {
    IntVector magnitudes = IntVector.broadcast(INTS, 0x3ffff);
    IntVector offsets = IntVector.broadcast(INTS, offset);
    IntVector sign = IntVector.broadcast(INTS, 0x8000);
    for (int i = 0; i < count; i += LANES) {
      IntVector value = IntVector.fromArray(INTS, values, i);
      IntVector magnitude = value.and(magnitudes);
      IntVector isNotZero =
          magnitude.lanewise(VectorOperators.NEG).lanewise(VectorOperators.ASHR, 31);
      magnitude
          .sub(offsets)
          .or(value.lanewise(VectorOperators.LSHR, 3).and(sign))
          .and(isNotZero)
          .intoArray(values, i);
    }
  }

  private static void storeWords(int[] values, int count, byte[] out, int outFrom) {
    for (int i = 0; i < count; i += LANES) {
      ((ShortVector)
              IntVector.fromArray(INTS, values, i).convertShape(VectorOperators.I2S, SHORTS, 0))
          .reinterpretAsBytes()
          .intoArray(out, outFrom + 2 * i);
    }
  }

  private static void storeWordPairs(int[] low, int[] high, int count, byte[] out, int outFrom) {
    for (int i = 0; i < count; i += LANES) {
      IntVector.fromArray(INTS, high, i)
          .lanewise(VectorOperators.LSHL, 16)
          .or(IntVector.fromArray(INTS, low, i))
          .reinterpretAsBytes()
          .intoArray(out, outFrom + 4 * i);
    }
  }

  @Override
  public long bf16ToInt8(
      int[] lo, int from, int count, int mantissa, int rightShift, byte[] out, int outFrom) {
    // Without a scale an infinity is no number either.
    int whole = mantissa == 0 ? 0 : INTS.loopBound(count);
    float scale = mantissa / (float) (1L << rightShift);
    // The next pattern above the quotient, whatever its rounding.
    int limit = (Float.floatToRawIntBits((float) LIMIT / Math.abs(scale)) >>> 16) + 1;
    long reported = 0;
    for (int done = 0; done < whole; done += PASS) {
      int pass = Math.min(PASS, whole - done);
      reported += (long) flush(lo, from + done, pass, limit, lows) << 32;
      scaled(lows, pass, scale);
      reported += clip(lows, pass);
      storeBytes(lows, pass, out, outFrom + done);
    }
    return whole == count
        ? reported
        : reported
            + scalar.bf16ToInt8(
                lo, from + whole, count - whole, mantissa, rightShift, out, outFrom + whole);
  }

  // Patterns to patterns of floats, NaN and denormals as zeros; returns the number of NaN.
  private static int flush(int[] patterns, int from, int count, int limit, int[] results) {
    IntVector magnitudes = IntVector.broadcast(INTS, 0x7fff);
    IntVector sign = IntVector.broadcast(INTS, 0x8000);
    IntVector infinity = IntVector.broadcast(INTS, 0x7f80);
    IntVector belowNormal = IntVector.broadcast(INTS, 0x7f);
    IntVector most = IntVector.broadcast(INTS, limit);
    IntVector nans = IntVector.zero(INTS);
    for (int i = 0; i < count; i += LANES) {
      IntVector pattern = IntVector.fromArray(INTS, patterns, from + i);
      IntVector magnitude = pattern.and(magnitudes);
      IntVector isNaN = infinity.sub(magnitude).lanewise(VectorOperators.ASHR, 31);
      IntVector normal = belowNormal.sub(magnitude).lanewise(VectorOperators.ASHR, 31);
      nans = nans.sub(isNaN);
      magnitude
          .min(most)
          .or(pattern.and(sign))
          .and(normal)
          .lanewise(VectorOperators.AND_NOT, isNaN)
          .lanewise(VectorOperators.LSHL, 16)
          .intoArray(results, i);
    }
    return nans.reduceLanes(VectorOperators.ADD);
  }

  private static void scaled(int[] values, int count, float scale) {
    FloatVector scales = FloatVector.broadcast(FLOATS, scale);
    FloatVector round = FloatVector.broadcast(FLOATS, ROUND_FLOAT);
    for (int i = 0; i < count; i += LANES) {
      IntVector.fromArray(INTS, values, i)
          .reinterpretAsFloats()
          .mul(scales)
          .add(round)
          .reinterpretAsInts()
          .sub(ROUND_FLOAT_BITS)
          .intoArray(values, i);
    }
  }
}
