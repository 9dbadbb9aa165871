package org.tataa.numeric;

/**
 * The released datapath: the hidden one always inserted, no zero, infinity or NaN, results
 * truncated toward minus infinity (arithmetic.md, RELEASED_RTL).
 */
final class ReleasedBf16 implements Bf16Unit {
  @Override
  public int mul(int a, int b) {
    return finish(value(a) * value(b), mulExponent(a, b));
  }

  @Override
  public int add(int a, int b) {
    boolean firstLarger = Bfloat16.exponent(a) > Bfloat16.exponent(b);
    int large = firstLarger ? a : b;
    int small = firstLarger ? b : a;
    int shift = Bfloat16.exponent(large) - Bfloat16.exponent(small);
    return finish(alignedSum(value(large), value(small), shift), Bfloat16.exponent(large));
  }

  /** Two's-complement mantissa, hidden one always set. */
  static int value(int bits) {
    return CorrectedBf16.signedMantissa(bits);
  }

  static int mulExponent(int a, int b) {
    return Math.max(0, Math.min(255, Bfloat16.exponent(a) + Bfloat16.exponent(b) - 127));
  }

  static int alignedSum(int large, int small, int shift) {
    return alignedLarge(large) + alignedSmall(small, shift);
  }

  static int alignedLarge(int large) {
    return 128 * large;
  }

  // Shifted by multiplying.
  static int alignedSmall(int small, int shift) {
    return shift <= 7 ? small * (1 << (7 - shift)) : 0;
  }

  static int finish(int value, int exponent) {
    int carry = isBig(value) ? 1 : 0;
    int truncated = value >> (7 + carry);
    int sign = value < 0 ? Bfloat16.SIGN : 0;
    return sign | ((exponent + carry) & 0xff) << 7 | Math.abs(truncated) & 0x7f;
  }

  /** Whether the mantissa has one integer digit too many. */
  static boolean isBig(int value) {
    return value >= 1 << 15 || value < -(1 << 15);
  }
}
