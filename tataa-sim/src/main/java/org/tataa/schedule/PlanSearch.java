package org.tataa.schedule;

import java.util.ArrayList;
import java.util.List;
import org.tataa.config.TataaConfig;
import org.tataa.schedule.VectorScheduler.Choice;
import org.tataa.schedule.VectorScheduler.Plan;
import org.tataa.schedule.VectorScheduler.Prepared;
import org.tataa.tile.VectorNest;

/**
 * Searches how a nest is ordered: numbers of iterations side by side and limits of list scheduling
 * are tried on its first iterations, and the ones that take least time by the rough clock are used
 * for all.
 */
final class PlanSearch {
  /** Most iterations that are done side by side. */
  private static final int MAX_INTERLEAVED = 8;

  /**
   * Most steps of iterations side by side: in a body as long as that, list scheduling finds enough
   * independent operations.
   */
  private static final int MAX_STEPS = 4096;

  /** Orders that are tried, the first being that of the nest. */
  private static final List<ListOrder.Limits> ORDERS =
      List.of(
          new ListOrder.Limits(0, 0, 0, 8),
          new ListOrder.Limits(64, 64, 1, 7),
          new ListOrder.Limits(ListOrder.ALL, 12, 4, 7),
          new ListOrder.Limits(ListOrder.ALL, 16, 8, 7),
          new ListOrder.Limits(ListOrder.ALL, 24, 8, 7),
          new ListOrder.Limits(ListOrder.ALL, 32, 8, 7));

  /** Iterations on which orders are compared. */
  private static final int SAMPLE = 12;

  /** Where rows are shorter: of several rows, so that the start of the first counts less. */
  private static final int ROWS = 28;

  /**
   * Times as many iterations as in a sample after which the begin of a pipeline counts for nothing.
   */
  private static final int LONG = 8;

  /**
   * A choice.
   *
   * @param cycles what the sample takes with it by the rough clock
   */
  record Timed(Choice choice, long cycles) {}

  private final TataaConfig config;
  private final MemoryPlan memory;
  private final VectorPlans plans;
  private final PipelineSearch pipelines;

  PlanSearch(TataaConfig config, MemoryPlan memory, VectorPlans plans) {
    this.config = config;
    this.memory = memory;
    this.plans = plans;
    pipelines = new PipelineSearch(config, memory);
  }

  /** A plan for nests of the shape of one. */
  Plan plan(VectorNest nest) {
    VectorNest head = Interleave.head(config, nest, SAMPLE, ROWS);
    int most = Math.min(MAX_INTERLEAVED, Interleave.most(config, nest));
    int divided = most == 1 ? 0 : Interleave.mustDivide(config, nest);
    boolean isLong = nest.iterations() >= LONG * head.iterations();
    Choice choice =
        plans.choice(
            head,
            most,
            divided,
            isLong,
            () -> pipelines.choice(head, most, divided, isLong, choice(head, most, divided)));
    return plan(nest, choice);
  }

  private Plan plan(VectorNest nest, Choice choice) {
    List<VectorNest> parts = VectorScheduler.parts(config, nest, choice.factor());
    List<BodyOrder> orders =
        choice.pairs() > 0
            ? pipelines.orders(parts, choice.pairs())
            : orders(parts, choice.limits());
    return new Plan(choice.factor(), orders, choice.style());
  }

  private Timed choice(VectorNest head, int most, int divided) {
    int bestFactor = 1;
    ListOrder.Limits best = ORDERS.get(0);
    long bestTime = Long.MAX_VALUE;
    boolean isLate = false;
    for (int factor = 1; factor <= most; factor += factor < 4 ? 1 : 2) {
      if (divided % factor != 0) {
        continue;
      }
      if (factor > 1 && factor * head.body().size() > MAX_STEPS) {
        break;
      }
      List<VectorNest> parts = VectorScheduler.parts(config, head, factor);
      List<List<BodyOrder>> tried = new ArrayList<>();
      boolean fits = false;
      long ownTime = Long.MAX_VALUE;
      ListOrder.Limits own = ORDERS.get(0);
      List<Prepared> ownNests = List.of();
      for (ListOrder.Limits limits : ORDERS) {
        List<BodyOrder> orders = orders(parts, limits);
        if (tried.contains(orders)) {
          continue;
        }
        tried.add(orders);
        List<Prepared> nests = VectorScheduler.prepared(config, parts, orders);
        // What cannot win is not followed to its end, but some order of each factor is, to know
        // whether its registers fit.
        long tooMany = fits ? Math.min(ownTime, bestTime / 4 * 5) : Long.MAX_VALUE;
        long time =
            VectorScheduler.time(config, memory, nests, EmissionStyle.EARLY, false, tooMany);
        fits |= time < Long.MAX_VALUE;
        if (time < ownTime) {
          own = limits;
          ownTime = time;
          ownNests = nests;
        }
        if (time < bestTime) {
          bestFactor = factor;
          best = limits;
          bestTime = time;
          isLate = false;
        }
      }
      if (fits) {
        // On a clock this rough more iterations win if they are about as good.
        long limit = factor > bestFactor ? bestTime + bestTime / 100 : bestTime;
        long late =
            VectorScheduler.time(config, memory, ownNests, EmissionStyle.LATE, false, limit);
        if (late < limit) {
          bestFactor = factor;
          best = own;
          bestTime = late;
          isLate = true;
        }
      }
      if (!fits && factor > 1) {
        break;
      }
    }
    return new Timed(
        new Choice(bestFactor, best, 0, isLate ? EmissionStyle.LATE : EmissionStyle.EARLY),
        bestTime);
  }

  private List<BodyOrder> orders(List<VectorNest> parts, ListOrder.Limits limits) {
    return limits.window() == 0
        ? List.of()
        : parts.stream()
            .map(part -> plans.order(part, limits, () -> ListOrder.of(config, part, limits)))
            .map(BodyOrder::of)
            .toList();
  }
}
