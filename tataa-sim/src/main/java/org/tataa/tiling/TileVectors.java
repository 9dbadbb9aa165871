package org.tataa.tiling;

import java.util.stream.IntStream;
import org.tataa.tile.Address;

/** The vectors of a tile, in groups that are computed and stored together. */
final class TileVectors {
  /** Vectors worked on together where each is stored by itself: latencies overlap. */
  private static final int TOGETHER = 8;

  private final Geometry geometry;
  private final LoadPlan plan;
  private final int[] order;
  private final boolean[] used;
  private final int width;

  TileVectors(Geometry geometry, LoadPlan plan, int[] order) {
    this.geometry = geometry;
    this.plan = plan;
    this.order = order;
    used = plan.used(geometry);
    width = geometry.exchanges() ? geometry.dmpus() : Math.min(TOGETHER, used.length);
  }

  int groups() {
    return Geometry.parts(used.length, width);
  }

  /** Vectors of a group in which some lane is wanted. */
  int[] group(int group) {
    return IntStream.range(group * width, Math.min(used.length, (group + 1) * width))
        .filter(vector -> used[vector])
        .toArray();
  }

  /**
   * Loads the operands of vectors.
   *
   * @param rowTile row tiles to go on from the one the loops stand at
   * @return registers {@code [vector][operand]}
   */
  int[][] load(Body body, int[] vectors, int rowTile) {
    int[][] inputs = new int[vectors.length][plan.accesses().size()];
    for (int operand = 0; operand < plan.accesses().size(); operand++) {
      VectorAccess access = plan.accesses().get(operand);
      for (int i = 0; i < vectors.length; i++) {
        Address address = access.address(vectors[i], order);
        inputs[i][operand] = body.load(address.plus(rowTile * access.strides()[2]));
      }
    }
    return inputs;
  }

  Geometry geometry() {
    return geometry;
  }
}
