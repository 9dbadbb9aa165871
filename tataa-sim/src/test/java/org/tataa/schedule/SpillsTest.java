package org.tataa.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tataa.config.BufferConfig;
import org.tataa.config.TataaConfig;
import org.tataa.fuzz.Fuzz;
import org.tataa.machine.CoreMachine;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.SpilledVectors;
import org.tataa.tile.TilePrinter;
import org.tataa.tile.TileProgram;
import org.tataa.tile.TileVerifier;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tiling.Machines;

/**
 * Random bodies on machines with one to eight vector slots a bank: memory is that of the program
 * before it was cut, on all levels, and nothing is cut that can be scheduled as it is.
 */
class SpillsTest {
  private int spilling;

  private static TataaConfig machine(Random random) {
    List<TataaConfig> machines = Machines.all();
    TataaConfig machine = machines.get(random.nextInt(machines.size()));
    BufferConfig buffers = machine.buffers();
    return machine.withBuffers(
        buffers
            .withVectorSlots(1 + random.nextInt(8))
            .withDmbDepth(random.nextBoolean() ? buffers.dmbDepth() : 8));
  }

  // Stores to buffers of their own, or all to one, where they overlap.
  private static VectorNest random(Random random, TataaConfig config) {
    RandomBody body = new RandomBody(random, config);
    body.load();
    boolean isLong = random.nextInt(4) == 0;
    for (int store = 1 + random.nextInt(3); store > 0; store--) {
      for (int i = random.nextInt(isLong ? 100 : 30); i > 0; i--) {
        if (random.nextInt(4) == 0) {
          body.load();
        } else {
          body.operate();
        }
      }
      body.store(store);
    }
    VectorNest nest = body.nest();
    return random.nextInt(3) == 0 ? withOneTarget(random, config, nest) : nest;
  }

  private static VectorNest withOneTarget(Random random, TataaConfig config, VectorNest nest) {
    long bytes = StoredBytes.targets(nest).stream().mapToLong(Buffer::bytes).max().orElse(0);
    Buffer target = Buffer.state("target", 2 * bytes + 1024);
    long beat = config.memory().portBytes();
    List<VectorStep> body = new ArrayList<>();
    for (VectorStep step : nest.body()) {
      if (step instanceof VectorStep.Store store) {
        Address to = new Address(target, beat * random.nextInt(8), store.to().strides());
        body.add(
            new VectorStep.Store(
                store.mode(), store.scale(), store.transpose(), store.registers(), to));
      } else {
        body.add(step);
      }
    }
    return new VectorNest(nest.work(), nest.loops(), nest.registers(), body);
  }

  /** A program of a nest that may have to be cut. */
  static TileProgram program(Random random, TataaConfig config) {
    return new TileProgram("test", config, List.of(random(random, config)), List.of(), Map.of());
  }

  private static boolean canBeScheduled(TileProgram tiles) {
    try {
      Scheduler.schedule(tiles, 1);
      return true;
    } catch (ScheduleException e) {
      return false;
    }
  }

  // Empty if all is well.
  private String problem(TileProgram tiles, int cores) {
    VectorNest nest = (VectorNest) tiles.steps().get(0);
    List<String> wrong = TileVerifier.problems(tiles, List.of());
    if (!wrong.isEmpty()) {
      return "made wrongly: " + wrong;
    }
    TileProgram spilled = Spills.apply(tiles, new VectorPlans());
    if (canBeScheduled(tiles) != spilled.equals(tiles)) {
      return spilled.equals(tiles) ? "refused" : "cut, although it fits";
    }
    wrong = TileVerifier.problems(spilled, List.of());
    if (!wrong.isEmpty()) {
      return "verifier: " + wrong;
    }
    SpilledVectors count = SpilledVectors.of(spilled);
    spilling += count.isAny() ? 1 : 0;
    if (count.loaded() < count.stored() || spilled.steps().size() == 1 && count.isAny()) {
      return "count: " + count;
    }
    List<Buffer> targets = StoredBytes.targets(nest);
    List<byte[]> expected = StoredBytes.interpreted(tiles, targets);
    if (!StoredBytes.equal(StoredBytes.interpreted(spilled, targets), expected)) {
      return "interpreter: other bytes";
    }
    Schedule schedule = Scheduler.schedule(spilled, new VectorPlans(), cores);
    if (!StoredBytes.equal(
        StoredBytes.executed(schedule, CoreMachine.unclocked(schedule.core()), targets),
        expected)) {
      return "un-clocked: other bytes";
    }
    if (!StoredBytes.equal(
        StoredBytes.executed(schedule, CoreMachine.simulated(schedule.core()), targets),
        expected)) {
      return "clocked: other bytes";
    }
    return "";
  }

  private boolean holds(long seed) {
    Random random = new Random(seed ^ 0x5b111);
    TataaConfig config = machine(random);
    TileProgram tiles = program(random, config);
    int cores = 1 + (int) (seed % 3);
    String problem;
    try {
      problem = problem(tiles, cores);
    } catch (RuntimeException e) {
      problem = Fuzz.trace(e);
    }
    if (!problem.isEmpty()) {
      throw new AssertionError(
          problem
              + ", seed "
              + seed
              + " on "
              + cores
              + " cores of "
              + config
              + "\n"
              + TilePrinter.print(tiles));
    }
    return true;
  }

  @Test
  void memoryIsThatOfTheProgramBefore() {
    Fuzz.cases(0, 120, this::holds);
    assertThat(spilling).isGreaterThan(25);
  }

  @Test
  @Tag("heavy")
  void memoryIsThatOfManyPrograms() {
    Fuzz.cases(1000, 1_500, this::holds);
  }
}
