package org.tataa.simd;

import org.tataa.config.ArithmeticProfile;
import org.tataa.numeric.Bf16Unit;
import org.tataa.numeric.Bfloat16;

/**
 * What plain Java looks up instead of computing: one entry for every pattern. A lookup is two
 * instructions where flushing or rounding in integers takes ten; numbers of one tensor share few
 * exponents, so that few of the 64 Ki entries are really touched.
 */
final class LaneTables {
  /** Index of a pattern in every table: a short without its sign. */
  static final int INDEX = 0xffff;

  /** The value of an operand: denormals flushed, one NaN. */
  static final float[] VALUE = new float[1 << 16];

  /** The pattern that leaves a lane instead of this one: denormals flushed, one NaN. */
  static final short[] RESULT = new short[1 << 16];

  /**
   * Operands in the order of their values, -0 just below +0; a NaN is below everything. The
   * patterns of a rank and its complement differ in the sign only.
   */
  static final short[] RANK = new short[1 << 16];

  /** Results of FLOOR. */
  static final short[] FLOOR = new short[1 << 16];

  /** Results of EXP2I. */
  static final short[] EXP2I = new short[1 << 16];

  static {
    Bf16Unit unit = Bf16Unit.of(ArithmeticProfile.CORRECTED);
    for (int pattern = 0; pattern < 1 << 16; pattern++) {
      int result = Bfloat16.isNaN(pattern) ? Bfloat16.NAN : Bfloat16.flush(pattern);
      VALUE[pattern] = Bfloat16.toFloat(result);
      RESULT[pattern] = (short) result;
      RANK[pattern] = Bfloat16.isNaN(pattern) ? Short.MIN_VALUE : (short) rank(result);
      FLOOR[pattern] = (short) unit.floor(pattern);
      EXP2I[pattern] = (short) unit.exp2i(pattern);
    }
  }

  private LaneTables() {}

  /** From a pattern to its rank and back: the magnitude inverted where the sign is set. */
  static int rank(int pattern) {
    return pattern ^ (short) pattern >> 15 & 0x7fff;
  }
}
