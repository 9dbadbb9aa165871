package org.tataa.schedule;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tataa.tile.VectorNest;

/**
 * How vector nests were cut and ordered, by their shape: layers of a model repeat, the same model
 * compiled for other lengths has many nests in common, and so have the shares of a nest. For one
 * machine; several threads may share it.
 */
public final class VectorPlans {
  /**
   * What was tried: the first iterations.
   *
   * @param head their shape
   * @param most iterations that may be side by side
   * @param divided what their number must divide
   * @param isLong whether the nest has many more
   */
  private record Trial(NestShape head, int most, int divided, boolean isLong) {}

  /** What the order of a body depends on: neither its loops nor its addresses. */
  private static final class Body {
    private final int[] cells;
    private final int hash;

    Body(VectorNest nest) {
      cells = ListOrder.cells(nest);
      hash = Arrays.hashCode(cells);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Body body && Arrays.equals(cells, body.cells);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  private final Map<NestShape, VectorScheduler.Plan> plans = new ConcurrentHashMap<>();
  private final Map<NestShape, FissionSearch.Cuts> cuts = new ConcurrentHashMap<>();
  private final Map<SlotForwarding.Pair, SlotForwarding.Choice> forwardings =
      new ConcurrentHashMap<>();
  private final Map<Trial, VectorScheduler.Choice> choices = new ConcurrentHashMap<>();
  private final Map<Body, Map<ListOrder.Limits, int[]>> orders = new ConcurrentHashMap<>();

  private final @Nullable KnownPrograms programs;

  /** Plans alone. */
  public VectorPlans() {
    this(null);
  }

  private VectorPlans(@Nullable KnownPrograms programs) {
    this.programs = programs;
  }

  /** With programs of layers, which are made once for all layers that are alike. */
  public static VectorPlans withPrograms() {
    return new VectorPlans(new KnownPrograms());
  }

  /** Programs that were made before; null if none are kept. */
  @Nullable KnownPrograms programs() {
    return programs;
  }

  /** The plan of a nest's shape, made by the first that asks. */
  VectorScheduler.Plan of(VectorNest nest, Function<VectorNest, VectorScheduler.Plan> plan) {
    return plans.computeIfAbsent(NestShape.of(nest), shape -> plan.apply(nest));
  }

  /** Where a nest is cut for want of slots, found out by the first that asks. */
  FissionSearch.Cuts cuts(VectorNest nest, Supplier<FissionSearch.Cuts> search) {
    return cuts.computeIfAbsent(NestShape.of(nest), shape -> search.get());
  }

  /** How products and vector work are fused, found out by the first that asks. */
  SlotForwarding.Choice forwarding(
      SlotForwarding.Pair pair, Supplier<SlotForwarding.Choice> choice) {
    // Not while the map is held: it takes long, and asks for plans.
    SlotForwarding.Choice known = forwardings.get(pair);
    if (known == null) {
      known = choice.get();
      forwardings.put(pair, known);
    }
    return known;
  }

  /** What was chosen for nests that begin alike, made by the first that asks. */
  VectorScheduler.Choice choice(
      VectorNest head,
      int most,
      int divided,
      boolean isLong,
      Supplier<VectorScheduler.Choice> choice) {
    return choices.computeIfAbsent(
        new Trial(NestShape.of(head), most, divided, isLong), key -> choice.get());
  }

  /** The order of a body, made by the first that asks. Shared, not to be written to. */
  int[] order(VectorNest nest, ListOrder.Limits limits, Supplier<int[]> order) {
    return orders
        .computeIfAbsent(new Body(nest), body -> new ConcurrentHashMap<>())
        .computeIfAbsent(limits, key -> order.get());
  }
}
