package org.tataa.simd.vector;

import jdk.incubator.vector.FloatVector;
import org.tataa.simd.BlockProduct;
import org.tataa.simd.BlockShape;
import org.tataa.simd.HostKernels;
import org.tataa.simd.LaneKernel;
import org.tataa.simd.RequantiseKernel;

/** The Vector API with the widest vectors the processor has. */
public final class VectorKernels implements HostKernels {
  private static final int BITS = FloatVector.SPECIES_PREFERRED.vectorBitSize();

  // Where the processor has no fused multiply-add, Java computes it digit by digit. Processors with
  // 256 bits have it, and so has every 64-bit ARM.
  private static final boolean HAS_FMA =
      BITS >= 256 || System.getProperty("os.arch", "").equals("aarch64");

  /** Made by name, by the look-up. */
  public VectorKernels() {}

  @Override
  public String description() {
    return "Vector API, " + BITS + " bits";
  }

  @Override
  public BlockProduct blockProduct(BlockShape shape) {
    return HAS_FMA ? new VectorBlockProduct(shape) : HostKernels.scalar().blockProduct(shape);
  }

  @Override
  public LaneKernel lanes() {
    return new VectorLanes();
  }

  // The bytes of one vector of results fill no vector of bytes on the narrowest processors.
  @Override
  public RequantiseKernel requantise() {
    return BITS < 256 ? HostKernels.scalar().requantise() : new VectorRequantise();
  }
}
