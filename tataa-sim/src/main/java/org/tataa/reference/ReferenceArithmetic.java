package org.tataa.reference;

import org.tataa.config.ArithmeticProfile;
import org.tataa.numeric.LaneOp;

/**
 * The arithmetic contract a second time, by other means than the core's: CORRECTED by float and
 * double arithmetic, RELEASED_RTL by the formulas of arithmetic.md as they stand there.
 */
public final class ReferenceArithmetic {
  private static final int NAN = 0x7fc0;

  private final boolean corrected;

  /** The arithmetic of a profile. */
  public ReferenceArithmetic(ArithmeticProfile profile) {
    corrected = profile == ArithmeticProfile.CORRECTED;
  }

  /** A value reduced to {@code bits} bits, two's complement. */
  public static long wrap(long value, int bits) {
    long range = 1L << bits;
    long low = Math.floorMod(value, range);
    return low >= range / 2 ? low - range : low;
  }

  private static float value(int bits) {
    float value = Float.intBitsToFloat(bits << 16);
    return (bits >> 7 & 0xff) == 0 ? Math.copySign(0f, value) : value;
  }

  private static int round(float value) {
    if (Float.isNaN(value)) {
      return NAN;
    }
    int raw = Float.floatToRawIntBits(value);
    int up = raw >>> 16 & 1;
    int bits = (raw + 0x7fff + up) >>> 16;
    return (bits >> 7 & 0xff) == 0 ? bits & 0x8000 : bits;
  }

  /** A lane operation on patterns. */
  public int apply(LaneOp op, int a, int b) {
    return switch (op) {
      case MUL -> corrected ? round(value(a) * value(b)) : releasedMul(a, b);
      case ADD -> corrected ? round(value(a) + value(b)) : releasedAdd(a, b);
      case APP -> 0x5f37 - (a >>> 1) & 0xffff;
      case MAX -> extremum(value(a), value(b), true);
      case MIN -> extremum(value(a), value(b), false);
      case FLOOR -> round((float) Math.floor(value(a)));
      case EXP2I -> exp2(value(a));
    };
  }

  private static int extremum(float a, float b, boolean larger) {
    if (Float.isNaN(a)) {
      return round(b);
    }
    if (Float.isNaN(b)) {
      return round(a);
    }
    return round(larger ? Math.max(a, b) : Math.min(a, b));
  }

  private static int exp2(float a) {
    if (Float.isNaN(a)) {
      return NAN;
    }
    double power = Math.pow(2, Math.floor(a));
    return power < Float.MIN_NORMAL ? 0 : round((float) power);
  }

  private static int exponent(int bits) {
    return bits >> 7 & 0xff;
  }

  private static long mantissa(int bits) {
    long magnitude = 128L + (bits & 0x7f);
    return (bits & 0x8000) == 0 ? magnitude : -magnitude;
  }

  private static int releasedMul(int a, int b) {
    int e = Math.min(255, Math.max(0, exponent(a) + exponent(b) - 127));
    return finish(mantissa(a) * mantissa(b), e);
  }

  private static int releasedAdd(int a, int b) {
    boolean bLarge = exponent(b) >= exponent(a);
    int large = bLarge ? b : a;
    int small = bLarge ? a : b;
    int distance = exponent(large) - exponent(small);
    long aligned = distance <= 7 ? mantissa(small) * (1L << (7 - distance)) : 0;
    return finish(128 * mantissa(large) + aligned, exponent(large));
  }

  private static int finish(long v, int e) {
    boolean big = v >= 32768 || v < -32768;
    long t = Math.floorDiv(v, big ? 256L : 128L);
    int exponent = (e + (big ? 1 : 0)) % 256;
    return (v < 0 ? 0x8000 : 0) + (exponent << 7) + (int) (Math.abs(t) % 128);
  }

  /** Partial sum to int8. */
  public int accToInt8(long acc, int mantissa, int shift) {
    if (!corrected) {
      return (int) (((acc & 0xffff) * (mantissa & 0xffff)) / (1L << shift) % 256);
    }
    return saturate((double) acc * mantissa / (1L << shift));
  }

  /** Partial sum to a bfloat16 pattern. */
  public int accToBf16(long acc, int mantissa, int shift) {
    if (!corrected) {
      long p = (acc & 0xffff) * (mantissa & 0xffff);
      int top = 0;
      while (top < 63 && p >> (top + 1) != 0) {
        top++;
      }
      int exponent = (Math.max(top - 16, 0) + shift) % 256;
      return (exponent << 7) + (int) (p / 512 % 128);
    }
    double exact = (double) acc * mantissa / (1L << shift);
    if (exact == 0) {
      return 0;
    }
    double unit = Math.scalb(1.0, Math.getExponent(exact) - 7);
    return round((float) (Math.rint(exact / unit) * unit));
  }

  /** bfloat16 pattern to int8. */
  public int bf16ToInt8(int bits, int mantissa, int shift) {
    if (!corrected) {
      long value = Math.floorMod(mantissa(bits), 512L);
      return (int) (value * (mantissa & 0xffff) / (1L << shift) % 256);
    }
    return saturate((double) value(bits) * mantissa / (1L << shift));
  }

  private static int saturate(double value) {
    return Double.isNaN(value) ? 0 : (int) Math.max(-128, Math.min(127, Math.rint(value)));
  }
}
