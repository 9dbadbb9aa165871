package org.tataa.numeric;

/** Correctly rounded bfloat16 with flushed denormals (arithmetic.md, CORRECTED). */
final class CorrectedBf16 implements Bf16Unit {
  /** Bits kept below the smaller mantissa when it is aligned; more than rounding needs. */
  static final int GUARD = 12;

  @Override
  public int mul(int a, int b) {
    int bypass = mulBypass(a, b);
    if (bypass >= 0) {
      return bypass;
    }
    int product = (0x80 | a & 0x7f) * (0x80 | b & 0x7f);
    int scale = Bfloat16.exponent(a) + Bfloat16.exponent(b) - 2 * 134;
    return Bfloat16.round((a ^ b) & Bfloat16.SIGN, product, scale);
  }

  @Override
  public int add(int a, int b) {
    int bypass = addBypass(a, b);
    if (bypass >= 0) {
      return bypass;
    }
    boolean swap = Bfloat16.exponent(b) > Bfloat16.exponent(a);
    int large = swap ? b : a;
    int small = swap ? a : b;
    int shift = Bfloat16.exponent(large) - Bfloat16.exponent(small);
    int sum = alignedSum(signedMantissa(large), signedMantissa(small), shift);
    return roundSum(sum, Bfloat16.exponent(large));
  }

  /** Result of a product with a zero, infinite or NaN operand; -1 if there is none. */
  static int mulBypass(int a, int b) {
    int sign = (a ^ b) & Bfloat16.SIGN;
    boolean zero = Bfloat16.isZero(a) || Bfloat16.isZero(b);
    if (Bfloat16.exponent(a) == 255 || Bfloat16.exponent(b) == 255) {
      return Bfloat16.isNaN(a) || Bfloat16.isNaN(b) || zero
          ? Bfloat16.NAN
          : sign | Bfloat16.POSITIVE_INFINITY;
    }
    return zero ? sign : -1;
  }

  /** Result of a sum with a zero, infinite or NaN operand; -1 if there is none. */
  static int addBypass(int a, int b) {
    boolean specialA = Bfloat16.exponent(a) == 255;
    boolean specialB = Bfloat16.exponent(b) == 255;
    if (specialA || specialB) {
      if (Bfloat16.isNaN(a) || Bfloat16.isNaN(b)) {
        return Bfloat16.NAN;
      }
      if (specialA && specialB && a != b) {
        return Bfloat16.NAN;
      }
      return specialA ? a : b;
    }
    if (Bfloat16.isZero(a)) {
      return Bfloat16.isZero(b) ? a & b & Bfloat16.SIGN : b;
    }
    return Bfloat16.isZero(b) ? a : -1;
  }

  /** Two's-complement mantissa with the hidden one. */
  static int signedMantissa(int bits) {
    int magnitude = 0x80 | bits & 0x7f;
    return (bits & Bfloat16.SIGN) != 0 ? -magnitude : magnitude;
  }

  /** Sum of mantissas with {@link #GUARD} extra bits; bit 0 is sticky. */
  static int alignedSum(int large, int small, int shift) {
    return alignedLarge(large) + alignedSmall(small, shift);
  }

  /** The mantissa of the larger exponent with {@link #GUARD} extra bits. */
  static int alignedLarge(int large) {
    return large << GUARD;
  }

  /** The other mantissa with {@link #GUARD} extra bits, shifted; bit 0 is sticky. */
  static int alignedSmall(int small, int shift) {
    int magnitude = Math.abs(small) << GUARD;
    int distance = Math.min(shift, 30);
    int aligned = magnitude >> distance;
    aligned |= (aligned << distance) != magnitude ? 1 : 0;
    return small < 0 ? -aligned : aligned;
  }

  /** Rounds an aligned sum that belongs to the larger exponent; an exact zero is +0. */
  static int roundSum(int sum, int exponent) {
    return sum == 0
        ? Bfloat16.ZERO
        : Bfloat16.round(sum < 0 ? Bfloat16.SIGN : 0, Math.abs(sum), exponent - 134 - GUARD);
  }
}
