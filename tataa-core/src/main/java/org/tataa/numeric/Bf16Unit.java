package org.tataa.numeric;

import org.tataa.config.ArithmeticProfile;

/**
 * The bfloat16 operations of a lane as functions from patterns to patterns (arithmetic.md, bf16
 * operations). Operands and results are 16-bit patterns in an int.
 */
public sealed interface Bf16Unit permits CorrectedBf16, ReleasedBf16 {
  /** Product. */
  int mul(int a, int b);

  /** Sum. */
  int add(int a, int b);

  /** {@code 0x5f37 - (a >>> 1)} on the pattern: the unsquared start of an inverse square root. */
  default int app(int a) {
    return (0x5f37 - ((a & 0xffff) >>> 1)) & 0xffff;
  }

  /** Larger value. NaN loses, -0 is below +0, two NaN give {@link Bfloat16#NAN}. */
  default int max(int a, int b) {
    return Selection.select(a, b, true);
  }

  /** Smaller value. NaN loses, -0 is below +0, two NaN give {@link Bfloat16#NAN}. */
  default int min(int a, int b) {
    return Selection.select(a, b, false);
  }

  /** Largest integer not above the value; a zero keeps its sign. */
  default int floor(int a) {
    return Selection.floor(a);
  }

  /** {@code 2^floor(a)}; 0 below -126, +infinity above 127. */
  default int exp2i(int a) {
    return Selection.exp2i(a);
  }

  /** Any operation; one-operand operations ignore {@code b}. */
  default int apply(LaneOp op, int a, int b) {
    return switch (op) {
      case MUL -> mul(a, b);
      case ADD -> add(a, b);
      case APP -> app(a);
      case MAX -> max(a, b);
      case MIN -> min(a, b);
      case FLOOR -> floor(a);
      case EXP2I -> exp2i(a);
    };
  }

  /** The operations of a profile. */
  static Bf16Unit of(ArithmeticProfile profile) {
    return profile == ArithmeticProfile.CORRECTED ? new CorrectedBf16() : new ReleasedBf16();
  }
}
