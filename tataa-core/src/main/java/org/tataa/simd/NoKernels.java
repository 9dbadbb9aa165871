package org.tataa.simd;

import org.tataa.config.ArithmeticProfile;
import org.tataa.numeric.LaneOp;

/** Computes nothing: results stay as they were, nothing saturates. */
final class NoKernels implements HostKernels {
  static final NoKernels INSTANCE = new NoKernels();

  private NoKernels() {}

  @Override
  public String description() {
    return "none";
  }

  @Override
  public BlockProduct blockProduct(BlockShape shape) {
    return new NoProduct();
  }

  @Override
  public LaneKernel lanes() {
    return NoKernels::leave;
  }

  @Override
  public LaneKernel lanes(ArithmeticProfile profile) {
    return lanes();
  }

  @Override
  public RequantiseKernel requantise() {
    return new NoConversion();
  }

  @Override
  public RequantiseKernel requantise(ArithmeticProfile profile) {
    return requantise();
  }

  private static void leave(
      LaneOp op,
      short[] a,
      int aFrom,
      int aFlip,
      short[] b,
      int bFrom,
      int bFlip,
      short[] result,
      int resultFrom,
      int lanes) {}

  private static final class NoProduct implements BlockProduct {
    @Override
    public void addTo(byte[] x, byte[] y, int yStride, int depth, int[] sumLo, int[] sumHi) {}

    @Override
    public int largest(int[] sums, int count) {
      return 0;
    }
  }

  private static final class NoConversion implements RequantiseKernel {
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
        int outFrom) {}

    @Override
    public long bf16ToInt8(
        int[] lo, int from, int count, int mantissa, int rightShift, byte[] out, int outFrom) {
      return 0;
    }
  }
}
