package org.tataa.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.config.ArithmeticProfile;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.Requantizer;

/** Conversions of whole arrays against the requantiser of one value. */
class RequantiseKernelTest {
  private static final Requantizer REQUANTIZER = new Requantizer(ArithmeticProfile.CORRECTED);
  private static final int[] MANTISSAS = {0, 1, -1, 2, 3, 5, 127, 16384, 16385, 32767, -32768};
  private static final byte UNWRITTEN = 0x5a;

  private final Random random = new Random(31);

  // Sums at the ends of their range, around halves of every power of two, and anywhere.
  private int[] sums(int count, int shift) {
    int[] sums = new int[count];
    for (int i = 0; i < count; i++) {
      int half = 1 << Math.max(0, shift - 1);
      sums[i] =
          switch (random.nextInt(5)) {
            case 0 -> Integer.MIN_VALUE + random.nextInt(3);
            case 1 -> Integer.MAX_VALUE - random.nextInt(3);
            case 2 -> half * (random.nextInt(515) - 257) + random.nextInt(3) - 1;
            case 3 -> random.nextInt() >> random.nextInt(31);
            default -> random.nextInt(7) - 3;
          };
    }
    return sums;
  }

  private static String place(int run, int i, int value, int mantissa, int shift) {
    return String.format(
        "seed 31, run %d, value %d: %d (%s) mantissa=%d shift=%d",
        run, i, value, Bfloat16.format(value), mantissa, shift);
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void partialSums(String name) {
    RequantiseKernel kernel = Implementations.named(name).requantise();
    int saturatedResults = 0;
    for (int run = 0; run < 6000; run++) {
      int shift = run % 32;
      int mantissa =
          run % 3 == 0 ? MANTISSAS[run / 3 % MANTISSAS.length] : (short) random.nextInt();
      int columns = run % 7 == 0 ? random.nextInt(5) : 1 + random.nextInt(70);
      int outputs = 1 + random.nextInt(2);
      int from = random.nextInt(10);
      int outFrom = random.nextInt(10);
      int[] lo = sums(from + columns, shift);
      int[] hi = sums(from + columns, shift);
      int values = columns * outputs;
      byte[] bytes = new byte[outFrom + values + 9];
      byte[] words = new byte[outFrom + 2 * values + 9];
      Arrays.fill(bytes, UNWRITTEN);
      Arrays.fill(words, UNWRITTEN);
      int saturated =
          kernel.accToInt8(lo, hi, from, columns, outputs, mantissa, shift, bytes, outFrom);
      kernel.accToBf16(lo, hi, from, columns, outputs, mantissa, shift, words, outFrom);
      int expectedSaturated = 0;
      for (int i = 0; i < values; i++) {
        int[] source = outputs == 2 && i % 2 == 1 ? hi : lo;
        int sum = source[from + i / outputs];
        String what = place(run, i, sum, mantissa, shift);
        int expected = REQUANTIZER.accToInt8(sum, mantissa, shift);
        assertEquals((byte) expected, bytes[outFrom + i], what);
        expectedSaturated += (expected & Requantizer.SATURATED) != 0 ? 1 : 0;
        int word = words[outFrom + 2 * i] & 0xff | (words[outFrom + 2 * i + 1] & 0xff) << 8;
        assertEquals(REQUANTIZER.accToBf16(sum, mantissa, shift), word, what);
      }
      assertEquals(expectedSaturated, saturated, "seed 31, saturated results of run " + run);
      saturatedResults += saturated;
      assertUnwritten(bytes, outFrom, values, run);
      assertUnwritten(words, outFrom, 2 * values, run);
    }
    assertTrue(saturatedResults > 10_000, "the operands must reach the edges");
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void everyPattern(String name) {
    RequantiseKernel kernel = Implementations.named(name).requantise();
    int[] patterns = new int[1 << 16];
    for (int i = 0; i < patterns.length; i++) {
      // Bits above the pattern mean nothing.
      patterns[i] = random.nextInt() << 16 | i;
    }
    byte[] out = new byte[patterns.length];
    for (int shift = 0; shift < 32; shift++) {
      for (int mantissa : new int[] {0, 1, -1, 16384, -32768, (short) random.nextInt()}) {
        checkPatterns(kernel, shift, mantissa, patterns, 0, patterns.length, out, 0);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void anyNumberOfPatternsAndNothingElseIsWritten(String name) {
    RequantiseKernel kernel = Implementations.named(name).requantise();
    for (int run = 0; run < 2000; run++) {
      int count = run < 200 ? run : random.nextInt(300);
      int from = random.nextInt(20);
      int outFrom = random.nextInt(20);
      int[] patterns = random.ints(from + count + 1).toArray();
      byte[] out = new byte[outFrom + count + 5];
      Arrays.fill(out, UNWRITTEN);
      int mantissa = MANTISSAS[random.nextInt(MANTISSAS.length)];
      checkPatterns(kernel, random.nextInt(32), mantissa, patterns, from, count, out, outFrom);
      assertUnwritten(out, outFrom, count, run);
    }
  }

  private static void checkPatterns(
      RequantiseKernel kernel,
      int shift,
      int mantissa,
      int[] patterns,
      int from,
      int count,
      byte[] out,
      int outFrom) {
    long reported = kernel.bf16ToInt8(patterns, from, count, mantissa, shift, out, outFrom);
    int saturated = 0;
    int nans = 0;
    for (int i = 0; i < count; i++) {
      int pattern = patterns[from + i] & 0xffff;
      int expected = REQUANTIZER.bf16ToInt8(pattern, mantissa, shift);
      if ((byte) expected != out[outFrom + i]) {
        assertEquals(
            (byte) expected, out[outFrom + i], place(0, from + i, pattern, mantissa, shift));
      }
      saturated += (expected & Requantizer.SATURATED) != 0 ? 1 : 0;
      nans += (expected & Requantizer.NAN) != 0 ? 1 : 0;
    }
    String what = "mantissa=" + mantissa + " shift=" + shift + " count=" + count;
    assertEquals(saturated, (int) reported, "saturated results, " + what);
    assertEquals(nans, (int) (reported >> 32), "NaN, " + what);
  }

  private static void assertUnwritten(byte[] out, int from, int count, int run) {
    for (int i = 0; i < out.length; i++) {
      if (i < from || i >= from + count) {
        assertEquals(UNWRITTEN, out[i], "seed 31, run " + run + ": written outside, at " + i);
      }
    }
  }
}
