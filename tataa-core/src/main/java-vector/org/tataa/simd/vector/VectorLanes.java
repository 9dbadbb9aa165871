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
 */
final class VectorLanes implements LaneKernel {
  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
  private static final int LANES = SHORTS.length();
  private static final short EXPONENT = 0x7f80;
  private static final short MAGNITUDE = 0x7fff;
  private static final short SIGN = Short.MIN_VALUE;
  private static final short SIGN_SHIFT = 15;
  private static final int HIGH_HALF = 0xffff0000;

  private final LaneKernel scalar = HostKernels.scalar().lanes();

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
    int done = SHORTS.loopBound(lanes);
    short aSign = (short) aFlip;
    short bSign = (short) bFlip;
    switch (op) {
      case MUL -> multiply(a, aFrom, (short) (aFlip ^ bFlip), b, bFrom, result, resultFrom, done);
      case ADD -> add(a, aFrom, aSign, b, bFrom, bSign, result, resultFrom, done);
      case MAX -> max(a, aFrom, aSign, b, bFrom, bSign, result, resultFrom, done);
      case MIN -> min(a, aFrom, aSign, b, bFrom, bSign, result, resultFrom, done);
      case APP -> approximate(a, aFrom, aSign, result, resultFrom, done);
      case FLOOR -> floor(a, aFrom, aSign, result, resultFrom, done);
      case EXP2I -> exp2i(a, aFrom, aSign, result, resultFrom, done);
    }
    if (done < lanes) {
      scalar.apply(
          op,
          a,
          aFrom + done,
          aFlip,
          b,
          bFrom + done,
          bFlip,
          result,
          resultFrom + done,
          lanes - done);
    }
  }

  private static ShortVector load(short[] array, int at, short flip) {
    return ShortVector.fromArray(SHORTS, array, at).lanewise(VectorOperators.XOR, flip);
  }

  private static void multiply(
      short[] a, int aFrom, short flip, short[] b, int bFrom, short[] result, int from, int lanes) {
    for (int i = 0; i < lanes; i += LANES) {
      IntVector x = flushed(load(a, aFrom + i, flip)).reinterpretAsInts();
      IntVector y = flushed(ShortVector.fromArray(SHORTS, b, bFrom + i)).reinterpretAsInts();
      IntVector even = even(x).mul(even(y)).reinterpretAsInts();
      IntVector odd = odd(x).mul(odd(y)).reinterpretAsInts();
      rounded(even, odd).intoArray(result, from + i);
    }
  }

  private static void add(
      short[] a,
      int aFrom,
      short aFlip,
      short[] b,
      int bFrom,
      short bFlip,
      short[] result,
      int from,
      int lanes) {
    for (int i = 0; i < lanes; i += LANES) {
      IntVector x = flushed(load(a, aFrom + i, aFlip)).reinterpretAsInts();
      IntVector y = flushed(load(b, bFrom + i, bFlip)).reinterpretAsInts();
      IntVector even = even(x).add(even(y)).reinterpretAsInts();
      IntVector odd = odd(x).add(odd(y)).reinterpretAsInts();
      rounded(even, odd).intoArray(result, from + i);
    }
  }

  private static FloatVector even(IntVector pairs) {
    return pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  private static FloatVector odd(IntVector pairs) {
    return pairs.and(HIGH_HALF).reinterpretAsFloats();
  }

  // All ones where a magnitude is above a limit.
  private static ShortVector above(ShortVector magnitude, short limit) {
    return magnitude
        .lanewise(VectorOperators.NEG)
        .add(limit)
        .lanewise(VectorOperators.ASHR, SIGN_SHIFT);
  }

  // All kept where the exponent field is not zero, else only the sign.
  private static ShortVector flushed(ShortVector patterns) {
    ShortVector normal =
        patterns
            .and(EXPONENT)
            .lanewise(VectorOperators.NEG)
            .lanewise(VectorOperators.ASHR, SIGN_SHIFT);
    return patterns.and(normal.or(SIGN));
  }

  // One NaN: the pattern of its magnitude where the mask is set.
  private static ShortVector oneNaN(ShortVector patterns, ShortVector isNaN) {
    return patterns.lanewise(VectorOperators.AND_NOT, isNaN).or(isNaN.and((short) Bfloat16.NAN));
  }

  // Nearest even. A NaN has zeros in the bits that are rounded away: nothing carries into its sign.
  private static ShortVector rounded(IntVector even, IntVector odd) {
    IntVector low = withHalf(even).lanewise(VectorOperators.LSHR, 16);
    IntVector high = withHalf(odd).and(HIGH_HALF);
    ShortVector patterns = low.or(high).reinterpretAsShorts();
    return oneNaN(flushed(patterns), above(patterns.and(MAGNITUDE), EXPONENT));
  }

  private static IntVector withHalf(IntVector bits) {
    return bits.lanewise(VectorOperators.LSHR, 16).and(1).add(bits).add(0x7fff);
  }

  private static void max(
      short[] a,
      int aFrom,
      short aFlip,
      short[] b,
      int bFrom,
      short bFlip,
      short[] result,
      int from,
      int lanes) {
    for (int i = 0; i < lanes; i += LANES) {
      ShortVector x = rank(load(a, aFrom + i, aFlip), Short.MIN_VALUE);
      ShortVector y = rank(load(b, bFrom + i, bFlip), Short.MIN_VALUE);
      pattern(x.max(y)).intoArray(result, from + i);
    }
  }

  private static void min(
      short[] a,
      int aFrom,
      short aFlip,
      short[] b,
      int bFrom,
      short bFlip,
      short[] result,
      int from,
      int lanes) {
    for (int i = 0; i < lanes; i += LANES) {
      ShortVector x = rank(load(a, aFrom + i, aFlip), Short.MAX_VALUE);
      ShortVector y = rank(load(b, bFrom + i, bFlip), Short.MAX_VALUE);
      pattern(x.min(y)).intoArray(result, from + i);
    }
  }

  // Patterns in the order of their values, -0 just below +0; NaN at the end where they lose.
  private static ShortVector rank(ShortVector patterns, short lost) {
    ShortVector magnitude = patterns.and(MAGNITUDE);
    ShortVector isNaN = above(magnitude, EXPONENT);
    return inverted(flushed(patterns)).lanewise(VectorOperators.AND_NOT, isNaN).or(isNaN.and(lost));
  }

  // Back from a rank; both ends of the range are NaN.
  private static ShortVector pattern(ShortVector ranks) {
    ShortVector patterns = inverted(ranks);
    return oneNaN(patterns, above(patterns.and(MAGNITUDE), EXPONENT));
  }

  // From a pattern to its rank and back: the magnitude inverted where the sign is set.
  private static ShortVector inverted(ShortVector patterns) {
    return patterns
        .lanewise(VectorOperators.ASHR, SIGN_SHIFT)
        .and(MAGNITUDE)
        .lanewise(VectorOperators.XOR, patterns);
  }

  private static void approximate(
      short[] a, int aFrom, short aFlip, short[] result, int from, int lanes) {
    for (int i = 0; i < lanes; i += LANES) {
      load(a, aFrom + i, aFlip)
          .lanewise(VectorOperators.LSHR, (short) 1)
          .lanewise(VectorOperators.NEG)
          .add((short) 0x5f37)
          .intoArray(result, from + i);
    }
  }

  // Rounds the magnitude down, or up if negative, at the bit that is worth one.
  private static void floor(
      short[] a, int aFrom, short aFlip, short[] result, int from, int lanes) {
    for (int i = 0; i < lanes; i += LANES) {
      ShortVector x = load(a, aFrom + i, aFlip);
      ShortVector magnitude = x.and(MAGNITUDE);
      ShortVector negative = x.lanewise(VectorOperators.ASHR, SIGN_SHIFT);
      ShortVector exponent = magnitude.lanewise(VectorOperators.LSHR, (short) 7);
      ShortVector shift = exponent.sub((short) 127).max((short) 0).min((short) 7);
      ShortVector fraction =
          ShortVector.broadcast(SHORTS, (short) 0x7f).lanewise(VectorOperators.LSHR, shift);
      ShortVector whole =
          magnitude.add(fraction.and(negative)).lanewise(VectorOperators.AND_NOT, fraction);
      // Below one in magnitude: -1 if negative, unless it counts as zero, else 0.
      ShortVector isSmall = exponent.sub((short) 127).lanewise(VectorOperators.ASHR, SIGN_SHIFT);
      ShortVector small =
          exponent
              .lanewise(VectorOperators.NEG)
              .lanewise(VectorOperators.ASHR, SIGN_SHIFT)
              .and(negative)
              .and((short) Bfloat16.ONE);
      ShortVector floor =
          whole.lanewise(VectorOperators.AND_NOT, isSmall).or(small.and(isSmall)).or(x.and(SIGN));
      oneNaN(floor, above(magnitude, EXPONENT)).intoArray(result, from + i);
    }
  }

  // The integer below, at least in -255..255 and beyond that too large, is the new exponent.
  private static void exp2i(
      short[] a, int aFrom, short aFlip, short[] result, int from, int lanes) {
    for (int i = 0; i < lanes; i += LANES) {
      ShortVector x = load(a, aFrom + i, aFlip);
      ShortVector magnitude = x.and(MAGNITUDE);
      ShortVector negative = x.lanewise(VectorOperators.ASHR, SIGN_SHIFT);
      ShortVector exponent = magnitude.lanewise(VectorOperators.LSHR, (short) 7);
      ShortVector normal =
          exponent.lanewise(VectorOperators.NEG).lanewise(VectorOperators.ASHR, SIGN_SHIFT);
      ShortVector mantissa = magnitude.and((short) 0x7f).or((short) 0x80).and(normal);
      ShortVector shift =
          exponent.lanewise(VectorOperators.NEG).add((short) 134).max((short) 0).min((short) 8);
      ShortVector fraction =
          ShortVector.broadcast(SHORTS, (short) -1)
              .lanewise(VectorOperators.LSHL, shift)
              .lanewise(VectorOperators.NOT);
      ShortVector whole =
          mantissa.add(fraction.and(negative)).lanewise(VectorOperators.LSHR, shift);
      ShortVector biased =
          whole
              .lanewise(VectorOperators.XOR, negative)
              .sub(negative)
              .add((short) 127)
              .max((short) 0)
              .min((short) 255);
      oneNaN(biased.lanewise(VectorOperators.LSHL, (short) 7), above(magnitude, EXPONENT))
          .intoArray(result, from + i);
    }
  }
}
