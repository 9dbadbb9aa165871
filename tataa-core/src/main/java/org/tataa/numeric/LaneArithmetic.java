package org.tataa.numeric;

import org.tataa.config.ArithmeticProfile;

/**
 * A lane operation on many lanes at once, without the stages in between: same results as {@link
 * ColumnStages} and {@link Bf16Unit}.
 *
 * <p>CORRECTED products and sums use {@code float}. A product of two bfloat16 is exact in a float,
 * and so is a sum unless one operand is too small to matter for the rounding to 8 bits; the one
 * rounding left is integer arithmetic on the pattern. There are no branches per lane.
 */
public final class LaneArithmetic {
  private static final int EXPONENT = 0x7f80;

  private final boolean corrected;
  private final Bf16Unit unit;

  private LaneArithmetic(ArithmeticProfile profile) {
    corrected = profile == ArithmeticProfile.CORRECTED;
    unit = Bf16Unit.of(profile);
  }

  /** The arithmetic of a profile. */
  public static LaneArithmetic of(ArithmeticProfile profile) {
    return new LaneArithmetic(profile);
  }

  /**
   * Computes a result for every lane.
   *
   * @param a first operands, patterns
   * @param b second operands, patterns
   * @param result receives the patterns
   */
  public void apply(LaneOp op, int[] a, int[] b, int[] result) {
    if (corrected && op == LaneOp.MUL) {
      multiply(a, b, result);
    } else if (corrected && op == LaneOp.ADD) {
      add(a, b, result);
    } else {
      for (int lane = 0; lane < result.length; lane++) {
        result[lane] = unit.apply(op, a[lane], b[lane]);
      }
    }
  }

  private static void multiply(int[] a, int[] b, int[] result) {
    for (int lane = 0; lane < result.length; lane++) {
      result[lane] = round(flushed(a[lane]) * flushed(b[lane]));
    }
  }

  private static void add(int[] a, int[] b, int[] result) {
    for (int lane = 0; lane < result.length; lane++) {
      result[lane] = round(flushed(a[lane]) + flushed(b[lane]));
    }
  }

  // The value of a pattern, denormals as a zero of their sign.
  private static float flushed(int bits) {
    return Float.intBitsToFloat(flush(bits) << 16);
  }

  // All ones where the exponent field is not zero, else only the sign remains.
  private static int flush(int bits) {
    int isNormal = -(bits & EXPONENT) >> 31;
    return bits & (isNormal | Bfloat16.SIGN);
  }

  // Nearest even, denormal results to a zero of their sign, one NaN.
  private static int round(float value) {
    int bits = Float.floatToRawIntBits(value);
    int rounded = bits + 0x7fff + (bits >>> 16 & 1) >>> 16;
    int isNaN = (Float.floatToRawIntBits(Float.POSITIVE_INFINITY) - (bits & 0x7fffffff)) >> 31;
    return flush(rounded) & ~isNaN | Bfloat16.NAN & isNaN;
  }
}
