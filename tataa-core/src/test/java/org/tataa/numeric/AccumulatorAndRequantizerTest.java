package org.tataa.numeric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArithmeticProfile;

/** Read-outs against the 48-bit register, the CORRECTED requantiser against BigDecimal. */
class AccumulatorAndRequantizerTest {
  private static final Requantizer REQUANTIZER = new Requantizer(ArithmeticProfile.CORRECTED);

  @Test
  void readoutsAreFieldsOfTheRegister() {
    Random random = new Random(3);
    int[] extremes = {-128, -127, -1, 0, 1, 127};
    AccumulatorReadout full = AccumulatorReadout.of(AccumulatorKind.PACKED_FULL);
    AccumulatorReadout narrow = AccumulatorReadout.of(AccumulatorKind.PACKED_INT16);
    int wraps = 0;
    int borrows = 0;
    for (int run = 0; run < 2000; run++) {
      boolean extreme = run % 2 == 0;
      int depth = 1 + random.nextInt(2048);
      int fixedX = extremes[random.nextInt(extremes.length)];
      int fixedLo = extremes[random.nextInt(extremes.length)];
      long register = 0;
      long sumLo = 0;
      long sumHi = 0;
      for (int k = 0; k < depth; k++) {
        int x = extreme ? fixedX : random.nextInt(256) - 128;
        int lo = extreme ? fixedLo : random.nextInt(256) - 128;
        int hi = random.nextInt(4) == 0 ? -128 : random.nextInt(256) - 128;
        long packed = (((long) hi << 19) + lo) << 37 >> 37;
        register = (register + packed * x) << 16 >> 16;
        sumLo += x * lo;
        sumHi += x * PackedMac.effectiveHi(hi, lo);
      }
      String what = "seed 3, run " + run;
      assertEquals(register, PackedMac.register48(sumLo, sumHi), what);
      long low19 = register << 45 >> 45;
      assertEquals((int) low19, full.lo(sumLo, sumHi), what);
      assertEquals((int) ((register - low19 >> 19) << 35 >> 35), full.hi(sumLo, sumHi), what);
      assertEquals((short) register, narrow.lo(sumLo, sumHi), what);
      assertEquals((short) (register >> 19), narrow.hi(sumLo, sumHi), what);
      assertEquals(sumLo < -(1 << 18) || sumLo >= 1 << 18, full.wrapsLo(sumLo), what);
      assertEquals(sumHi < -32768 || sumHi > 32767, narrow.wrapsHi(sumHi), what);
      if (!full.wrapsLo(sumLo)) {
        assertEquals(sumLo, full.lo(sumLo, sumHi), what);
        assertEquals(sumHi, full.hi(sumLo, sumHi), what);
      }
      wraps += full.wrapsLo(sumLo) ? 1 : 0;
      borrows += narrow.borrow(sumLo, sumHi) ? 1 : 0;
    }
    assertTrue(wraps > 50 && borrows > 500, "the operands must reach the edges");
  }

  /** Largest sums that every read-out of a kind is the sum of; none of PACKED_INT16 (borrows). */
  @ParameterizedTest
  @CsvSource({"PACKED_FULL, 18, 28", "INT32, 31, 31", "PACKED_INT16, 15, 15"})
  void fieldsHaveTheirWidths(AccumulatorKind kind, int loBits, int hiBits) {
    AccumulatorReadout readout = AccumulatorReadout.of(kind);
    long lo = 1L << loBits;
    long hi = 1L << hiBits;
    assertFalse(readout.wrapsLo(lo - 1) || readout.wrapsLo(-lo), "low sums that fit");
    assertFalse(readout.wrapsHi(hi - 1) || readout.wrapsHi(-hi), "high sums that fit");
    assertTrue(readout.wrapsLo(lo) && readout.wrapsLo(-lo - 1), "low sums that do not fit");
    assertTrue(readout.wrapsHi(hi) && readout.wrapsHi(-hi - 1), "high sums that do not fit");
    boolean canBePlain = kind != AccumulatorKind.PACKED_INT16;
    assertEquals(canBePlain, readout.isPlain(lo - 1, hi - 1));
    assertFalse(readout.isPlain(lo, hi - 1));
    assertFalse(readout.isPlain(lo - 1, hi));
    if (canBePlain) {
      for (long sumLo : new long[] {-lo + 1, -1, 0, 1, lo - 1}) {
        for (long sumHi : new long[] {-hi + 1, -1, 0, 1, hi - 1}) {
          assertEquals(sumLo, readout.lo(sumLo, sumHi));
          assertEquals(sumHi, readout.hi(sumLo, sumHi));
          assertFalse(readout.borrow(sumLo, sumHi));
        }
      }
    }
  }

  /** A borrow is what makes the high read-out another one than without low sum. */
  @ParameterizedTest
  @EnumSource(AccumulatorKind.class)
  void borrowsAreSeenInTheHighReadout(AccumulatorKind kind) {
    AccumulatorReadout readout = AccumulatorReadout.of(kind);
    int half = 1 << 18;
    int[] lows = {0, 1, -1, half - 1, half, -half, -half - 1, 2 * half - 1, 2 * half, -2 * half};
    for (int lo : lows) {
      for (int hi : new int[] {0, 1, -1, 77, -32768, 32767}) {
        String what = kind + " lo=" + lo + " hi=" + hi;
        boolean isDisturbed = readout.hi(lo, hi) != readout.hi(0, hi);
        assertEquals(isDisturbed, readout.borrow(lo, hi), what);
      }
    }
  }

  /** Just inside and outside of int8, where a shift to the left begins, and beyond all shifts. */
  @Test
  void edgesOfInt8() {
    Requantizer requantizer = new Requantizer(ArithmeticProfile.CORRECTED);
    assertEquals(0x7f, requantizer.accToInt8(127, 1, 0));
    assertEquals(Requantizer.SATURATED | 0x7f, requantizer.accToInt8(128, 1, 0));
    assertEquals(0x80, requantizer.accToInt8(-128, 1, 0));
    assertEquals(Requantizer.SATURATED | 0x80, requantizer.accToInt8(-129, 1, 0));
    int one = Bfloat16.ONE;
    assertEquals(0x7f, requantizer.bf16ToInt8(one, 127, 0));
    assertEquals(0x40, requantizer.bf16ToInt8(one + (6 << 7), 1, 0), "64");
    assertEquals(Requantizer.SATURATED | 0x7f, requantizer.bf16ToInt8(one + (7 << 7), 1, 0), "128");
    int minusOne = one | Bfloat16.SIGN;
    assertEquals(0x80, requantizer.bf16ToInt8(minusOne + (7 << 7), 1, 0), "-128");
    for (int exponent = 8; exponent < 128; exponent++) {
      int large = one + (exponent << 7);
      assertEquals(Requantizer.SATURATED | 0x7f, requantizer.bf16ToInt8(large, 1, 0));
      assertEquals(Requantizer.SATURATED | 0x80, requantizer.bf16ToInt8(large, -1, 0));
    }
  }

  @ParameterizedTest
  @EnumSource(ArithmeticProfile.class)
  void bfloat16StaysBfloat16(ArithmeticProfile profile) {
    Requantizer requantizer = new Requantizer(profile);
    for (int bits = 0; bits < 1 << 16; bits++) {
      assertEquals(bits, requantizer.bf16ToBf16(bits));
    }
  }

  private static BigDecimal scaled(BigDecimal value, int mantissa, int shift) {
    return value.multiply(BigDecimal.valueOf(mantissa)).divide(BigDecimal.valueOf(1L << shift));
  }

  private static int saturated(BigDecimal exact) {
    BigDecimal rounded = exact.setScale(0, RoundingMode.HALF_EVEN);
    if (rounded.compareTo(BigDecimal.valueOf(127)) > 0) {
      return Requantizer.SATURATED | 0x7f;
    }
    return rounded.compareTo(BigDecimal.valueOf(-128)) < 0
        ? Requantizer.SATURATED | 0x80
        : rounded.intValue() & 0xff;
  }

  @Test
  void conversionsAreCorrectlyRounded() {
    Random random = new Random(5);
    int[] accs = {0, 1, -1, 127, 128, -128, -129, 32767, -32768, 1 << 18, Integer.MAX_VALUE};
    int[] mantissas = {0, 1, -1, 2, 3, 16384, 32767, -32768};
    for (int i = 0; i < 200_000; i++) {
      int acc =
          i % 3 == 0 ? accs[random.nextInt(accs.length)] : random.nextInt() >> random.nextInt(31);
      int mantissa =
          i % 5 == 0 ? mantissas[random.nextInt(mantissas.length)] : (short) random.nextInt();
      int shift = random.nextInt(32);
      String what = "seed 5, acc=" + acc + " mantissa=" + mantissa + " shift=" + shift;
      BigDecimal exact = scaled(BigDecimal.valueOf(acc), mantissa, shift);
      assertEquals(saturated(exact), REQUANTIZER.accToInt8(acc, mantissa, shift), what);
      assertEquals(nearest(exact), REQUANTIZER.accToBf16(acc, mantissa, shift), what);
      int bits = random.nextInt(1 << 16);
      what = "seed 5, x=" + Bfloat16.format(bits) + " mantissa=" + mantissa + " shift=" + shift;
      int actual = REQUANTIZER.bf16ToInt8(bits, mantissa, shift);
      if (Bfloat16.isNaN(bits)) {
        assertEquals(Requantizer.NAN, actual, what);
      } else if (Bfloat16.exponent(bits) == 255) {
        boolean negative = (bits & 0x8000) != 0 ^ mantissa < 0;
        int infinite = Requantizer.SATURATED | (negative ? 0x80 : 0x7f);
        assertEquals(mantissa == 0 ? Requantizer.NAN : infinite, actual, what);
      } else {
        BigDecimal value = new BigDecimal(Bfloat16.toFloat(Bfloat16.flush(bits)));
        assertEquals(saturated(scaled(value, mantissa, shift)), actual, what);
      }
    }
  }

  // Nearest bfloat16 found by comparing exact distances to the two neighbours.
  private static int nearest(BigDecimal exact) {
    if (exact.signum() == 0) {
      return 0;
    }
    int down = Float.floatToRawIntBits(exact.abs().floatValue()) >>> 16;
    while (new BigDecimal(Bfloat16.toFloat(down)).compareTo(exact.abs()) > 0) {
      down--;
    }
    int up = down + 1;
    BigDecimal below = exact.abs().subtract(new BigDecimal(Bfloat16.toFloat(down)));
    BigDecimal above = new BigDecimal(Bfloat16.toFloat(up)).subtract(exact.abs());
    int side = below.compareTo(above);
    int result = side < 0 || (side == 0 && (down & 1) == 0) ? down : up;
    return result | (exact.signum() < 0 ? 0x8000 : 0);
  }
}
