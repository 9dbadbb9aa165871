package org.tataa.compiler;

import org.tataa.config.TataaConfig;
import org.tataa.tile.MatMulNest;
import org.tataa.tile.TileStep;

/** Least cycles of steps if all else were hidden. */
final class Bounds {
  private Bounds() {}

  /**
   * Cycles of the array for products: the depth, and what starting, draining and ending each part
   * takes (timing.md); one that is not drained yet is done four cycles sooner.
   */
  static long products(TataaConfig config, TileStep step) {
    if (!(step instanceof MatMulNest nest)) {
      return 0;
    }
    int depth = config.buffers().tileDepth();
    long parts = (nest.depth() + depth - 1L) / depth * nest.segments();
    return nest.blocks() * ((long) nest.depth() * nest.segments() + 60 * parts + 4);
  }
}
