package org.tataa.numeric;

/**
 * bfloat16 patterns: 1 sign, 8 exponent and 7 mantissa bits in the low 16 bits of an int.
 *
 * <p>Values with exponent 0 count as zero everywhere in the machine (arithmetic.md).
 */
public final class Bfloat16 {
  /** Positive zero. */
  public static final int ZERO = 0x0000;

  /** One. */
  public static final int ONE = 0x3f80;

  /** The only NaN the machine produces. */
  public static final int NAN = 0x7fc0;

  /** Positive infinity. */
  public static final int POSITIVE_INFINITY = 0x7f80;

  /** Negative infinity. */
  public static final int NEGATIVE_INFINITY = 0xff80;

  /** The sign bit. */
  public static final int SIGN = 0x8000;

  /** Smallest positive normal value, 2^-126. */
  public static final int MIN_NORMAL = 0x0080;

  /**
   * How a float is rounded to bfloat16; the machine uses NEAREST_EVEN, the others are for studies.
   */
  public enum Rounding {
    /** To nearest, ties to even. */
    NEAREST_EVEN,
    /** Toward zero. */
    TOWARD_ZERO,
    /** Toward minus infinity, what a two's-complement truncation does. */
    TOWARD_MINUS_INFINITY
  }

  private Bfloat16() {}

  /** Exponent field, 0..255. */
  public static int exponent(int bits) {
    return (bits >> 7) & 0xff;
  }

  /** Mantissa field without the hidden one, 0..127. */
  public static int mantissa(int bits) {
    return bits & 0x7f;
  }

  /** Whether the value counts as zero: exponent field 0. */
  public static boolean isZero(int bits) {
    return (bits & 0x7f80) == 0;
  }

  /** Whether the pattern is a NaN. */
  public static boolean isNaN(int bits) {
    return (bits & 0x7fff) > POSITIVE_INFINITY;
  }

  /** The value with denormals replaced by a zero of their sign. */
  public static int flush(int bits) {
    return isZero(bits) ? bits & SIGN : bits;
  }

  /** The exact value of a pattern, denormals included. */
  public static float toFloat(int bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Nearest bfloat16, ties to even; NaN becomes {@link #NAN}, denormal results stay denormal. */
  public static int fromFloat(float value) {
    return fromFloat(value, Rounding.NEAREST_EVEN);
  }

  /** bfloat16 of a float in the given rounding; NaN becomes {@link #NAN}. */
  public static int fromFloat(float value, Rounding rounding) {
    if (Float.isNaN(value)) {
      return NAN;
    }
    int bits = Float.floatToRawIntBits(value);
    int kept = bits >>> 16;
    int lost = bits & 0xffff;
    return switch (rounding) {
      case NEAREST_EVEN -> (bits + 0x7fff + (kept & 1)) >>> 16;
      case TOWARD_ZERO -> kept;
      case TOWARD_MINUS_INFINITY -> bits < 0 && lost != 0 ? kept + 1 : kept;
    };
  }

  /** A pattern as a hardware engineer reads it, for example {@code 0x4049=3.140625}. */
  public static String format(int bits) {
    return String.format("0x%04x=%s", bits & 0xffff, toFloat(bits));
  }

  /**
   * Rounds {@code significand * 2^scale} to nearest even and flushes a result below the smallest
   * normal to a zero of its sign. Bit 0 of the significand may be sticky.
   *
   * @param sign 0 or {@link #SIGN}
   * @param significand positive
   */
  static int round(int sign, long significand, int scale) {
    int top = 63 - Long.numberOfLeadingZeros(significand);
    int exponent = top + scale + 127;
    if (exponent > 254) {
      return sign | POSITIVE_INFINITY;
    }
    // Below the normals the quantum is fixed: the mantissa loses one bit per missing exponent.
    int drop = top - 7 + (exponent < 1 ? 1 - exponent : 0);
    long kept;
    if (drop <= 0) {
      kept = significand << -drop;
    } else if (drop > 62) {
      return sign;
    } else {
      long half = 1L << (drop - 1);
      kept = significand >> drop;
      long lost = significand & ((1L << drop) - 1);
      if (lost > half || (lost == half && (kept & 1) != 0)) {
        kept++;
      }
    }
    int bits = (Math.max(exponent, 1) - 1 << 7) + (int) kept;
    if (bits >= POSITIVE_INFINITY) {
      return sign | POSITIVE_INFINITY;
    }
    return bits < MIN_NORMAL ? sign : sign | bits;
  }
}
