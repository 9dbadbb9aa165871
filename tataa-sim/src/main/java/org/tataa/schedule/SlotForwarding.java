package org.tataa.schedule;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.Program;
import org.tataa.machine.CoreMachine;
import org.tataa.sim.HostThreads;
import org.tataa.tile.Buffer;
import org.tataa.tile.FusedNest;
import org.tataa.tile.MatMulNest;
import org.tataa.tile.StepBuffers;
import org.tataa.tile.StoredValue;
import org.tataa.tile.TileProgram;
import org.tataa.tile.TileStep;
import org.tataa.tile.VectorNest;

/**
 * A pass of tile programs for machines with a result path, before they are scheduled: products and
 * the vector work that alone reads their sums become one step, and the sums go to vector slots
 * instead of memory. Both ways are run on the machine, without values, and the faster one is taken.
 * Values are the same bit for bit.
 */
public final class SlotForwarding {
  /** Its name. */
  public static final String NAME = "forward-sums";

  /** What it does. */
  public static final String DESCRIPTION =
      "fuses products with vector work that reads their sums in slots, on machines with a result"
          + " path, where that takes fewer cycles";

  /**
   * How a pair is fused.
   *
   * @param bank where the sums are
   * @param group most blocks of sums in slots; 0 if it is not
   */
  record Choice(Bank bank, int group) {}

  /**
   * What a choice depends on.
   *
   * @param always whether the pair is fused even if that takes more cycles
   */
  record Pair(PlacedSteps.Key products, PlacedSteps.Key lanes, boolean always) {}

  private static final Choice NONE = new Choice(Bank.A, 0);

  private final TileProgram program;
  private final TataaConfig config;
  private final VectorPlans plans;
  private final boolean always;
  private final Map<Buffer, List<Integer>> users = new HashMap<>();

  private SlotForwarding(TileProgram program, VectorPlans plans, boolean always) {
    this.program = program;
    config = program.config();
    this.plans = plans;
    this.always = always;
    for (int i = 0; i < program.steps().size(); i++) {
      for (Buffer buffer : StepBuffers.of(program.steps().get(i))) {
        users.computeIfAbsent(buffer, key -> new ArrayList<>()).add(i);
      }
    }
  }

  /**
   * A program with fused nests; the same if there are none.
   *
   * @param plans orders of nests; added to
   * @param always whether what can be fused is, even if that takes more cycles
   */
  public static TileProgram apply(TileProgram program, VectorPlans plans, boolean always) {
    return program.config().resultPath()
        ? new SlotForwarding(program, plans, always).apply()
        : program;
  }

  private TileProgram apply() {
    // The fused nest in the place of the vector work, nothing in that of the products.
    List<@Nullable TileStep> steps = new ArrayList<>(program.steps());
    Set<Buffer> forwarded = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int i = 0; i < steps.size(); i++) {
      HostThreads.check();
      if (!(program.steps().get(i) instanceof VectorNest lanes)) {
        continue;
      }
      for (Buffer sums : StepBuffers.of(lanes)) {
        int from = productsOf(sums, i);
        FusedNest fused = from < 0 ? null : fused((MatMulNest) program.steps().get(from), lanes);
        if (fused != null) {
          steps.set(from, null);
          steps.set(i, fused);
          forwarded.add(sums);
          break;
        }
      }
    }
    return forwarded.isEmpty() ? program : program(steps, forwarded);
  }

  // The step of products whose sums a step alone reads, if it can be done right before it; else -1.
  private int productsOf(Buffer sums, int reader) {
    List<Integer> steps = users.getOrDefault(sums, List.of());
    if (sums.isConstant() || sums.isState() || steps.size() != 2 || steps.get(1) != reader) {
      return -1;
    }
    int from = steps.get(0);
    if (!(program.steps().get(from) instanceof MatMulNest products)) {
      return -1;
    }
    List<Buffer> operands = List.of(products.x().buffer(), products.y().buffer());
    for (int i = from + 1; i <= reader; i++) {
      if (!Collections.disjoint(StepBuffers.writtenBy(program.steps().get(i)), operands)) {
        return -1;
      }
    }
    return from;
  }

  private @Nullable FusedNest fused(MatMulNest products, VectorNest lanes) {
    FusiblePair pair = FusiblePair.of(config, products, lanes);
    if (pair == null) {
      return null;
    }
    TileProgram both = alone(List.of(products, lanes));
    MemoryPlan memory = MemoryPlan.of(both);
    Choice choice =
        plans.forwarding(
            new Pair(
                PlacedSteps.of(products, memory).key(),
                PlacedSteps.of(lanes, memory).key(),
                always),
            () -> choice(both, memory, pair));
    return choice.group() == 0 ? null : pair.fused(choice.bank(), choice.group());
  }

  private Choice choice(TileProgram both, MemoryPlan memory, FusiblePair pair) {
    long best;
    try {
      best = cycles(memory, Scheduler.schedule(both, plans, 1).programs());
    } catch (ScheduleException e) {
      return NONE; // It must spill.
    }
    best = always ? Long.MAX_VALUE : best;
    Choice choice = NONE;
    List<Integer> loops = pair.lanes().loops();
    int row = loops.get(loops.size() - 1);
    int most = config.buffers().vectorSlots() / FusedNest.vectors(config);
    for (int group = Math.min(row, most); group > 0; group--) {
      for (Bank bank : Bank.values()) {
        Instructions out = new Instructions(config);
        FusedScheduler scheduler = new FusedScheduler(config, memory, out, plans);
        if (scheduler.emit(pair.fused(bank, group))) {
          long cycles = cycles(memory, List.of(out.finish()));
          if (cycles < best) {
            best = cycles;
            choice = new Choice(bank, group);
          }
        }
      }
    }
    return choice;
  }

  private long cycles(MemoryPlan memory, List<Program> programs) {
    CoreMachine machine = CoreMachine.timed(Scheduler.cores(config, memory, 1));
    return programs.stream().mapToLong(program -> machine.run(List.of(program)).cycles()).sum();
  }

  private TileProgram alone(List<TileStep> steps) {
    return new TileProgram(program.name(), config, steps, List.of(), Map.of());
  }

  private TileProgram program(List<@Nullable TileStep> steps, Set<Buffer> forwarded) {
    List<TileStep> kept = new ArrayList<>();
    int[] number = new int[steps.size()];
    for (int i = 0; i < number.length; i++) {
      number[i] = kept.size();
      TileStep step = steps.get(i);
      if (step != null) {
        kept.add(step);
      }
    }
    List<StoredValue> values =
        program.values().stream()
            .filter(value -> !forwarded.contains(value.buffer()))
            .map(
                value ->
                    new StoredValue(
                        value.value(), number[value.step()], value.buffer(), value.layout()))
            .toList();
    return new TileProgram(program.name(), config, kept, values, program.outputs());
  }
}
