package org.tataa.pipeline;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.Partitioning;

/** Decides what of a batch is run as one, and on how many cores, by predicted cycles. */
final class BatchPlanner {
  /** Compiles a pack. */
  interface Compiling {
    /**
     * A model for a number of cores.
     *
     * @param known the pack compiled for another number of cores, or null
     */
    CompiledModel compile(Pack pack, int cores, @Nullable CompiledModel known);
  }

  /**
   * What was decided.
   *
   * @param packs all items, in the order of their first ones
   * @param cores cores of each pack
   */
  record Plan(List<Pack> packs, int cores) {}

  private final int cores;
  private final Partitioning partitioning;
  private final Compiling compiling;
  private final Map<Object, TreeMap<Integer, CompiledModel>> compiled = new HashMap<>();

  /**
   * A planner for a batch.
   *
   * @param cores cores of the device
   */
  BatchPlanner(int cores, Partitioning partitioning, Compiling compiling) {
    this.cores = cores;
    this.partitioning = partitioning;
    this.compiling = compiling;
  }

  /** A plan for packs that stay as they are. */
  Plan plan(List<Pack> packs) {
    if (!partitioning.isAuto()) {
      return new Plan(packs, partitioning.cores());
    }
    if (packs.size() >= cores || packs.size() <= 1) {
      return new Plan(packs, packs.size() == 1 ? cores : 1);
    }
    return new Plan(packs, split(packs, Long.MAX_VALUE).model().cores());
  }

  /**
   * A plan for items that are packed if this takes fewer predicted cycles. What is the same either
   * way is not counted.
   *
   * @param alone every item as a pack, by its number
   * @param packed the same items with short ones packed
   */
  Plan plan(List<Pack> alone, List<Pack> packed) {
    List<Pack> joined = packed.stream().filter(pack -> pack.items().size() > 1).toList();
    List<Pack> members =
        joined.stream().flatMap(pack -> pack.items().stream()).map(alone::get).toList();
    long together = split(joined, Long.MAX_VALUE).cycles();
    return plan(split(members, together).cycles() <= together ? alone : packed);
  }

  private BatchSplit split(List<Pack> packs, long limit) {
    Pack largest = packs.stream().max(Comparator.comparingLong(Pack::size)).orElseThrow();
    return BatchSplit.best(
        cores,
        packs.size(),
        partitioning.cores(),
        limit,
        on -> {
          TreeMap<Integer, CompiledModel> known =
              compiled.computeIfAbsent(largest.form(), form -> new TreeMap<>());
          return known.computeIfAbsent(
              on,
              key ->
                  compiling.compile(
                      largest, on, known.isEmpty() ? null : known.firstEntry().getValue()));
        });
  }

  /** What was compiled to decide: a pack for a number of cores, or null. It is forgotten then. */
  @Nullable CompiledModel take(Pack pack, int on) {
    TreeMap<Integer, CompiledModel> known = compiled.remove(pack.form());
    return known == null ? null : known.get(on);
  }
}
