package org.tataa.numeric;

/** The operations that pick or build a pattern without rounding; the same in both profiles. */
final class Selection {
  private Selection() {}

  // Maps patterns to ints in the order of their values, -0 just below +0.
  private static int rank(int bits) {
    return (bits & Bfloat16.SIGN) != 0 ? -(bits & 0x7fff) - 1 : bits & 0x7fff;
  }

  static int select(int a, int b, boolean larger) {
    if (Bfloat16.isNaN(a)) {
      return Bfloat16.isNaN(b) ? Bfloat16.NAN : Bfloat16.flush(b);
    }
    int first = Bfloat16.flush(a);
    if (Bfloat16.isNaN(b)) {
      return first;
    }
    int second = Bfloat16.flush(b);
    return rank(first) > rank(second) == larger ? first : second;
  }

  static int floor(int a) {
    if (Bfloat16.isNaN(a)) {
      return Bfloat16.NAN;
    }
    if (Bfloat16.isZero(a)) {
      return a & Bfloat16.SIGN;
    }
    int fractionBits = 134 - Bfloat16.exponent(a);
    if (fractionBits <= 0) {
      return a;
    }
    boolean negative = (a & Bfloat16.SIGN) != 0;
    if (fractionBits > 7) {
      return negative ? Bfloat16.ONE | Bfloat16.SIGN : Bfloat16.ZERO;
    }
    int mask = (1 << fractionBits) - 1;
    if ((a & mask) == 0) {
      return a;
    }
    // Away from zero for negative values; a carry out of the mantissa increments the exponent.
    return negative ? (a & ~mask) + mask + 1 : a & ~mask;
  }

  static int exp2i(int a) {
    if (Bfloat16.isNaN(a)) {
      return Bfloat16.NAN;
    }
    int n = (int) Math.max(-1000, Math.min(1000, Bfloat16.toFloat(floor(a))));
    if (n < -126) {
      return Bfloat16.ZERO;
    }
    return n > 127 ? Bfloat16.POSITIVE_INFINITY : n + 127 << 7;
  }
}
