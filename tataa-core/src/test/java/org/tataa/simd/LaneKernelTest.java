package org.tataa.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.config.ArithmeticProfile;
import org.tataa.numeric.Bf16Unit;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.LaneOp;

/** Lane operations on whole arrays against the arithmetic of one lane. */
class LaneKernelTest {
  private static final Bf16Unit UNIT = Bf16Unit.of(ArithmeticProfile.CORRECTED);
  private static final int[] FLIPS = {0, 0x8000};

  private static void check(
      String source,
      LaneOp op,
      short[] a,
      int aFlip,
      short[] b,
      int bFlip,
      short[] result,
      int offset,
      int lanes) {
    for (int i = 0; i < lanes; i++) {
      int first = (a[i] ^ aFlip) & 0xffff;
      int second = (b[i] ^ bFlip) & 0xffff;
      int expected = UNIT.apply(op, first, second);
      if (expected != (result[offset + i] & 0xffff)) {
        fail(
            String.format(
                "%s, %s lane %d: a=%s b=%s expected %04x, was %04x",
                source,
                op,
                i,
                Bfloat16.format(first),
                Bfloat16.format(second),
                expected,
                result[offset + i] & 0xffff));
      }
    }
  }

  private static void checkAll(HostKernels kernels, String source, short[] a, short[] b) {
    LaneKernel lanes = kernels.lanes();
    short[] result = new short[a.length];
    for (LaneOp op : LaneOp.values()) {
      for (int aFlip : FLIPS) {
        for (int bFlip : op.operands() == 1 ? new int[] {0} : FLIPS) {
          lanes.apply(op, a, 0, aFlip, b, 0, bFlip, result, 0, a.length);
          check(source, op, a, aFlip, b, bFlip, result, 0, a.length);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void everyPatternWithAFewPartners(String name) {
    HostKernels kernels = Implementations.named(name);
    short[] a = new short[1 << 16];
    short[] b = new short[1 << 16];
    for (int i = 0; i < a.length; i++) {
      a[i] = (short) i;
    }
    for (int partner : new int[] {0x3f80, 0x0080, 0x7f7f, 0x3f81, 0xc2f7, 0x7fc0, 0x7f80, 0}) {
      Arrays.fill(b, (short) partner);
      checkAll(kernels, "all patterns", a, b);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void allPairsOfSpecialClasses(String name) {
    HostKernels kernels = Implementations.named(name);
    int[] exponents = {0, 1, 2, 63, 64, 120, 126, 127, 128, 134, 135, 190, 253, 254, 255};
    int[] mantissas = {0, 1, 0x3f, 0x40, 0x55, 0x7e, 0x7f};
    int count = 2 * exponents.length * mantissas.length;
    short[] specials = new short[count];
    for (int i = 0; i < count; i++) {
      int exponent = exponents[i / 2 % exponents.length];
      specials[i] = (short) (i % 2 << 15 | exponent << 7 | mantissas[i / 2 / exponents.length]);
    }
    short[] a = new short[count * count];
    short[] b = new short[count * count];
    for (int i = 0; i < a.length; i++) {
      a[i] = specials[i % count];
      b[i] = specials[i / count];
    }
    checkAll(kernels, "specials", a, b);
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void randomPairs(String name) {
    HostKernels kernels = Implementations.named(name);
    Random random = new Random(11);
    short[] a = new short[1 << 18];
    short[] b = new short[1 << 18];
    for (int run = 0; run < 8; run++) {
      for (int i = 0; i < a.length; i++) {
        a[i] = (short) random.nextInt();
        // Every other partner has an exponent nearby, so that sums cancel and align.
        b[i] =
            (short)
                (i % 2 == 0
                    ? random.nextInt()
                    : (a[i] + (random.nextInt(4096) - 2048)) ^ random.nextInt() & 0x8000);
      }
      checkAll(kernels, "seed 11, run " + run, a, b);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void anyLengthAndPlaceAndNothingElseIsWritten(String name) {
    LaneKernel kernel = Implementations.named(name).lanes();
    Random random = new Random(12);
    for (int run = 0; run < 3000; run++) {
      LaneOp op = LaneOp.values()[run % LaneOp.values().length];
      int lanes = run < 700 ? run / 5 : random.nextInt(300);
      String what = "seed 12, run " + run + ", lanes=" + lanes;
      short[] a = randomPatterns(random, lanes);
      short[] b = randomPatterns(random, lanes);
      int aFlip = FLIPS[random.nextInt(2)];
      int bFlip = FLIPS[random.nextInt(2)];
      int aFrom = random.nextInt(40);
      int bFrom = random.nextInt(40);
      int from = random.nextInt(40);
      short[] first = placed(a, aFrom);
      short[] second = placed(b, bFrom);
      short[] result = new short[lanes + 80];
      Arrays.fill(result, (short) 0x5a5a);
      kernel.apply(op, first, aFrom, aFlip, second, bFrom, bFlip, result, from, lanes);
      check(what, op, a, aFlip, b, bFlip, result, from, lanes);
      for (int i = 0; i < result.length; i++) {
        if (i < from || i >= from + lanes) {
          assertEquals(0x5a5a, result[i], what + ": written outside, at " + i);
        }
      }
      // In place, over the first and over the second operand.
      kernel.apply(op, first, aFrom, aFlip, second, bFrom, bFlip, second, bFrom, lanes);
      check(what + ", over b", op, a, aFlip, b, bFlip, second, bFrom, lanes);
      second = placed(b, bFrom);
      kernel.apply(op, first, aFrom, aFlip, second, bFrom, bFlip, first, aFrom, lanes);
      check(what + ", over a", op, a, aFlip, b, bFlip, first, aFrom, lanes);
    }
  }

  private static short[] randomPatterns(Random random, int lanes) {
    short[] patterns = new short[lanes];
    for (int i = 0; i < lanes; i++) {
      patterns[i] = (short) random.nextInt();
    }
    return patterns;
  }

  private static short[] placed(short[] patterns, int from) {
    short[] array = new short[from + patterns.length + 3];
    System.arraycopy(patterns, 0, array, from, patterns.length);
    return array;
  }
}
