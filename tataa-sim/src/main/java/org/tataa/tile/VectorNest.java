package org.tataa.tile;

import java.util.List;

/**
 * Loops around straight-line vector work. A virtual register holds one vector of {@code dmpus x
 * columns} lanes; every register is written exactly once per iteration, before it is read, and no
 * iteration reads registers of another.
 *
 * @param work what it is for
 * @param loops iterations of each loop, outermost first; none for a single iteration
 * @param registers number of virtual registers
 * @param body loads, operations and stores in an order that respects data
 */
public record VectorNest(Work work, List<Integer> loops, int registers, List<VectorStep> body)
    implements TileStep {
  /** Takes copies. */
  public VectorNest {
    loops = List.copyOf(loops);
    body = List.copyOf(body);
  }

  /** Iterations. */
  public long iterations() {
    return loops.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
  }
}
