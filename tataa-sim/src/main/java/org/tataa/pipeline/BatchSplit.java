package org.tataa.pipeline;

import java.util.Objects;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompiledModel;

/**
 * How the packs of a batch are split over the cores of a device.
 *
 * @param model the model for the largest pack on its number of cores
 * @param cycles predicted for the batch
 */
record BatchSplit(CompiledModel model, long cycles) {
  /**
   * The split of least predicted cycles; of equal ones that with fewest cores. A group of cores
   * does as many packs one after the other as it must. A number of cores is not tried where not
   * even the largest gain, as many times as cores, would make it the best.
   *
   * @param cores cores of the device
   * @param packs number of packs
   * @param wanted the number of cores, or 0 to choose
   * @param limit predicted cycles from which on nothing is wanted
   * @param on the model for the largest pack on a number of cores
   */
  static BatchSplit best(
      int cores, int packs, int wanted, long limit, IntFunction<CompiledModel> on) {
    TreeSet<Integer> candidates = new TreeSet<>();
    for (int rounds = 1; rounds <= packs; rounds++) {
      candidates.add(Math.max(1, cores / ((packs + rounds - 1) / rounds)));
    }
    if (wanted > 0) {
      candidates.clear();
      candidates.add(wanted);
    }
    BatchSplit best = null;
    long work = 0;
    for (int candidate : candidates) {
      int groups = cores / candidate;
      long rounds = ((long) packs + groups - 1) / groups;
      if (best != null && rounds * (work / candidate) >= Math.min(limit, best.cycles())) {
        continue;
      }
      CompiledModel model = on.apply(candidate);
      // On more cores the sum over all of them is not less.
      work = Math.max(work, candidate * model.predictedCycles());
      @Nullable BatchSplit found = new BatchSplit(model, rounds * model.predictedCycles());
      best = best == null || found.cycles() < best.cycles() ? found : best;
    }
    return Objects.requireNonNull(best);
  }
}
