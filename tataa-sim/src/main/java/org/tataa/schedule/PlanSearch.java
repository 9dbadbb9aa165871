package org.tataa.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
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

  private final TataaConfig config;
  private final MemoryPlan memory;
  private final VectorPlans plans;

  PlanSearch(TataaConfig config, MemoryPlan memory, VectorPlans plans) {
    this.config = config;
    this.memory = memory;
    this.plans = plans;
  }

  /** A plan for nests of the shape of one. */
  Plan plan(VectorNest nest) {
    VectorNest head = Interleave.head(config, nest, SAMPLE, ROWS);
    int most = Math.min(MAX_INTERLEAVED, Interleave.most(config, nest));
    int divided = most == 1 ? 0 : Interleave.mustDivide(config, nest);
    Choice choice = plans.choice(head, most, divided, () -> choice(head, most, divided));
    return plan(nest, choice);
  }

  private Plan plan(VectorNest nest, Choice choice) {
    ListOrder.Limits limits = choice.limits();
    List<int[]> orders =
        limits.window() == 0
            ? List.of()
            : orders(VectorScheduler.parts(config, nest, choice.factor()), limits);
    return new Plan(choice.factor(), orders, choice.isLate());
  }

  private Choice choice(VectorNest head, int most, int divided) {
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
      List<List<int[]>> tried = new ArrayList<>();
      boolean fits = false;
      long ownTime = Long.MAX_VALUE;
      ListOrder.Limits own = ORDERS.get(0);
      List<Prepared> ownNests = List.of();
      for (ListOrder.Limits limits : ORDERS) {
        List<int[]> orders = orders(parts, limits);
        if (tried.stream().anyMatch(other -> areEqual(other, orders))) {
          continue;
        }
        tried.add(orders);
        List<Prepared> nests =
            VectorScheduler.ordered(parts, orders).stream()
                .map(nest -> Prepared.of(config, nest))
                .toList();
        // What cannot win is not followed to its end, but some order of each factor is, to know
        // whether its registers fit.
        long tooMany = fits ? Math.min(ownTime, bestTime / 4 * 5) : Long.MAX_VALUE;
        long time = VectorScheduler.time(config, memory, nests, false, tooMany);
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
        long late = VectorScheduler.time(config, memory, ownNests, true, limit);
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
    return new Choice(bestFactor, best, isLate);
  }

  private List<int[]> orders(List<VectorNest> parts, ListOrder.Limits limits) {
    return limits.window() == 0
        ? List.of()
        : parts.stream()
            .map(part -> plans.order(part, limits, () -> ListOrder.of(config, part, limits)))
            .toList();
  }

  private static boolean areEqual(List<int[]> one, List<int[]> other) {
    return one.size() == other.size()
        && IntStream.range(0, one.size()).allMatch(i -> Arrays.equals(one.get(i), other.get(i)));
  }
}
