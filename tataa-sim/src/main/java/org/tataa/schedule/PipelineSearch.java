package org.tataa.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.schedule.PlanSearch.Timed;
import org.tataa.schedule.VectorScheduler.Choice;
import org.tataa.schedule.VectorScheduler.Prepared;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;

/**
 * Searches how a nest is pipelined: few iterations side by side, in rounds of as few pairs of runs
 * as the vector slots allow, or one more.
 */
final class PipelineSearch {
  /** Iterations that are done side by side; also as many as may be. */
  private static final int MOST = 3;

  /** Most steps of several iterations side by side, and of one. */
  private static final int MAX_STEPS = 1024;

  private static final int MAX_BODY = 1 << 14;

  /** Steps of a body for each pair of runs, at least. */
  private static final int STEPS = 16;

  /** Loads wait for a gap between operations until 40 steps before their first use. */
  private static final EmissionStyle STYLE = EmissionStyle.LATE.withHaste(40);

  private final TataaConfig config;
  private final MemoryPlan memory;

  PipelineSearch(TataaConfig config, MemoryPlan memory) {
    this.config = config;
    this.memory = memory;
  }

  /**
   * What takes least time.
   *
   * @param head first iterations of a nest
   * @param most iterations that may be side by side
   * @param divided what their number must divide
   * @param isLong whether the nest has many more iterations
   * @param other the best choice without a pipeline
   */
  Choice choice(VectorNest head, int most, int divided, boolean isLong, Timed other) {
    Timed best = other;
    if (head.body().size() <= MAX_BODY
        && !Interleave.readsItsStores(head)
        && new SoftwarePipeline(config, head).overlaps()) {
      for (int factor = 1; factor <= most; factor++) {
        if ((factor <= MOST || factor == most)
            && divided % factor == 0
            && (factor == 1 || factor * head.body().size() <= MAX_STEPS)) {
          best = best(head, factor, isLong, best);
        }
      }
    }
    return best.choice();
  }

  private Timed best(VectorNest head, int factor, boolean isLong, Timed other) {
    List<VectorNest> parts = VectorScheduler.parts(config, head, factor);
    List<SoftwarePipeline> pipelines = pipelines(parts);
    Timed best = other;
    int rest = rest(parts, pipelines);
    int least = least(parts.get(0), pipelines.get(0));
    int stores = stores(parts.get(0));
    for (int pairs : IntStream.of(least, least + 1, Math.max(least, stores)).distinct().toArray()) {
      List<BodyOrder> orders = orders(pipelines, pairs, rest);
      if (orders.isEmpty()) {
        continue;
      }
      long limit = Math.min(best.cycles(), Long.MAX_VALUE / 2);
      long tooMany = isLong ? limit / 8 * 9 : limit;
      List<Prepared> nests = VectorScheduler.prepared(config, parts, orders);
      long cycles = VectorScheduler.time(config, memory, nests, STYLE, isLong, tooMany);
      if (cycles < best.cycles()) {
        best = new Timed(new Choice(factor, other.choice().limits(), pairs, STYLE), cycles);
      }
    }
    return best;
  }

  private static int stores(VectorNest nest) {
    return (int) nest.body().stream().filter(VectorStep.Store.class::isInstance).count();
  }

  /** Orders for the parts of a nest like the one so many pairs were chosen for. */
  List<BodyOrder> orders(List<VectorNest> parts, int pairs) {
    List<SoftwarePipeline> pipelines = pipelines(parts);
    return orders(pipelines, pairs, rest(parts, pipelines));
  }

  // None if a part has none.
  private static List<BodyOrder> orders(List<SoftwarePipeline> pipelines, int pairs, int rest) {
    List<BodyOrder> orders = new ArrayList<>();
    for (SoftwarePipeline pipeline : pipelines) {
      BodyOrder order = pipeline.round(orders.isEmpty() ? pairs : rest);
      if (order == null) {
        return List.of();
      }
      orders.add(order);
    }
    return orders;
  }

  private List<SoftwarePipeline> pipelines(List<VectorNest> parts) {
    return parts.stream().map(part -> new SoftwarePipeline(config, part)).toList();
  }

  // Pairs of runs of the iterations that are left over, if there are any.
  private int rest(List<VectorNest> parts, List<SoftwarePipeline> pipelines) {
    return parts.size() == 1 ? 0 : least(parts.get(1), pipelines.get(1));
  }

  // The least number of pairs with which registers fit.
  private int least(VectorNest nest, SoftwarePipeline pipeline) {
    int slots = config.buffers().vectorSlots();
    int tooFew = 0;
    int pairs = Math.max(1, nest.body().size() / STEPS);
    int most = pairs;
    while (pairs - tooFew > 1) {
      int middle = (tooFew + pairs) / 2;
      if (pipeline.live(middle) > 2 * slots) {
        tooFew = middle;
      } else {
        pairs = middle;
      }
    }
    while (pairs < most && !fits(nest, pipeline.round(pairs))) {
      pairs += 1 + pairs / STEPS;
    }
    return pairs;
  }

  private boolean fits(VectorNest nest, @Nullable BodyOrder order) {
    return order != null
        && Prepared.of(config, nest, order, null).body().fits(config.buffers().vectorSlots());
  }
}
