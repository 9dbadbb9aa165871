package org.tataa.simd.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.LaneOp;
import org.tataa.simd.HostKernels;
import org.tataa.simd.LaneKernel;

/**
 * Lane operations on vectors of patterns.
 *
 * <p>Two neighbouring patterns are one int, so the even and the odd ones become floats by a shift
 * and a mask, without any conversion; the results go back the same way. What is special about
 * zeros, denormals and NaN is done on all patterns at once, in shorts: {@code x >> 15} makes a mask
 * of a sign. Lanes that fill no vector are left to the scalar kernel.
 *
 * <p>Operations are short passes with an array in between, and the passes call nothing but the
 * Vector API: the compiler stops inlining at a size that few dozen vector operations reach, and a
 * vector that crosses a call lives on the heap.
 */
final class VectorLanes implements LaneKernel {
  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SHORTS.length();
  private static final int HALF = LANES / 2;
  private static final int PASS = 16 * LANES;
  private static final short EXPONENT = 0x7f80;
  private static final short MAGNITUDE = 0x7fff;
  private static final short SIGN = Short.MIN_VALUE;
  private static final short SIGN_SHIFT = 15;
  private static final short MANTISSA_BITS = 7;
  private static final short NAN = (short) Bfloat16.NAN;
  private static final int HIGH_HALF = 0xffff0000;

  private final LaneKernel scalar = HostKernels.scalar().lanes();
  // Even lanes of a vector of patterns, then the odd ones.
  private final float[] floats = new float[PASS];
  private final short[] aRanks = new short[PASS];
  private final short[] bRanks = new short[PASS];

  @Override
  public void apply(
      LaneOp op,
      short[] a,
      int aFrom,
      int aFlip,
      short[] b,
      int bFrom,
      int bFlip,
      short[] result,
      int resultFrom,
      int lanes) {
    int whole = SHORTS.loopBound(lanes);
    for (int done = 0; done < whole; done += PASS) {
      int pass = Math.min(PASS, whole - done);
      pass(op, a, aFrom + done, aFlip, b, bFrom + done, bFlip, result, resultFrom + done, pass);
    }
    if (whole < lanes) {
      scalar.apply(
          op,
          a,
          aFrom + whole,
          aFlip,
          b,
          bFrom + whole,
          bFlip,
          result,
          resultFrom + whole,
          lanes - whole);
    }
  }

  private void pass(
      LaneOp op,
      short[] a,
      int aFrom,
      int aFlip,
      short[] b,
      int bFrom,
      int bFlip,
      short[] result,
      int from,
      int lanes) {
    short aSign = (short) aFlip;
    short bSign = (short) bFlip;
    switch (op) {
      case MUL -> {
        multiply(a, aFrom, (short) (aFlip ^ bFlip), b, bFrom, floats, lanes);
        round(floats, result, from, lanes);
      }
      case ADD -> {
        add(a, aFrom, aSign, b, bFrom, bSign, floats, lanes);
        round(floats, result, from, lanes);
      }
      case MAX -> {
        rank(a, aFrom, aSign, aRanks, lanes);
        rank(b, bFrom, bSign, bRanks, lanes);
        larger(aRanks, bRanks, (short) 0, result, from, lanes);
      }
      case MIN -> {
        // The larger of the negated operands, negated.
        rank(a, aFrom, (short) (aSign ^ SIGN), aRanks, lanes);
        rank(b, bFrom, (short) (bSign ^ SIGN), bRanks, lanes);
        larger(aRanks, bRanks, SIGN, result, from, lanes);
      }
      case APP -> approximate(a, aFrom, aSign, result, from, lanes);
      case FLOOR -> floor(a, aFrom, aSign, result, from, lanes);
      case EXP2I -> exp2i(a, aFrom, aSign, result, from, lanes);
    }
  }

  // Where the exponent field of an operand is zero, only its sign is kept.
  private static void multiply(
      short[] a, int aFrom, short flip, short[] b, int bFrom, float[] products, int lanes) {
    ShortVector zero = ShortVector.zero(SHORTS);
    ShortVector flips = ShortVector.broadcast(SHORTS, flip);
    ShortVector exponent = ShortVector.broadcast(SHORTS, EXPONENT);
    ShortVector sign = ShortVector.broadcast(SHORTS, SIGN);
    for (int i = 0; i < lanes; i += LANES) {
      ShortVector x = ShortVector.fromArray(SHORTS, a, aFrom + i);
      ShortVector y = ShortVector.fromArray(SHORTS, b, bFrom + i);
      ShortVector xNormal =
          zero.sub(x.and(exponent)).lanewise(VectorOperators.ASHR, SIGN_SHIFT).or(sign);
      ShortVector yNormal =
          zero.sub(y.and(exponent)).lanewise(VectorOperators.ASHR, SIGN_SHIFT).or(sign);
      IntVector xs = x.and(xNormal).lanewise(VectorOperators.XOR, flips).reinterpretAsInts();
      IntVector ys = y.and(yNormal).reinterpretAsInts();
      FloatVector xEven = xs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      FloatVector yEven = ys.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      FloatVector xOdd = xs.and(HIGH_HALF).reinterpretAsFloats();
      FloatVector yOdd = ys.and(HIGH_HALF).reinterpretAsFloats();
      xEven.mul(yEven).intoArray(products, i);
      xOdd.mul(yOdd).intoArray(products, i + HALF);
    }
  }

  private static void add(
      short[] a,
      int aFrom,
      short aFlip,
      short[] b,
      int bFrom,
      short bFlip,
      float[] sums,
      int lanes) {
    ShortVector zero = ShortVector.zero(SHORTS);
    ShortVector aFlips = ShortVector.broadcast(SHORTS, aFlip);
    ShortVector bFlips = ShortVector.broadcast(SHORTS, bFlip);
    ShortVector exponent = ShortVector.broadcast(SHORTS, EXPONENT);
    ShortVector sign = ShortVector.broadcast(SHORTS, SIGN);
    for (int i = 0; i < lanes; i += LANES) {
      ShortVector x = ShortVector.fromArray(SHORTS, a, aFrom + i);
      ShortVector y = ShortVector.fromArray(SHORTS, b, bFrom + i);
      ShortVector xNormal =
          zero.sub(x.and(exponent)).lanewise(VectorOperators.ASHR, SIGN_SHIFT).or(sign);
      ShortVector yNormal =
          zero.sub(y.and(exponent)).lanewise(VectorOperators.ASHR, SIGN_SHIFT).or(sign);
      IntVector xs = x.and(xNormal).lanewise(VectorOperators.XOR, aFlips).reinterpretAsInts();
      IntVector ys = y.and(yNormal).lanewise(VectorOperators.XOR, bFlips).reinterpretAsInts();
      FloatVector xEven = xs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      FloatVector yEven = ys.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      FloatVector xOdd = xs.and(HIGH_HALF).reinterpretAsFloats();
      FloatVector yOdd = ys.and(HIGH_HALF).reinterpretAsFloats();
      xEven.add(yEven).intoArray(sums, i);
      xOdd.add(yOdd).intoArray(sums, i + HALF);
    }
  }

  // Nearest even, denormal results to a zero of their sign, one NaN. A NaN has zeros in the bits
  // that are rounded away, so that nothing carries into its sign.
  private static void round(float[] values, short[] result, int from, int lanes) {
    IntVector one = IntVector.broadcast(IntVector.SPECIES_PREFERRED, 1);
    IntVector belowHalf = IntVector.broadcast(IntVector.SPECIES_PREFERRED, 0x7fff);
    ShortVector exponent = ShortVector.broadcast(SHORTS, EXPONENT);
    ShortVector magnitudes = ShortVector.broadcast(SHORTS, MAGNITUDE);
    ShortVector belowNormal = ShortVector.broadcast(SHORTS, (short) (Bfloat16.MIN_NORMAL - 1));
    ShortVector sign = ShortVector.broadcast(SHORTS, SIGN);
    ShortVector nan = ShortVector.broadcast(SHORTS, NAN);
    for (int i = 0; i < lanes; i += LANES) {
      IntVector even = FloatVector.fromArray(FLOATS, values, i).reinterpretAsInts();
      IntVector odd = FloatVector.fromArray(FLOATS, values, i + HALF).reinterpretAsInts();
      IntVector low =
          even.lanewise(VectorOperators.LSHR, 16)
              .and(one)
              .add(even)
              .add(belowHalf)
              .lanewise(VectorOperators.LSHR, 16);
      IntVector high =
          odd.lanewise(VectorOperators.LSHR, 16).and(one).add(odd).add(belowHalf).and(HIGH_HALF);
      ShortVector patterns = low.or(high).reinterpretAsShorts();
      ShortVector magnitude = patterns.and(magnitudes);
      ShortVector normal =
          belowNormal.sub(magnitude).lanewise(VectorOperators.ASHR, SIGN_SHIFT).or(sign);
      ShortVector isNaN = exponent.sub(magnitude).lanewise(VectorOperators.ASHR, SIGN_SHIFT);
      patterns
          .and(normal)
          .lanewise(VectorOperators.AND_NOT, isNaN)
          .or(isNaN.and(nan))
          .intoArray(result, from + i);
    }
  }

  // Patterns in the order of their values, -0 just below +0; NaN below everything.
  private static void rank(short[] a, int aFrom, short flip, short[] ranks, int lanes) {
    ShortVector flips = ShortVector.broadcast(SHORTS, flip);
    ShortVector exponent = ShortVector.broadcast(SHORTS, EXPONENT);
    ShortVector magnitudes = ShortVector.broadcast(SHORTS, MAGNITUDE);
    ShortVector belowNormal = ShortVector.broadcast(SHORTS, (short) (Bfloat16.MIN_NORMAL - 1));
    ShortVector lowest = ShortVector.broadcast(SHORTS, Short.MIN_VALUE);
    for (int i = 0; i < lanes; i += LANES) {
      ShortVector x =
          ShortVector.fromArray(SHORTS, a, aFrom + i).lanewise(VectorOperators.XOR, flips);
      ShortVector magnitude = x.and(magnitudes);
      ShortVector normal = belowNormal.sub(magnitude).lanewise(VectorOperators.ASHR, SIGN_SHIFT);
      ShortVector isNaN = exponent.sub(magnitude).lanewise(VectorOperators.ASHR, SIGN_SHIFT);
      magnitude
          .and(normal)
          .lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.ASHR, SIGN_SHIFT))
          .lanewise(VectorOperators.AND_NOT, isNaN)
          .or(isNaN.and(lowest))
          .intoArray(ranks, i);
    }
  }

  // The pattern of a rank has its magnitude inverted where the sign is set; the lowest rank is NaN.
  private static void larger(
      short[] a, short[] b, short flip, short[] result, int from, int lanes) {
    ShortVector flips = ShortVector.broadcast(SHORTS, flip);
    ShortVector exponent = ShortVector.broadcast(SHORTS, EXPONENT);
    ShortVector magnitudes = ShortVector.broadcast(SHORTS, MAGNITUDE);
    ShortVector nan = ShortVector.broadcast(SHORTS, NAN);
    for (int i = 0; i < lanes; i += LANES) {
      ShortVector rank =
          ShortVector.fromArray(SHORTS, a, i).max(ShortVector.fromArray(SHORTS, b, i));
      ShortVector patterns =
          rank.lanewise(VectorOperators.ASHR, SIGN_SHIFT)
              .and(magnitudes)
              .lanewise(VectorOperators.XOR, rank)
              .lanewise(VectorOperators.XOR, flips);
      ShortVector isNaN =
          exponent.sub(patterns.and(magnitudes)).lanewise(VectorOperators.ASHR, SIGN_SHIFT);
      patterns
          .lanewise(VectorOperators.AND_NOT, isNaN)
          .or(isNaN.and(nan))
          .intoArray(result, from + i);
    }
  }

  private static void approximate(
      short[] a, int aFrom, short aFlip, short[] result, int from, int lanes) {
    ShortVector flips = ShortVector.broadcast(SHORTS, aFlip);
    ShortVector start = ShortVector.broadcast(SHORTS, (short) 0x5f37);
    for (int i = 0; i < lanes; i += LANES) {
      ShortVector x =
          ShortVector.fromArray(SHORTS, a, aFrom + i).lanewise(VectorOperators.XOR, flips);
      start.sub(x.lanewise(VectorOperators.LSHR, (short) 1)).intoArray(result, from + i);
    }
  }

  // Rounds the magnitude down, or up if negative, at the bit that is worth one.
  private static void floor(
      short[] a, int aFrom, short aFlip, short[] result, int from, int lanes) {
    ShortVector flips = ShortVector.broadcast(SHORTS, aFlip);
    ShortVector zero = ShortVector.zero(SHORTS);
    ShortVector bias = ShortVector.broadcast(SHORTS, (short) 127);
    ShortVector bits = ShortVector.broadcast(SHORTS, MANTISSA_BITS);
    ShortVector mantissas = ShortVector.broadcast(SHORTS, (short) 0x7f);
    ShortVector one = ShortVector.broadcast(SHORTS, (short) Bfloat16.ONE);
    ShortVector infinity = ShortVector.broadcast(SHORTS, EXPONENT);
    ShortVector nan = ShortVector.broadcast(SHORTS, NAN);
    ShortVector sign = ShortVector.broadcast(SHORTS, SIGN);
    for (int i = 0; i < lanes; i += LANES) {
      ShortVector x =
          ShortVector.fromArray(SHORTS, a, aFrom + i).lanewise(VectorOperators.XOR, flips);
      ShortVector magnitude = x.lanewise(VectorOperators.AND_NOT, sign);
      ShortVector negative = x.lanewise(VectorOperators.ASHR, SIGN_SHIFT);
      ShortVector exponent = magnitude.lanewise(VectorOperators.LSHR, MANTISSA_BITS);
      ShortVector above = exponent.sub(bias);
      ShortVector fraction = mantissas.lanewise(VectorOperators.LSHR, above.max(zero).min(bits));
      ShortVector whole =
          magnitude.add(fraction.and(negative)).lanewise(VectorOperators.AND_NOT, fraction);
      // Below one in magnitude: -1 if negative, unless it counts as zero, else 0.
      ShortVector isSmall = above.lanewise(VectorOperators.ASHR, SIGN_SHIFT);
      ShortVector small =
          zero.sub(exponent)
              .lanewise(VectorOperators.ASHR, SIGN_SHIFT)
              .and(negative)
              .and(one)
              .and(isSmall);
      ShortVector isNaN = infinity.sub(magnitude).lanewise(VectorOperators.ASHR, SIGN_SHIFT);
      whole
          .lanewise(VectorOperators.AND_NOT, isSmall)
          .or(small)
          .or(x.and(sign))
          .lanewise(VectorOperators.AND_NOT, isNaN)
          .or(isNaN.and(nan))
          .intoArray(result, from + i);
    }
  }

  // The integer below, at least in -255..255 and beyond that too large, is the new exponent.
  private static void exp2i(
      short[] a, int aFrom, short aFlip, short[] result, int from, int lanes) {
    ShortVector flips = ShortVector.broadcast(SHORTS, aFlip);
    ShortVector zero = ShortVector.zero(SHORTS);
    ShortVector ones = ShortVector.broadcast(SHORTS, (short) -1);
    ShortVector bias = ShortVector.broadcast(SHORTS, (short) 127);
    ShortVector hidden = ShortVector.broadcast(SHORTS, (short) 0x80);
    ShortVector wholeFrom = ShortVector.broadcast(SHORTS, (short) 134);
    ShortVector most = ShortVector.broadcast(SHORTS, (short) 255);
    ShortVector eight = ShortVector.broadcast(SHORTS, (short) 8);
    ShortVector infinity = ShortVector.broadcast(SHORTS, EXPONENT);
    ShortVector nan = ShortVector.broadcast(SHORTS, NAN);
    ShortVector sign = ShortVector.broadcast(SHORTS, SIGN);
    for (int i = 0; i < lanes; i += LANES) {
      ShortVector x =
          ShortVector.fromArray(SHORTS, a, aFrom + i).lanewise(VectorOperators.XOR, flips);
      ShortVector magnitude = x.lanewise(VectorOperators.AND_NOT, sign);
      ShortVector negative = x.lanewise(VectorOperators.ASHR, SIGN_SHIFT);
      ShortVector exponent = magnitude.lanewise(VectorOperators.LSHR, MANTISSA_BITS);
      ShortVector normal = zero.sub(exponent).lanewise(VectorOperators.ASHR, SIGN_SHIFT);
      ShortVector mantissa = magnitude.and(bias).or(hidden).and(normal);
      ShortVector shift = wholeFrom.sub(exponent).max(zero).min(eight);
      ShortVector up =
          negative.lanewise(VectorOperators.AND_NOT, ones.lanewise(VectorOperators.LSHL, shift));
      ShortVector whole = mantissa.add(up).lanewise(VectorOperators.LSHR, shift);
      ShortVector biased =
          whole.lanewise(VectorOperators.XOR, negative).sub(negative).add(bias).max(zero).min(most);
      ShortVector isNaN = infinity.sub(magnitude).lanewise(VectorOperators.ASHR, SIGN_SHIFT);
      biased
          .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
          .lanewise(VectorOperators.AND_NOT, isNaN)
          .or(isNaN.and(nan))
          .intoArray(result, from + i);
    }
  }
}
