package org.tataa.simd;

import org.tataa.numeric.Bfloat16;

/**
 * Conversions in integer and {@code double} arithmetic: a 32-bit sum times a 16-bit mantissa has at
 * most 48 bits, so every product is exact and is rounded once.
 */
final class ScalarRequantise implements RequantiseKernel {
  // From the exponent of a double, 45 mantissa bits below those of bfloat16, to that of a bfloat16.
  private static final int DROPPED = 45;
  private static final int BIAS_DIFFERENCE = 1023 - 127;

  @Override
  public int accToInt8(
      int[] lo,
      int[] hi,
      int from,
      int columns,
      int outputsPerColumn,
      int mantissa,
      int rightShift,
      byte[] out,
      int outFrom) {
    int saturated =
        accToInt8(lo, from, columns, mantissa, rightShift, out, outFrom, outputsPerColumn);
    return outputsPerColumn == 1
        ? saturated
        : saturated + accToInt8(hi, from, columns, mantissa, rightShift, out, outFrom + 1, 2);
  }

  private static int accToInt8(
      int[] sums,
      int from,
      int columns,
      int mantissa,
      int rightShift,
      byte[] out,
      int outFrom,
      int step) {
    // What makes a shift round to nearest even: just below a half, and one more if the result is
    // odd.
    long belowHalf = rightShift == 0 ? 0 : (1L << rightShift - 1) - 1;
    int oddBit = rightShift == 0 ? 0 : 1;
    int saturated = 0;
    for (int i = 0; i < columns; i++) {
      long product = (long) sums[from + i] * mantissa;
      long rounded = product + belowHalf + (product >> rightShift & oddBit) >> rightShift;
      long clipped = Math.max(-128, Math.min(127, rounded));
      out[outFrom + i * step] = (byte) clipped;
      saturated += clipped == rounded ? 0 : 1;
    }
    return saturated;
  }

  @Override
  public void accToBf16(
      int[] lo,
      int[] hi,
      int from,
      int columns,
      int outputsPerColumn,
      int mantissa,
      int rightShift,
      byte[] out,
      int outFrom) {
    accToBf16(lo, from, columns, mantissa, rightShift, out, outFrom, 2 * outputsPerColumn);
    if (outputsPerColumn == 2) {
      accToBf16(hi, from, columns, mantissa, rightShift, out, outFrom + 2, 4);
    }
  }

  private static void accToBf16(
      int[] sums,
      int from,
      int columns,
      int mantissa,
      int rightShift,
      byte[] out,
      int outFrom,
      int step) {
    int exponentOffset = BIAS_DIFFERENCE + rightShift << 7;
    for (int i = 0; i < columns; i++) {
      long product = (long) sums[from + i] * mantissa;
      long bits = Double.doubleToRawLongBits((double) Math.abs(product));
      long rounded = bits + (1L << DROPPED - 1) - 1 + (bits >> DROPPED & 1) >> DROPPED;
      // The exponents of products, 2^-31 to 2^47, are far from the ends of the range.
      int magnitude = (int) rounded - exponentOffset & (int) (-bits >> 63);
      int pattern = magnitude | (int) (product >> 63) & Bfloat16.SIGN;
      out[outFrom + i * step] = (byte) pattern;
      out[outFrom + i * step + 1] = (byte) (pattern >> 8);
    }
  }

  @Override
  public long bf16ToInt8(
      int[] lo, int from, int count, int mantissa, int rightShift, byte[] out, int outFrom) {
    double scale = mantissa / (double) (1L << rightShift);
    int saturated = 0;
    int nans = 0;
    for (int i = 0; i < count; i++) {
      double value = Bfloat16.toFloat(Bfloat16.flush(lo[from + i] & 0xffff)) * scale;
      double rounded = Math.rint(value);
      int clipped = (int) Math.max(-128, Math.min(127, rounded));
      out[outFrom + i] = (byte) clipped;
      boolean isNaN = Double.isNaN(value);
      nans += isNaN ? 1 : 0;
      saturated += isNaN || clipped == rounded ? 0 : 1;
    }
    return saturated + ((long) nans << 32);
  }
}
