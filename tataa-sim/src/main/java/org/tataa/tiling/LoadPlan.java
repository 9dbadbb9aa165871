package org.tataa.tiling;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where the operands of an expression are loaded from.
 *
 * @param layout order in which tiles are read
 * @param accesses vectors of each operand
 */
record LoadPlan(MatrixLayout layout, List<VectorAccess> accesses) {
  /** The loop over lane tiles, between those over groups and row tiles. */
  static final int LANE_TILES = 1;

  /** The same, the loop over lane tiles beginning at one. */
  LoadPlan fromLaneTile(int first) {
    return first == 0
        ? this
        : new LoadPlan(
            layout, accesses.stream().map(access -> access.from(LANE_TILES, first)).toList());
  }

  /**
   * Loops of more than one iteration in the order that loads least: the innermost is the one in
   * which the fewest vectors change.
   */
  int[] loopOrder() {
    int[] counts = Operands.loops(layout);
    return IntStream.range(0, 3)
        .filter(loop -> counts[loop] > 1)
        .boxed()
        .sorted(
            Comparator.comparingInt(
                    (Integer loop) ->
                        -accesses.stream().mapToInt(access -> access.changing(loop)).sum())
                .thenComparing(Comparator.naturalOrder()))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Iterations of loops in an order. */
  List<Integer> iterations(int[] order) {
    int[] counts = Operands.loops(layout);
    return Arrays.stream(order).map(loop -> counts[loop]).boxed().toList();
  }

  /** Whether a vector of a tile has an element in any tile. */
  boolean[] used(Geometry geometry) {
    boolean[] used = new boolean[geometry.tileVectors()];
    for (int vector = 0; vector < used.length; vector++) {
      used[vector] = isUsed(geometry, vector);
    }
    return used;
  }

  private boolean isUsed(Geometry geometry, int vector) {
    int[] elements = layout.elements();
    int lanes = geometry.lanes();
    for (int at = vector * lanes; at < elements.length; at += geometry.tileElements()) {
      for (int lane = 0; lane < lanes; lane++) {
        if (elements[at + lane] >= 0) {
          return true;
        }
      }
    }
    return false;
  }
}
