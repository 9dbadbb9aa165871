package org.tataa.simd;

/** Plain Java. */
final class ScalarKernels implements HostKernels {
  static final ScalarKernels INSTANCE = new ScalarKernels();

  private ScalarKernels() {}

  @Override
  public String description() {
    return "scalar";
  }

  @Override
  public BlockProduct blockProduct(BlockShape shape) {
    return new ScalarBlockProduct(shape, TileChoice.best());
  }

  @Override
  public LaneKernel lanes() {
    return new ScalarLanes();
  }

  @Override
  public RequantiseKernel requantise() {
    return new ScalarRequantise();
  }
}
