package org.tataa.compiler;

import org.jspecify.annotations.Nullable;
import org.tataa.schedule.SlotForwarding;
import org.tataa.schedule.VectorPlans;
import org.tataa.tile.MergeCopies;
import org.tataa.tile.TileProgram;

/**
 * Level 3 before it is known how many cores run it.
 *
 * @param tiled as it was tiled
 * @param mergesCopies whether copies are merged with other work where that is one core
 * @param forwarding when sums are forwarded where that is one core; null for never
 */
public record TileLevel(TileProgram tiled, boolean mergesCopies, @Nullable Forwarding forwarding) {
  /**
   * The program for some cores.
   *
   * @param plans orders of nests; added to
   */
  TileProgram on(int cores, VectorPlans plans) {
    if (cores > 1) {
      return tiled;
    }
    TileProgram program = mergesCopies ? MergeCopies.apply(tiled) : tiled;
    return forwarding == null
        ? program
        : SlotForwarding.apply(program, plans, forwarding == Forwarding.ALWAYS);
  }
}
