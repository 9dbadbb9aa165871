package org.tataa.numeric;

import org.tataa.config.ArithmeticProfile;

/**
 * What the registers of the four stages of a bfloat16 column take (arithmetic.md, the four-stage
 * column), one function per register that computes something. Composed they equal {@link Bf16Unit}
 * of the same profile.
 *
 * <p>An operation on zero, infinity or NaN, and the operations that only pick a pattern, are
 * decided in S0; their result goes along in a bypass register, which is 0 otherwise.
 */
public final class ColumnStages {
  /** Bit of a bypass register that says that the lower ones are the result. */
  public static final int DECIDED = 1 << 16;

  private final boolean corrected;
  private final Bf16Unit unit;

  private ColumnStages(ArithmeticProfile profile) {
    corrected = profile == ArithmeticProfile.CORRECTED;
    unit = Bf16Unit.of(profile);
  }

  /** The stages of a profile. */
  public static ColumnStages of(ArithmeticProfile profile) {
    return new ColumnStages(profile);
  }

  /** The whole operation at once. */
  public int apply(LaneOp op, int a, int b) {
    return unit.apply(op, a, b);
  }

  /** S0, M: the mantissa of a pattern, from sign-magnitude to two's complement. */
  public int mantissa(int bits) {
    return CorrectedBf16.signedMantissa(bits);
  }

  /** S0, M: {@link #DECIDED} and the result, if the operands decide it, else 0. */
  public int bypass(LaneOp op, int a, int b) {
    int bits =
        switch (op) {
          case MUL -> corrected ? CorrectedBf16.mulBypass(a, b) : -1;
          case ADD -> corrected ? CorrectedBf16.addBypass(a, b) : -1;
          default -> unit.apply(op, a, b);
        };
    return bits < 0 ? 0 : DECIDED | bits;
  }

  /** S0, P: sum of the exponents less the bias (multiply), or that of the first operand (add). */
  public int exponent(LaneOp op, int exponentA, int exponentB) {
    return op == LaneOp.MUL ? exponentA + exponentB - 127 : exponentA;
  }

  /** S0, P: how far the second exponent is below the first (add), or 0 (multiply). */
  public int distance(LaneOp op, int exponentA, int exponentB) {
    return op == LaneOp.MUL ? 0 : exponentA - exponentB;
  }

  /** S1, M: the exponent the result starts from, of a sum the larger one. */
  public int resultExponent(LaneOp op, int exponent, int distance) {
    if (op == LaneOp.MUL) {
      return corrected ? exponent : Math.max(0, Math.min(255, exponent));
    }
    return Math.max(exponent, exponent - distance);
  }

  /** S1, P: whether the first mantissa is the one to be shifted, and the second stays. */
  public boolean shiftsFirst(LaneOp op, int distance) {
    return op != LaneOp.MUL && (corrected ? distance < 0 : distance <= 0);
  }

  /** S2, M: the larger mantissa where the sum is formed; 0 for a product. */
  public int aligned(LaneOp op, int large) {
    if (op == LaneOp.MUL) {
      return 0;
    }
    return corrected ? CorrectedBf16.alignedLarge(large) : ReleasedBf16.alignedLarge(large);
  }

  /** S2, M: the product, or the smaller mantissa shifted. */
  public int product(LaneOp op, int large, int small, int shift) {
    if (op == LaneOp.MUL) {
      return large * small;
    }
    return corrected
        ? CorrectedBf16.alignedSmall(small, shift)
        : ReleasedBf16.alignedSmall(small, shift);
  }

  /** S3, P: the result: decided already, or normalised, rounded or truncated, and packed. */
  public int pack(LaneOp op, int bypass, boolean negative, int magnitude, int exponent) {
    if (bypass != 0) {
      return bypass & 0xffff;
    }
    int value = negative ? -magnitude : magnitude;
    if (!corrected) {
      return ReleasedBf16.finish(value, exponent);
    }
    if (op == LaneOp.MUL) {
      return Bfloat16.round(negative ? Bfloat16.SIGN : 0, magnitude, exponent + 127 - 2 * 134);
    }
    return CorrectedBf16.roundSum(value, exponent);
  }
}
