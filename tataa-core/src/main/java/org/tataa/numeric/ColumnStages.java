package org.tataa.numeric;

import org.tataa.config.ArithmeticProfile;

/**
 * The four stages of a bfloat16 column, applied to all lanes at once. Composed they equal {@link
 * Bf16Unit} of the same profile (arithmetic.md, the four-stage column).
 */
public final class ColumnStages {
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

  /**
   * S0: exponents added or subtracted, mantissas from sign-magnitude to two's complement.
   *
   * @param a {@code [lanes]} first operands, selected and negated already
   * @param b {@code [lanes]} second operands
   */
  public void stage0(LaneOp op, int[] a, int[] b, ColumnRegisters r) {
    boolean multiply = op == LaneOp.MUL;
    for (int lane = 0; lane < a.length; lane++) {
      int first = a[lane];
      int second = b[lane];
      int exponentA = Bfloat16.exponent(first);
      int exponentB = Bfloat16.exponent(second);
      r.s0ExponentA[lane] = exponentA;
      r.s0ExponentB[lane] = exponentB;
      r.s0Exponent[lane] = multiply ? exponentA + exponentB - 127 : exponentA - exponentB;
      r.s0MantissaA[lane] = CorrectedBf16.signedMantissa(first);
      r.s0MantissaB[lane] = CorrectedBf16.signedMantissa(second);
      r.s0Bypass[lane] = bypass(op, first, second);
    }
  }

  private int bypass(LaneOp op, int a, int b) {
    return switch (op) {
      case MUL -> corrected ? CorrectedBf16.mulBypass(a, b) : -1;
      case ADD -> corrected ? CorrectedBf16.addBypass(a, b) : -1;
      default -> unit.apply(op, a, b);
    };
  }

  /** S1: exponent of the result, and which mantissa is shifted by how much. */
  public void stage1(LaneOp op, ColumnRegisters r) {
    for (int lane = 0; lane < r.result.length; lane++) {
      int exponent = r.s0Exponent[lane];
      r.s1Bypass[lane] = r.s0Bypass[lane];
      if (op == LaneOp.MUL) {
        r.s1Exponent[lane] = corrected ? exponent : Math.max(0, Math.min(255, exponent));
        r.s1Shift[lane] = 0;
        r.s1MantissaLarge[lane] = r.s0MantissaA[lane];
        r.s1MantissaSmall[lane] = r.s0MantissaB[lane];
      } else {
        boolean firstLarger = exponent > 0 || (corrected && exponent == 0);
        r.s1Exponent[lane] = firstLarger ? r.s0ExponentA[lane] : r.s0ExponentB[lane];
        r.s1Shift[lane] = Math.abs(exponent);
        r.s1MantissaLarge[lane] = firstLarger ? r.s0MantissaA[lane] : r.s0MantissaB[lane];
        r.s1MantissaSmall[lane] = firstLarger ? r.s0MantissaB[lane] : r.s0MantissaA[lane];
      }
    }
  }

  /** S2: product, or the sum with the smaller mantissa shifted. */
  public void stage2(LaneOp op, ColumnRegisters r) {
    for (int lane = 0; lane < r.result.length; lane++) {
      int large = r.s1MantissaLarge[lane];
      int small = r.s1MantissaSmall[lane];
      r.s2Bypass[lane] = r.s1Bypass[lane];
      r.s2Exponent[lane] = r.s1Exponent[lane];
      if (op == LaneOp.MUL) {
        r.s2Value[lane] = large * small;
      } else if (corrected) {
        r.s2Value[lane] = CorrectedBf16.alignedSum(large, small, r.s1Shift[lane]);
      } else {
        r.s2Value[lane] = ReleasedBf16.alignedSum(large, small, r.s1Shift[lane]);
      }
    }
  }

  /** S3: normalised, rounded or truncated, and packed. */
  public void stage3(LaneOp op, ColumnRegisters r) {
    for (int lane = 0; lane < r.result.length; lane++) {
      int bits = r.s2Bypass[lane];
      if (bits < 0) {
        bits = pack(op, r.s2Value[lane], r.s2Exponent[lane]);
      }
      r.s3Sign[lane] = bits >> 15;
      r.s3Exponent[lane] = Bfloat16.exponent(bits);
      r.s3Mantissa[lane] = Bfloat16.mantissa(bits);
      r.result[lane] = bits;
    }
  }

  private int pack(LaneOp op, int value, int exponent) {
    if (!corrected) {
      return ReleasedBf16.finish(value, exponent);
    }
    if (op == LaneOp.MUL) {
      return Bfloat16.round(
          value < 0 ? Bfloat16.SIGN : 0, Math.abs(value), exponent + 127 - 2 * 134);
    }
    return CorrectedBf16.roundSum(value, exponent);
  }
}
