package org.tataa.simd;

import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.LaneOp;

/**
 * Lane operations without a branch per lane.
 *
 * <p>Products and sums use {@code float}. A product of two bfloat16 is exact in a float, and so is
 * a sum unless one operand is too small to matter for the rounding to 8 bits; the one rounding left
 * is integer arithmetic on the pattern. What is special about zeros, denormals and NaN comes from
 * {@link LaneTables}.
 */
final class ScalarLanes implements LaneKernel {
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
      case APP -> approximate(a, aFrom, aFlip, result, resultFrom, lanes);
      case FLOOR -> lookUp(LaneTables.FLOOR, a, aFrom, aFlip, result, resultFrom, lanes);
      case EXP2I -> lookUp(LaneTables.EXP2I, a, aFrom, aFlip, result, resultFrom, lanes);
    }
  }

  // The sign of a product may be flipped on either side.
  private static void multiply(
      short[] a, int aFrom, short[] b, int bFrom, int flip, short[] result, int from, int lanes) {
    for (int i = 0; i < lanes; i++) {
      result[from + i] = round(value(a[aFrom + i] ^ flip) * value(b[bFrom + i]));
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
      result[from + i] = round(value(a[aFrom + i] ^ aFlip) + value(b[bFrom + i] ^ bFlip));
    }
  }

  private static float value(int pattern) {
    return LaneTables.VALUE[pattern & LaneTables.INDEX];
  }

  // Nearest even. The only NaN among the operands has zeros in the bits that are rounded away, and
  // so have those that operations make: rounding does not carry into their sign.
  private static short round(float value) {
    int bits = Float.floatToRawIntBits(value);
    return LaneTables.RESULT[bits + 0x7fff + (bits >>> 16 & 1) >>> 16];
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
      int first = LaneTables.RANK[(a[aFrom + i] ^ aFlip) & LaneTables.INDEX];
      int second = LaneTables.RANK[(b[bFrom + i] ^ bFlip) & LaneTables.INDEX];
      int pattern = LaneTables.rank(Math.max(first, second));
      result[from + i] = LaneTables.RESULT[pattern & LaneTables.INDEX];
    }
  }

  // The larger of the negated operands, negated.
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
      int first = LaneTables.RANK[(a[aFrom + i] ^ aFlip ^ Bfloat16.SIGN) & LaneTables.INDEX];
      int second = LaneTables.RANK[(b[bFrom + i] ^ bFlip ^ Bfloat16.SIGN) & LaneTables.INDEX];
      int pattern = LaneTables.rank(Math.max(first, second)) ^ Bfloat16.SIGN;
      result[from + i] = LaneTables.RESULT[pattern & LaneTables.INDEX];
    }
  }

  private static void approximate(
      short[] a, int aFrom, int aFlip, short[] result, int from, int lanes) {
    for (int i = 0; i < lanes; i++) {
      result[from + i] = (short) (0x5f37 - (((a[aFrom + i] ^ aFlip) & LaneTables.INDEX) >>> 1));
    }
  }

  private static void lookUp(
      short[] table, short[] a, int aFrom, int aFlip, short[] result, int from, int lanes) {
    for (int i = 0; i < lanes; i++) {
      result[from + i] = table[(a[aFrom + i] ^ aFlip) & LaneTables.INDEX];
    }
  }
}
