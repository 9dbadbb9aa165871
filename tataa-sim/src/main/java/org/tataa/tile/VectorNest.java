package org.tataa.tile;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

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

  /**
   * The same work in other loops.
   *
   * @param change where what it loads and stores is then, asked in the order of the body
   */
  public VectorNest moved(List<Integer> newLoops, UnaryOperator<Address> change) {
    List<VectorStep> steps = new ArrayList<>();
    for (VectorStep step : body) {
      if (step instanceof VectorStep.Load load) {
        steps.add(new VectorStep.Load(load.register(), change.apply(load.from())));
      } else if (step instanceof VectorStep.Store store) {
        steps.add(
            new VectorStep.Store(
                store.mode(),
                store.scale(),
                store.transpose(),
                store.registers(),
                change.apply(store.to())));
      } else {
        steps.add(step);
      }
    }
    return new VectorNest(work, newLoops, registers, steps);
  }
}
