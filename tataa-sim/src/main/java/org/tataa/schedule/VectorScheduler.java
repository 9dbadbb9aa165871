package org.tataa.schedule;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.tile.VectorNest;

/**
 * Emits the instructions of vector nests, in the order of the {@link Plan} that takes least time on
 * a rough clock.
 */
final class VectorScheduler {
  /** Orders of {@link #ordered}. */
  static final int ORDERS = 3;

  private final TataaConfig config;
  private final MemoryPlan memory;
  private final Instructions out;

  /** Cycles at which a trial ends. */
  private final long tooMany;

  private final PortClock ports;
  private final VectorPlans plans;

  /** Cycles in which pipelines begin and end. */
  private long ramps;

  VectorScheduler(TataaConfig config, MemoryPlan memory, Instructions out, VectorPlans plans) {
    this(config, memory, out, plans, Long.MAX_VALUE);
  }

  private VectorScheduler(
      TataaConfig config, MemoryPlan memory, Instructions out, VectorPlans plans, long tooMany) {
    this.config = config;
    this.memory = memory;
    this.out = out;
    this.plans = plans;
    this.tooMany = tooMany;
    ports = new PortClock(config);
  }

  /** Emits a nest; {@link ScheduleException} if its registers do not fit in any order. */
  void emit(VectorNest nest) {
    if (!emitIfFits(nest)) {
      throw new ScheduleException(
          nest.work().value()
              + ": the vector slots, "
              + config.buffers().vectorSlots()
              + " in each bank, are too few for an expression of "
              + nest.registers()
              + " vectors");
    }
  }

  /**
   * Emits a nest some of whose vectors are in slots already.
   *
   * @param slots what it finds in them
   * @return whether its registers fit beside these; if not, a part of it may have been emitted
   */
  boolean emit(VectorNest nest, SumsBank sums, NestContext slots) {
    Plan plan = plan(nest);
    List<Prepared> parts = plan.apply(config, nest, sums);
    for (int i = 0; i < parts.size(); i++) {
      slots.begin(i + 1 == parts.size());
      if (!emit(parts.get(i), plan.style(), slots)) {
        return false;
      }
    }
    return true;
  }

  private Plan plan(VectorNest nest) {
    return plans.of(nest, new PlanSearch(config, memory, plans)::plan);
  }

  private boolean emitIfFits(VectorNest nest) {
    Plan plan = plan(nest);
    int start = out.size();
    boolean fits = true;
    for (Prepared part : plan.apply(config, nest)) {
      fits = fits && emit(part, plan.style(), new NestContext(config));
    }
    if (!fits) {
      out.truncate(start);
    }
    return fits || emitInOrder(nest);
  }

  /** Whether a nest's registers fit in any order it would be emitted in. */
  static boolean fits(TataaConfig config, MemoryPlan memory, VectorPlans plans, VectorNest nest) {
    Instructions nowhere = Instructions.dropped(config);
    return fitsInOrder(config, memory, nest)
        || new VectorScheduler(config, memory, nowhere, plans).emitIfFits(nest);
  }

  /** Whether a nest's registers fit in its own order, or in one for few live registers. */
  static boolean fitsInOrder(TataaConfig config, MemoryPlan memory, VectorNest nest) {
    Instructions nowhere = Instructions.dropped(config);
    return new VectorScheduler(config, memory, nowhere, new VectorPlans()).emitInOrder(nest);
  }

  /** Cycles what was emitted takes by the rough clock. */
  long predictedCycles() {
    return ports.end();
  }

  /** A nest in its own order, the first, or in one for few live registers. */
  static VectorNest ordered(VectorNest nest, int order) {
    return switch (order) {
      case 0 -> nest;
      case 1 -> PressureOrder.reorder(nest);
      default -> DepthFirst.reorder(nest);
    };
  }

  private boolean emitInOrder(VectorNest nest) {
    int start = out.size();
    for (int i = 0; i < ORDERS; i++) {
      Prepared whole = Prepared.of(config, ordered(nest, i), new int[0], null);
      if (emit(whole, EmissionStyle.EARLY, new NestContext(config))) {
        return true;
      }
      out.truncate(start);
    }
    return false;
  }

  /**
   * How nests of a shape are ordered.
   *
   * @param factor iterations side by side
   * @param orders orders of the bodies of the parts this gives; none for the orders they have
   * @param style where loads and stores are put
   */
  record Plan(int factor, List<BodyOrder> orders, EmissionStyle style) {
    List<Prepared> apply(TataaConfig config, VectorNest nest) {
      return apply(config, nest, null);
    }

    /** With vectors whose bank is known; null for none. */
    List<Prepared> apply(TataaConfig config, VectorNest nest, @Nullable SumsBank sums) {
      return prepared(config, parts(config, nest, factor), orders, sums);
    }
  }

  /** Nests with their bodies in some orders; in those they have if there are none. */
  static List<Prepared> prepared(
      TataaConfig config, List<VectorNest> nests, List<BodyOrder> orders) {
    return prepared(config, nests, orders, null);
  }

  private static List<Prepared> prepared(
      TataaConfig config, List<VectorNest> nests, List<BodyOrder> orders, @Nullable SumsBank sums) {
    return IntStream.range(0, nests.size())
        .mapToObj(
            i ->
                orders.isEmpty()
                    ? Prepared.of(config, nests.get(i), new int[0], sums)
                    : Prepared.of(config, nests.get(i), orders.get(i), sums))
        .toList();
  }

  static List<VectorNest> parts(TataaConfig config, VectorNest nest, int factor) {
    return factor == 1 ? List.of(nest) : Interleave.of(config, nest, factor);
  }

  /**
   * What takes least time.
   *
   * @param factor iterations side by side
   * @param limits how their bodies are ordered
   * @param pairs pairs of runs in a round of their pipelined bodies; 0 if they are not pipelined
   * @param style where loads and stores are put
   */
  record Choice(int factor, ListOrder.Limits limits, int pairs, EmissionStyle style) {}

  /** A nest with what its emission needs to know of its body. */
  record Prepared(VectorNest nest, VectorBody body) {
    static Prepared of(TataaConfig config, VectorNest nest, int[] lags, @Nullable SumsBank sums) {
      int perLoad = config.memory().vectorsPerLoad(config.geometry().vectorBytes());
      BankAssignment banks = BankAssignment.of(nest, perLoad, sums);
      return new Prepared(
          nest,
          lags.length == 0
              ? VectorBody.of(banks, config.buffers().dmbDepth())
              : VectorBody.pipelined(banks, lags));
    }

    static Prepared of(
        TataaConfig config, VectorNest nest, BodyOrder order, @Nullable SumsBank sums) {
      return of(config, order.apply(nest), order.lags(), sums);
    }
  }

  /**
   * Cycles of nests by the rough clock.
   *
   * @param isLong whether they stand for many more iterations: then those that begin and end a
   *     pipeline do not count
   * @param tooMany cycles at which the trial ends
   * @return the largest number if registers do not fit or there are too many cycles
   */
  static long time(
      TataaConfig config,
      MemoryPlan memory,
      List<Prepared> nests,
      EmissionStyle style,
      boolean isLong,
      long tooMany) {
    Instructions nowhere = Instructions.dropped(config);
    VectorScheduler trial =
        new VectorScheduler(config, memory, nowhere, new VectorPlans(), tooMany);
    for (Prepared nest : nests) {
      if (!trial.emit(nest, style, new NestContext(config))) {
        return Long.MAX_VALUE;
      }
    }
    return trial.ports.now() - (isLong ? trial.ramps : 0);
  }

  private boolean emit(Prepared nest, EmissionStyle style, NestContext slots) {
    VectorEmitter emitter =
        new VectorEmitter(
            config, memory, out, ports, nest.nest(), nest.body(), style, slots, tooMany);
    boolean fits = emitter.emit();
    ramps += emitter.ramp();
    return fits;
  }
}
