package org.tataa.numeric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tataa.config.ArithmeticProfile;

/** CORRECTED operations against float and double arithmetic. */
class CorrectedBf16Test {
  private static final Bf16Unit UNIT = Bf16Unit.of(ArithmeticProfile.CORRECTED);

  /** Every sign and exponent class with mantissas at the edges. */
  static int[] specials() {
    int[] exponents = {0, 1, 2, 63, 64, 120, 126, 127, 128, 134, 135, 190, 253, 254, 255};
    int[] mantissas = {0, 1, 0x3f, 0x40, 0x55, 0x7e, 0x7f};
    int[] patterns = new int[2 * exponents.length * mantissas.length];
    int at = 0;
    for (int sign = 0; sign < 2; sign++) {
      for (int exponent : exponents) {
        for (int mantissa : mantissas) {
          patterns[at++] = sign << 15 | exponent << 7 | mantissa;
        }
      }
    }
    return patterns;
  }

  private static float operand(int bits) {
    float value = Float.intBitsToFloat(bits << 16);
    return (bits & 0x7f80) == 0 ? Math.copySign(0f, value) : value;
  }

  private static int rounded(float value) {
    if (Float.isNaN(value)) {
      return 0x7fc0;
    }
    int raw = Float.floatToRawIntBits(value);
    int lower = raw & 0xffff0000;
    int bits = lower >>> 16;
    int lost = raw & 0xffff;
    if (lost > 0x8000 || (lost == 0x8000 && (bits & 1) == 1)) {
      bits++;
    }
    return (bits & 0x7f80) == 0 ? bits & 0x8000 : bits;
  }

  private static boolean agrees(int a, int b) {
    return UNIT.mul(a, b) == rounded(operand(a) * operand(b))
        && UNIT.add(a, b) == rounded(operand(a) + operand(b));
  }

  private static void report(String source, int a, int b) {
    fail(
        String.format(
            "%s: a=%s b=%s mul=%04x expected %04x, add=%04x expected %04x",
            source,
            Bfloat16.format(a),
            Bfloat16.format(b),
            UNIT.mul(a, b),
            rounded(operand(a) * operand(b)),
            UNIT.add(a, b),
            rounded(operand(a) + operand(b))));
  }

  @Test
  void allPairsOfSpecialClasses() {
    for (int a : specials()) {
      for (int b : specials()) {
        if (!agrees(a, b)) {
          report("special", a, b);
        }
      }
    }
  }

  @Test
  void everyPatternWithAFewPartners() {
    int[] partners = {0x3f80, 0xbf80, 0x0080, 0x7f7f, 0x3f81, 0xc2f7};
    for (int a = 0; a < 1 << 16; a++) {
      for (int b : partners) {
        if (!agrees(a, b)) {
          report("exhaustive", a, b);
        }
      }
    }
  }

  // Half of the pairs have close exponents, where sums cancel and align.
  private static void random(long seed, long pairs) {
    Random random = new Random(seed);
    long smallest = Long.MAX_VALUE;
    for (long i = 0; i < pairs; i++) {
      int bits = random.nextInt();
      int a = bits >>> 16;
      int b = bits & 0xffff;
      if ((i & 1) == 0) {
        int exponent = Bfloat16.exponent(a) + (b >> 3 & 0x1f) - 16;
        b = (b & 0x807f) | (exponent & 0xff) << 7;
      }
      if (!agrees(a, b)) {
        smallest = Math.min(smallest, (long) a << 16 | b);
      }
    }
    if (smallest != Long.MAX_VALUE) {
      report(
          "seed " + seed + ", smallest failing pair",
          (int) (smallest >> 16),
          (int) smallest & 0xffff);
    }
  }

  // Tag bulk: not one that mutants are tried on.
  @Tag("bulk")
  @Test
  void twoMillionRandomPairs() {
    random(20261123, 2_000_000);
  }

  @Tag("heavy")
  @Test
  void hundredMillionRandomPairs() {
    random(1, 100_000_000);
  }

  @Test
  void unaryOperationsOnAllInputs() {
    for (int a = 0; a < 1 << 16; a++) {
      String what = Bfloat16.format(a);
      assertEquals((0x5f37 - (a >>> 1)) & 0xffff, UNIT.app(a), what);
      double floor = Math.floor(operand(a));
      assertEquals(rounded((float) floor), UNIT.floor(a), what);
      int power;
      if (Double.isNaN(floor)) {
        power = 0x7fc0;
      } else if (floor < -126) {
        power = 0;
      } else if (floor > 127) {
        power = 0x7f80;
      } else {
        power = rounded((float) Math.pow(2, floor));
      }
      assertEquals(power, UNIT.exp2i(a), what);
    }
  }

  @Test
  void extremaOnAllPairsOfSpecialClasses() {
    for (int a : specials()) {
      for (int b : specials()) {
        float x = operand(a);
        float y = operand(b);
        float larger = Float.isNaN(x) ? y : Float.isNaN(y) ? x : Math.max(x, y);
        float smaller = Float.isNaN(x) ? y : Float.isNaN(y) ? x : Math.min(x, y);
        String what = Bfloat16.format(a) + " " + Bfloat16.format(b);
        assertEquals(rounded(larger), UNIT.max(a, b), what);
        assertEquals(rounded(smaller), UNIT.min(a, b), what);
      }
    }
  }

  @Test
  void conversionsRoundAsAsked() {
    assertEquals(0x3f80, Bfloat16.fromFloat(1.001953125f));
    assertEquals(0x3f82, Bfloat16.fromFloat(1.01171875f));
    assertEquals(0x3f81, Bfloat16.fromFloat(1.01171875f, Bfloat16.Rounding.TOWARD_ZERO));
    assertEquals(0xbf81, Bfloat16.fromFloat(-1.001f, Bfloat16.Rounding.TOWARD_MINUS_INFINITY));
    assertEquals(0xbf80, Bfloat16.fromFloat(-1.001f, Bfloat16.Rounding.TOWARD_ZERO));
    assertEquals("0x4049=3.140625", Bfloat16.format(0x4049));
  }

  /** Each rounding is the neighbour it is named after, a value of bfloat16 is its own. */
  @Test
  void roundingsOfRandomFloats() {
    Random random = new Random(9);
    for (int i = 0; i < 100_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      if (i % 4 == 0) {
        value = Bfloat16.toFloat(Float.floatToRawIntBits(value) >>> 16);
      }
      String what = "seed 9, " + value;
      int nearest = Bfloat16.fromFloat(value);
      int inward = Bfloat16.fromFloat(value, Bfloat16.Rounding.TOWARD_ZERO);
      int down = Bfloat16.fromFloat(value, Bfloat16.Rounding.TOWARD_MINUS_INFINITY);
      if (Float.isNaN(value)) {
        assertEquals(Bfloat16.NAN, nearest, what);
        assertEquals(Bfloat16.NAN, inward, what);
        assertEquals(Bfloat16.NAN, down, what);
        continue;
      }
      int raw = Float.floatToRawIntBits(value);
      boolean isExact = (raw & 0xffff) == 0;
      int above = inward + 1;
      assertEquals(raw >>> 16, inward, what);
      assertEquals(value < 0 && !isExact ? above : inward, down, what);
      double toInward = Math.abs((double) value - Bfloat16.toFloat(inward));
      double toAbove = Math.abs(Bfloat16.toFloat(above) - (double) value);
      boolean isAbove = toAbove < toInward || (toAbove == toInward && (inward & 1) == 1);
      // Beyond the largest finite value the next pattern stands for infinity.
      if ((above & 0x7fff) != Bfloat16.POSITIVE_INFINITY) {
        assertEquals(!isExact && isAbove ? above : inward, nearest, what);
      }
    }
  }

  @Test
  void fieldsOfAPattern() {
    assertEquals(0x80, Bfloat16.exponent(0xc049));
    assertEquals(0x49, Bfloat16.mantissa(0xc049));
    assertEquals(0x8000, Bfloat16.flush(0x807f));
    assertEquals(0x8080, Bfloat16.flush(0x8080));
    assertEquals(9.18354961579912115600575419705E-41f, Bfloat16.toFloat(0x0001));
  }
}
