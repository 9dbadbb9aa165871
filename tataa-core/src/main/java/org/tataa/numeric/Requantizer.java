package org.tataa.numeric;

import org.tataa.config.ArithmeticProfile;

/**
 * The four conversions of the store path (arithmetic.md, Requantiser). The scale is {@code mantissa
 * * 2^-rightShift} with a signed 16-bit mantissa and a shift of 0..31.
 *
 * <p>Results are patterns: int8 in bits 7:0, bfloat16 in bits 15:0. Bits {@link #SATURATED} and
 * {@link #NAN} above them report what happened.
 */
public final class Requantizer {
  /** Set in a result that was clipped to [-128, 127]. */
  public static final int SATURATED = 1 << 16;

  /** Set in a result whose input was not a number. */
  public static final int NAN = 1 << 17;

  private final boolean corrected;

  /** The requantiser of a profile. */
  public Requantizer(ArithmeticProfile profile) {
    corrected = profile == ArithmeticProfile.CORRECTED;
  }

  /** Partial sum to int8: scaled, rounded to nearest even, saturated. */
  public int accToInt8(int acc, int mantissa, int rightShift) {
    if (!corrected) {
      return (int) (released(acc, mantissa) >>> rightShift) & 0xff;
    }
    return saturate(roundShift((long) acc * mantissa, rightShift));
  }

  /** Partial sum to bfloat16: the exact product rounded once, to nearest even. */
  public int accToBf16(int acc, int mantissa, int rightShift) {
    if (!corrected) {
      long product = released(acc, mantissa);
      int top = 63 - Long.numberOfLeadingZeros(product | 1);
      int exponent = Math.max(top - 16, 0) + rightShift;
      return (exponent & 0xff) << 7 | (int) (product >> 9) & 0x7f;
    }
    long product = (long) acc * mantissa;
    return product == 0
        ? Bfloat16.ZERO
        : Bfloat16.round(product < 0 ? Bfloat16.SIGN : 0, Math.abs(product), -rightShift);
  }

  /** bfloat16 to int8: scaled, rounded to nearest even, saturated; NaN gives 0. */
  public int bf16ToInt8(int value, int mantissa, int rightShift) {
    if (!corrected) {
      long product = (CorrectedBf16.signedMantissa(value) & 0x1ffL) * (mantissa & 0xffff);
      return (int) (product >>> rightShift) & 0xff;
    }
    int exponent = Bfloat16.exponent(value);
    if (exponent == 255) {
      if (Bfloat16.isNaN(value) || mantissa == 0) {
        return NAN;
      }
      boolean negative = (value & Bfloat16.SIGN) != 0 ^ mantissa < 0;
      return SATURATED | (negative ? 0x80 : 0x7f);
    }
    if (exponent == 0 || mantissa == 0) {
      return 0;
    }
    long product = (long) CorrectedBf16.signedMantissa(value) * mantissa;
    int shift = 134 + rightShift - exponent;
    if (shift < -8) {
      return SATURATED | (product < 0 ? 0x80 : 0x7f);
    }
    return saturate(shift <= 0 ? product << -shift : roundShift(product, shift));
  }

  /** bfloat16 to bfloat16: unchanged. */
  public int bf16ToBf16(int value) {
    return value;
  }

  private static long released(int acc, int mantissa) {
    return (acc & 0xffffL) * (mantissa & 0xffff);
  }

  // Nearest even of value / 2^shift.
  private static long roundShift(long value, int shift) {
    if (shift == 0) {
      return value;
    }
    if (shift > 60) {
      return 0;
    }
    long floor = value >> shift;
    long lost = value - (floor << shift);
    long half = 1L << (shift - 1);
    return lost > half || (lost == half && (floor & 1) != 0) ? floor + 1 : floor;
  }

  private static int saturate(long value) {
    if (value > 127) {
      return SATURATED | 0x7f;
    }
    return value < -128 ? SATURATED | 0x80 : (int) value & 0xff;
  }
}
