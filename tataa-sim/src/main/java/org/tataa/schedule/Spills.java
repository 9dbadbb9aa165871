package org.tataa.schedule;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.tile.Buffer;
import org.tataa.tile.StepBuffers;
import org.tataa.tile.StoredValue;
import org.tataa.tile.TileProgram;
import org.tataa.tile.TileStep;
import org.tataa.tile.VectorNest;

/**
 * A pass of tile programs, before they are scheduled: a vector nest whose registers fit the vector
 * slots in no order is cut into several nests, and what a later one reads of an earlier one is
 * spilled to memory ({@link LoopFission}, {@link FissionSearch}). Values are the same bit for bit.
 */
public final class Spills {
  private final TileProgram program;
  private final VectorPlans plans;
  private final Set<String> names = new HashSet<>();
  private @Nullable MemoryPlan memory;

  private Spills(TileProgram program, VectorPlans plans) {
    this.program = program;
    this.plans = plans;
  }

  /**
   * A program whose nests fit the vector slots, but for those that fit in no parts either, which
   * the scheduler refuses; the same if nothing need be spilled.
   *
   * @param plans where nests are cut; added to
   */
  public static TileProgram apply(TileProgram program, VectorPlans plans) {
    return new Spills(program, plans).apply();
  }

  private TileProgram apply() {
    List<List<VectorNest>> parts = new ArrayList<>();
    boolean isCut = false;
    for (TileStep step : program.steps()) {
      List<VectorNest> own = step instanceof VectorNest nest ? parts(nest) : List.of();
      isCut |= !own.isEmpty();
      parts.add(own);
    }
    return isCut ? program(parts) : program;
  }

  // The parts of a nest; none if it stays whole.
  private List<VectorNest> parts(VectorNest nest) {
    if (LiveRegisters.fit(nest, program.config().buffers().vectorSlots())) {
      return List.of();
    }
    FissionSearch.Cuts cuts =
        plans.cuts(
            nest,
            () ->
                VectorScheduler.fits(program.config(), memory(), plans, nest)
                    ? FissionSearch.Cuts.NONE
                    : new FissionSearch(program.config(), nest).search());
    if (cuts.ends().isEmpty()) {
      return List.of();
    }
    VectorNest ordered = VectorScheduler.ordered(nest, cuts.order());
    return new LoopFission(program.config(), ordered)
        .parts(cuts.ends(), () -> unique(nest.work().value() + "/spilled"));
  }

  // Addresses as they are if nothing is spilled, so that plans are those of the scheduler.
  private MemoryPlan memory() {
    MemoryPlan known = memory;
    if (known == null) {
      known = MemoryPlan.of(program);
      memory = known;
    }
    return known;
  }

  private String unique(String name) {
    if (names.isEmpty()) {
      for (TileStep step : program.steps()) {
        StepBuffers.of(step).stream().map(Buffer::name).forEach(names::add);
      }
    }
    String candidate = name;
    for (int i = 2; !names.add(candidate); i++) {
      candidate = name + "." + i;
    }
    return candidate;
  }

  private TileProgram program(List<List<VectorNest>> parts) {
    List<TileStep> steps = new ArrayList<>();
    int[] first = new int[parts.size()];
    for (int i = 0; i < first.length; i++) {
      first[i] = steps.size();
      steps.addAll(parts.get(i).isEmpty() ? List.of(program.steps().get(i)) : parts.get(i));
    }
    List<StoredValue> values =
        program.values().stream()
            .map(
                value ->
                    new StoredValue(
                        value.value(),
                        first[value.step()] + completes(parts.get(value.step()), value.buffer()),
                        value.buffer(),
                        value.layout()))
            .toList();
    return new TileProgram(program.name(), program.config(), steps, values, program.outputs());
  }

  // The last part that stores to a buffer.
  private static int completes(List<VectorNest> parts, Buffer buffer) {
    int last = Math.max(0, parts.size() - 1);
    while (last > 0 && !StepBuffers.of(parts.get(last)).contains(buffer)) {
      last--;
    }
    return last;
  }
}
