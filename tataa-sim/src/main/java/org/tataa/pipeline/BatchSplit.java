package org.tataa.pipeline;

import java.util.TreeSet;
import java.util.function.BiFunction;
import org.tataa.compiler.CompiledModel;

/**
 * How the items of a batch are split over the cores of a device.
 *
 * @param cores cores of each item
 */
public record BatchSplit(int cores) {
  static BatchSplit of(int cores) {
    return new BatchSplit(cores);
  }

  /**
   * The split of least predicted cycles; of equal ones that with fewest cores.
   *
   * @param item the model for the largest item on one core
   * @param cores cores of the device
   * @param items number of items
   * @param split the model for that item on another number of cores
   */
  static BatchSplit best(
      CompiledModel item,
      int cores,
      int items,
      BiFunction<CompiledModel, Integer, CompiledModel> split) {
    TreeSet<Integer> candidates = new TreeSet<>();
    for (int rounds = 1; rounds <= items; rounds++) {
      candidates.add(cores / ((items + rounds - 1) / rounds));
    }
    int best = 1;
    long least = Long.MAX_VALUE;
    for (int candidate : candidates) {
      int groups = cores / candidate;
      long rounds = (items + groups - 1) / groups;
      long cycles = rounds * split.apply(item, candidate).predictedCycles();
      if (cycles < least) {
        least = cycles;
        best = candidate;
      }
    }
    return new BatchSplit(best);
  }
}
