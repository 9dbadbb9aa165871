package org.tataa.simd;

import org.tataa.numeric.LaneOp;

/**
 * A bfloat16 operation on many lanes, CORRECTED arithmetic: same results as {@link
 * org.tataa.numeric.Bf16Unit}. Patterns are shorts. Not thread safe.
 */
public interface LaneKernel {
  /**
   * Computes {@code result[resultFrom + i] = op(a[aFrom + i] ^ aFlip, b[bFrom + i] ^ bFlip)} for
   * every lane {@code i}. Operations with one operand ignore {@code b}. The result may be an
   * operand at the same place; ranges that overlap otherwise are not supported.
   *
   * @param a first operands, patterns
   * @param aFlip 0, or 0x8000 to negate the first operands
   * @param b second operands, patterns
   * @param bFlip 0, or 0x8000 to negate the second operands
   * @param result receives the patterns
   * @param lanes number of lanes, at least 0
   */
  void apply(
      LaneOp op,
      short[] a,
      int aFrom,
      int aFlip,
      short[] b,
      int bFrom,
      int bFlip,
      short[] result,
      int resultFrom,
      int lanes);
}
