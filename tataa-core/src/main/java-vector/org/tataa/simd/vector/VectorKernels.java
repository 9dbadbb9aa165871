package org.tataa.simd.vector;

import jdk.incubator.vector.FloatVector;
import org.tataa.simd.ArrayClock;
import org.tataa.simd.BlockProduct;
import org.tataa.simd.BlockShape;
import org.tataa.simd.HostKernels;
import org.tataa.simd.LaneKernel;
import org.tataa.simd.RequantiseKernel;

/** The Vector API with the widest vectors the processor has. */
public final class VectorKernels implements HostKernels {
  /** Made by name, by the look-up. */
  public VectorKernels() {}

  @Override
  public String description() {
    return "Vector API, " + FloatVector.SPECIES_PREFERRED.vectorBitSize() + " bits";
  }

  @Override
  public ArrayClock arrayClock(int rows, int columns) {
    return new VectorArrayClock(rows, columns);
  }

  @Override
  public BlockProduct blockProduct(
      int rows, int columns, int outputsPerColumn, boolean packed, int tileDepth) {
    return new VectorBlockProduct(
        new BlockShape(rows, columns, outputsPerColumn, packed, tileDepth));
  }

  @Override
  public LaneKernel lanes() {
    return new VectorLanes();
  }

  // The bytes of one vector of results fill no vector of bytes on the narrowest processors.
  @Override
  public RequantiseKernel requantise() {
    return FloatVector.SPECIES_PREFERRED.vectorBitSize() < 256
        ? HostKernels.scalar().requantise()
        : new VectorRequantise();
  }
}
