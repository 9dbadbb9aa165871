package org.tataa.compiler;

import org.tataa.tile.MergeCopies;
import org.tataa.tile.TileProgram;

/**
 * Level 3 before it is known how many cores run it.
 *
 * @param tiled as it was tiled
 * @param mergesCopies whether copies are merged with other work where that is one core
 */
public record TileLevel(TileProgram tiled, boolean mergesCopies) {
  /** The program for some cores. */
  TileProgram on(int cores) {
    return mergesCopies && cores == 1 ? MergeCopies.apply(tiled) : tiled;
  }
}
