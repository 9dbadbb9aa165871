package org.tataa.simd;

import org.tataa.config.ArithmeticProfile;
import org.tataa.numeric.Requantizer;

/** Conversions in RELEASED_RTL arithmetic, one by one: that profile is for comparisons. */
final class ReleasedRequantise implements RequantiseKernel {
  private final Requantizer requantizer = new Requantizer(ArithmeticProfile.RELEASED_RTL);

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
    for (int i = 0; i < columns * outputsPerColumn; i++) {
      int sum = sum(lo, hi, from, outputsPerColumn, i);
      out[outFrom + i] = (byte) requantizer.accToInt8(sum, mantissa, rightShift);
    }
    return 0;
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
    for (int i = 0; i < columns * outputsPerColumn; i++) {
      int sum = sum(lo, hi, from, outputsPerColumn, i);
      int bits = requantizer.accToBf16(sum, mantissa, rightShift);
      out[outFrom + 2 * i] = (byte) bits;
      out[outFrom + 2 * i + 1] = (byte) (bits >> 8);
    }
  }

  private static int sum(int[] lo, int[] hi, int from, int outputsPerColumn, int i) {
    int[] part = i % outputsPerColumn == 0 ? lo : hi;
    return part[from + i / outputsPerColumn];
  }

  @Override
  public long bf16ToInt8(
      int[] lo, int from, int count, int mantissa, int rightShift, byte[] out, int outFrom) {
    for (int i = 0; i < count; i++) {
      out[outFrom + i] = (byte) requantizer.bf16ToInt8(lo[from + i] & 0xffff, mantissa, rightShift);
    }
    return 0;
  }
}
