package org.tataa.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tataa.config.BufferConfig;
import org.tataa.config.TataaConfig;
import org.tataa.fuzz.Fuzz;
import org.tataa.isa.Program;
import org.tataa.isa.StoreSlots;
import org.tataa.machine.CoreMachine;
import org.tataa.sim.Engine;
import org.tataa.tile.Buffer;
import org.tataa.tile.MatMulNest;
import org.tataa.tile.TilePrinter;
import org.tataa.tile.TileProgram;
import org.tataa.tile.TileVerifier;
import org.tataa.tile.VectorNest;
import org.tataa.tiling.Machines;

/**
 * Random products and vector work on their sums, on machines of many shapes with a result path:
 * fused or not, memory is the same on all levels, and no choice by cycles takes more of them.
 */
class SlotForwardingTest {
  private int fusible;
  private int chosen;
  private int spilling;

  private static TataaConfig machine(Random random) {
    List<TataaConfig> machines = Machines.all();
    TataaConfig machine = machines.get(random.nextInt(machines.size()));
    BufferConfig buffers = machine.buffers();
    boolean isSmall = random.nextInt(5) == 0;
    return machine
        .withResultPath(true)
        .withBuffers(isSmall ? buffers.withVectorSlots(1 + random.nextInt(12)) : buffers)
        .withMemory(
            machine
                .memory()
                .withLatencyCycles(8 + random.nextInt(random.nextBoolean() ? 40 : 400))
                .withQueueDepth(1 + random.nextInt(6))
                .withSharedYzPort(random.nextInt(4) == 0)
                .withVectorLoadBeats(random.nextInt(4) == 0 ? 16 : 1));
  }

  private static long cycles(TileProgram tiles) {
    Schedule schedule = Scheduler.schedule(tiles, new VectorPlans(), 1);
    return CoreMachine.timed(schedule.core()).run(schedule.programs()).cycles();
  }

  private static long forwarded(Schedule schedule) {
    long count = 0;
    for (Program program : schedule.programs()) {
      for (int i = 0; i < program.size(); i++) {
        count += program.instruction(i) instanceof StoreSlots ? 1 : 0;
      }
    }
    return count;
  }

  // Empty if all is well.
  private String problem(TileProgram tiles) {
    List<String> wrong = TileVerifier.problems(tiles, List.of());
    if (!wrong.isEmpty()) {
      return "made wrongly: " + wrong;
    }
    TileProgram faster = SlotForwarding.apply(tiles, new VectorPlans(), false);
    TileProgram fused = SlotForwarding.apply(tiles, new VectorPlans(), true);
    if (fused.equals(tiles)) {
      spilling += Spills.apply(tiles, new VectorPlans()).equals(tiles) ? 0 : 1;
      return faster.equals(tiles) ? "" : "fused only if faster";
    }
    fusible++;
    wrong = TileVerifier.problems(fused, List.of());
    if (!wrong.isEmpty()) {
      return "verifier: " + wrong;
    }
    if (!faster.equals(tiles)) {
      chosen++;
      long more = cycles(faster) - cycles(tiles);
      if (more >= 0) {
        return "chosen, although it takes " + more + " cycles more";
      }
    }
    List<Buffer> targets = StoredBytes.targets((VectorNest) tiles.steps().get(1));
    List<byte[]> expected = StoredBytes.interpreted(tiles, targets);
    if (!StoredBytes.equal(StoredBytes.interpreted(fused, targets), expected)) {
      return "interpreter: other bytes";
    }
    Schedule schedule = Scheduler.schedule(fused, new VectorPlans(), 1);
    long blocks = ((MatMulNest) tiles.steps().get(0)).blocks();
    if (forwarded(schedule) != blocks) {
      return "forwards " + forwarded(schedule) + " of " + blocks + " blocks";
    }
    for (CoreMachine machine :
        List.of(
            CoreMachine.unclocked(schedule.core()),
            CoreMachine.simulated(schedule.core()),
            CoreMachine.simulated(schedule.core(), Engine.STEPPING))) {
      if (!StoredBytes.equal(StoredBytes.executed(schedule, machine, targets), expected)) {
        return machine + ": other bytes";
      }
    }
    return "";
  }

  private boolean holds(long seed) {
    Random random = new Random(seed ^ 0xf0ad);
    TataaConfig config = machine(random);
    TileProgram tiles = RandomPair.of(random, config);
    String problem;
    try {
      problem = problem(tiles);
    } catch (RuntimeException e) {
      problem = Fuzz.trace(e);
    }
    if (!problem.isEmpty()) {
      throw new AssertionError(
          problem + ", seed " + seed + " on " + config + "\n" + TilePrinter.print(tiles));
    }
    return true;
  }

  @Test
  void memoryIsThatOfSeparateNests() {
    Fuzz.cases(0, 100, this::holds);
    assertThat(fusible).isGreaterThan(40);
    assertThat(chosen).isBetween(5, fusible - 5);
    assertThat(spilling).isPositive();
  }

  @Test
  @Tag("heavy")
  void memoryIsThatOfManySeparateNests() {
    Fuzz.cases(1000, 1_500, this::holds);
  }

  @Test
  void nothingIsForwardedWithoutAResultPath() {
    TileProgram tiles = RandomPair.of(new Random(1), TataaConfig.u280());
    assertThat(SlotForwarding.apply(tiles, new VectorPlans(), true)).isSameAs(tiles);
  }
}
