package org.tataa.simd.vector;

import org.tataa.simd.HostKernels;
import org.tataa.simd.RequantiseKernel;

final class VectorRequantise implements RequantiseKernel {
  private final RequantiseKernel scalar = HostKernels.scalar().requantise();

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
    return scalar.accToInt8(
        lo, hi, from, columns, outputsPerColumn, mantissa, rightShift, out, outFrom);
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
    scalar.accToBf16(lo, hi, from, columns, outputsPerColumn, mantissa, rightShift, out, outFrom);
  }

  @Override
  public long bf16ToInt8(
      int[] lo, int from, int count, int mantissa, int rightShift, byte[] out, int outFrom) {
    return scalar.bf16ToInt8(lo, from, count, mantissa, rightShift, out, outFrom);
  }
}
