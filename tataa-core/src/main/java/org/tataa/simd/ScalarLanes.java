package org.tataa.simd;

import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.LaneOp;

/**
 * Lane operations without a branch per lane.
 *
 * <p>Products and sums use {@code float}. A product of two bfloat16 is exact in a float, and so is
 * a sum unless one operand is too small to matter for the rounding to 8 bits; the one rounding left
 * is integer arithmetic on the pattern. The other operations are integer arithmetic; {@code x >>
 * 31} makes a mask of a sign.
 */
final class ScalarLanes implements LaneKernel {
  private static final int EXPONENT = 0x7f800000;
  private static final int MAGNITUDE = 0x7fff;

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
    switch (op) {
      case MUL -> multiply(a, aFrom, b, bFrom, aFlip ^ bFlip, result, resultFrom, lanes);
      case ADD -> add(a, aFrom, aFlip, b, bFrom, bFlip, result, resultFrom, lanes);
      case MAX -> max(a, aFrom, aFlip, b, bFrom, bFlip, result, resultFrom, lanes);
      case MIN -> min(a, aFrom, aFlip, b, bFrom, bFlip, result, resultFrom, lanes);
      case APP -> {
        for (int i = 0; i < lanes; i++) {
          result[resultFrom + i] = (short) (0x5f37 - (((a[aFrom + i] ^ aFlip) & 0xffff) >>> 1));
        }
      }
      case FLOOR -> {
        for (int i = 0; i < lanes; i++) {
          result[resultFrom + i] = (short) floor((short) (a[aFrom + i] ^ aFlip));
        }
      }
      case EXP2I -> {
        for (int i = 0; i < lanes; i++) {
          result[resultFrom + i] = (short) exp2i((short) (a[aFrom + i] ^ aFlip));
        }
      }
    }
  }

  // The sign of a product may be flipped on either side.
  private static void multiply(
      short[] a, int aFrom, short[] b, int bFrom, int flip, short[] result, int from, int lanes) {
    for (int i = 0; i < lanes; i++) {
      result[from + i] = (short) round(flushed(a[aFrom + i] ^ flip) * flushed(b[bFrom + i]));
    }
  }

  private static void add(
      short[] a,
      int aFrom,
      int aFlip,
      short[] b,
      int bFrom,
      int bFlip,
      short[] result,
      int from,
      int lanes) {
    for (int i = 0; i < lanes; i++) {
      result[from + i] =
          (short) round(flushed(a[aFrom + i] ^ aFlip) + flushed(b[bFrom + i] ^ bFlip));
    }
  }

  // The value of a pattern, denormals as a zero of their sign.
  private static float flushed(int pattern) {
    return Float.intBitsToFloat(flush(pattern << 16));
  }

  // A float pattern: all kept where the exponent field is not zero, else only the sign.
  private static int flush(int bits) {
    return bits & (-(bits & EXPONENT) >> 31 | 0x80000000);
  }

  // Nearest even, denormal results to a zero of their sign, one NaN.
  private static int round(float value) {
    int bits = Float.floatToRawIntBits(value);
    int rounded = flush(bits + 0x7fff + (bits >>> 16 & 1)) >>> 16;
    int isNaN = (EXPONENT - (bits & 0x7fffffff)) >> 31;
    return rounded & ~isNaN | Bfloat16.NAN & isNaN;
  }

  private static void max(
      short[] a,
      int aFrom,
      int aFlip,
      short[] b,
      int bFrom,
      int bFlip,
      short[] result,
      int from,
      int lanes) {
    for (int i = 0; i < lanes; i++) {
      int first = rank(a[aFrom + i] ^ aFlip, Short.MIN_VALUE);
      int second = rank(b[bFrom + i] ^ bFlip, Short.MIN_VALUE);
      result[from + i] = (short) pattern(Math.max(first, second));
    }
  }

  private static void min(
      short[] a,
      int aFrom,
      int aFlip,
      short[] b,
      int bFrom,
      int bFlip,
      short[] result,
      int from,
      int lanes) {
    for (int i = 0; i < lanes; i++) {
      int first = rank(a[aFrom + i] ^ aFlip, Short.MAX_VALUE);
      int second = rank(b[bFrom + i] ^ bFlip, Short.MAX_VALUE);
      result[from + i] = (short) pattern(Math.min(first, second));
    }
  }

  // Patterns as ints in the order of their values, -0 just below +0, NaN where it loses: both ends
  // of the range are NaN patterns.
  private static int rank(int pattern, int lost) {
    int magnitude = pattern & MAGNITUDE;
    int isNaN = Bfloat16.POSITIVE_INFINITY - magnitude >> 31;
    int isNormal = 0x7f - magnitude >> 31;
    int rank = magnitude & isNormal ^ (short) pattern >> 31;
    return rank & ~isNaN | lost & isNaN;
  }

  // Back from a rank; both ends of the range are the one NaN.
  private static int pattern(int rank) {
    int sign = rank >> 31;
    int magnitude = (rank ^ sign) & MAGNITUDE;
    int isNaN = Bfloat16.POSITIVE_INFINITY - magnitude >> 31;
    return (magnitude | sign & Bfloat16.SIGN) & ~isNaN | Bfloat16.NAN & isNaN;
  }

  // Rounds the magnitude down, or up if negative, at the bit that is worth one.
  private static int floor(int pattern) {
    int sign = pattern >> 31;
    int magnitude = pattern & MAGNITUDE;
    int exponent = magnitude >> 7;
    int fraction = (1 << Math.max(0, Math.min(7, 134 - exponent))) - 1;
    int whole = magnitude + (fraction & sign) & ~fraction;
    int isSmall = exponent - 127 >> 31;
    int small = Bfloat16.ONE & sign & -exponent >> 31;
    int isNaN = Bfloat16.POSITIVE_INFINITY - magnitude >> 31;
    int floor = whole & ~isSmall | small & isSmall | sign & Bfloat16.SIGN;
    return floor & ~isNaN | Bfloat16.NAN & isNaN;
  }

  // The integer below, at least in -255..255 and beyond that too large, is the new exponent.
  private static int exp2i(int pattern) {
    int sign = pattern >> 31;
    int magnitude = pattern & MAGNITUDE;
    int exponent = magnitude >> 7;
    int mantissa = (0x80 | magnitude & 0x7f) & -exponent >> 31;
    int shift = Math.max(0, Math.min(8, 134 - exponent));
    int whole = mantissa + ((1 << shift) - 1 & sign) >> shift;
    int biased = Math.max(0, Math.min(255, (whole ^ sign) - sign + 127));
    int isNaN = Bfloat16.POSITIVE_INFINITY - magnitude >> 31;
    return biased << 7 & ~isNaN | Bfloat16.NAN & isNaN;
  }
}
