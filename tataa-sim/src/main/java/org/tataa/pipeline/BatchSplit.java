package org.tataa.pipeline;

import java.util.TreeSet;
import java.util.function.BiFunction;
import org.tataa.compiler.CompiledModel;

/** Chooses how the items of a batch are split over the cores of a device. */
final class BatchSplit {
  private BatchSplit() {}

  /**
   * The split of least predicted cycles; of equal ones that with fewest cores. A group of cores
   * does as many items one after the other as it must.
   *
   * @param item the model for the largest item on one core
   * @param cores cores of the device
   * @param items number of items
   * @param split the model for that item on another number of cores
   * @return the model for the largest item on the best number of cores
   */
  static CompiledModel best(
      CompiledModel item,
      int cores,
      int items,
      BiFunction<CompiledModel, Integer, CompiledModel> split) {
    TreeSet<Integer> candidates = new TreeSet<>();
    for (int rounds = 1; rounds <= items; rounds++) {
      candidates.add(cores / ((items + rounds - 1) / rounds));
    }
    CompiledModel best = item;
    long least = Long.MAX_VALUE;
    for (int candidate : candidates) {
      int groups = cores / candidate;
      long rounds = ((long) items + groups - 1) / groups;
      // On n cores an item is at most n times as fast.
      if (least < Long.MAX_VALUE && rounds * item.predictedCycles() / candidate >= least) {
        continue;
      }
      CompiledModel model = split.apply(item, candidate);
      long cycles = rounds * model.predictedCycles();
      if (cycles < least) {
        least = cycles;
        best = model;
      }
    }
    return best;
  }
}
