package org.tataa.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.fuzz.Fuzz;
import org.tataa.isa.Program;
import org.tataa.isa.StoreMode;
import org.tataa.isa.StoreSlots;
import org.tataa.machine.CoreMachine;
import org.tataa.sim.Engine;
import org.tataa.tensor.Scale;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.FusedNest;
import org.tataa.tile.MatMulNest;
import org.tataa.tile.TilePrinter;
import org.tataa.tile.TileProgram;
import org.tataa.tile.TileStep;
import org.tataa.tile.TileVerifier;
import org.tataa.tile.VectorNest;
import org.tataa.tile.Work;
import org.tataa.tiling.Machines;

/**
 * Random products and vector work on their sums, on machines of many shapes with a result path:
 * fused or not, memory is the same on all levels, and no choice by cycles takes more of them.
 */
class SlotForwardingTest {
  private int fusible;
  private int chosen;

  // Products in loops, each block at a place of its own, in any order.
  private record Pair(MatMulNest products, VectorNest lanes) {
    static Pair random(Random random, TataaConfig config) {
      int[] counts = IntStream.range(0, 1 + random.nextInt(3)).map(i -> 1 + random.nextInt(5)).toArray();
      int depth = 1 + random.nextInt(Math.min(config.buffers().tileDepth(), 48));
      int rows = config.geometry().rows();
      long block = (long) rows * StoreMode.ACC_TO_BF16.wordBytes(config.geometry());
      long[] places = new long[counts.length];
      long bytes = block;
      for (int loop : shuffled(random, counts.length)) {
        places[loop] = bytes;
        bytes *= counts[loop];
      }
      Buffer sums = Buffer.of("sums", bytes);
      int scaleLoop = random.nextInt(counts.length + 1) - 1;
      List<Scale> scales = new ArrayList<>();
      for (int i = scaleLoop < 0 ? 1 : counts[scaleLoop]; i > 0; i--) {
        scales.add(new Scale(1 + random.nextInt(1000), 4 + random.nextInt(8)));
      }
      MatMulNest products =
          new MatMulNest(
              new Work(Work.Kind.LINEAR, "sums", 1000, 0),
              IntStream.of(counts).boxed().toList(),
              operand(random, "x", counts, depth * rows),
              operand(random, "y", counts, depth * config.geometry().outputs()),
              depth,
              1,
              0,
              0,
              StoreMode.ACC_TO_BF16,
              false,
              scales,
              scaleLoop,
              new Address(sums, 0, places));
      return new Pair(products, lanes(random, config, counts, products.target()));
    }

    private static List<Integer> shuffled(Random random, int count) {
      List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
      Collections.shuffle(order, random);
      return order;
    }

    // Words that stay or change from iteration to iteration of each loop.
    private static Address operand(Random random, String name, int[] counts, int bytes) {
      long[] strides = new long[counts.length];
      long all = bytes;
      for (int loop = 0; loop < counts.length; loop++) {
        if (random.nextBoolean()) {
          strides[loop] = all;
          all *= counts[loop];
        }
      }
      byte[] content = new byte[Math.toIntExact(all)];
      random.nextBytes(content);
      return new Address(Buffer.constant(name, content), 0, strides);
    }

    private static VectorNest lanes(
        Random random, TataaConfig config, int[] counts, Address block) {
      List<Integer> order = shuffled(random, counts.length);
      List<Integer> loops = new ArrayList<>(order.stream().map(loop -> counts[loop]).toList());
      List<Long> strides = new ArrayList<>(order.stream().map(loop -> block.strides()[loop]).toList());
      if (random.nextInt(4) == 0) {
        int once = random.nextInt(loops.size() + 1);
        loops.add(once, 1);
        strides.add(once, (long) config.memory().portBytes());
      }
      RandomBody body = new RandomBody(random, config, loops);
      int vectors = FusedNest.vectors(config);
      int bytes = config.geometry().vectorBytes();
      // Now and then a load across two vectors, which no slot holds.
      boolean isWoven = random.nextInt(10) == 0;
      for (int vector : shuffled(random, vectors)) {
        if (random.nextInt(5) > 0) {
          long base = (long) vector * bytes;
          base += isWoven && vector + 1 < vectors ? config.memory().portBytes() : 0;
          body.load(
              new Address(
                  block.buffer(), base, strides.stream().mapToLong(Long::longValue).toArray()));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
          if (random.nextInt(4) == 0) {
            body.load();
          } else if (body.hasValues()) {
            body.operate();
          }
        }
      }
      body.load();
      for (int store = random.nextInt(3); store >= 0; store--) {
        body.store(store);
      }
      return body.nest();
    }
  }

  private static TataaConfig machine(Random random) {
    List<TataaConfig> machines = Machines.all();
    TataaConfig machine = machines.get(random.nextInt(machines.size()));
    return machine
        .withResultPath(true)
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
  private String problem(TataaConfig config, Pair pair) {
    List<TileStep> steps = List.of(pair.products(), pair.lanes());
    TileProgram tiles = new TileProgram("test", config, steps, List.of(), Map.of());
    List<String> wrong = TileVerifier.problems(tiles, List.of());
    if (!wrong.isEmpty()) {
      return "made wrongly: " + wrong;
    }
    TileProgram faster = SlotForwarding.apply(tiles, new VectorPlans(), false);
    TileProgram fused = SlotForwarding.apply(tiles, new VectorPlans(), true);
    if (fused.equals(tiles)) {
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
    List<Buffer> targets = StoredBytes.targets(pair.lanes());
    List<byte[]> expected = StoredBytes.interpreted(tiles, targets);
    if (!StoredBytes.equal(StoredBytes.interpreted(fused, targets), expected)) {
      return "interpreter: other bytes";
    }
    Schedule schedule = Scheduler.schedule(fused, new VectorPlans(), 1);
    long blocks = pair.products().blocks();
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
    Pair pair = Pair.random(random, config);
    String problem;
    try {
      problem = problem(config, pair);
    } catch (RuntimeException e) {
      problem = Fuzz.trace(e);
    }
    if (!problem.isEmpty()) {
      throw new AssertionError(
          problem
              + ", seed "
              + seed
              + " on "
              + config
              + "\n"
              + TilePrinter.print(
                  new TileProgram(
                      "test",
                      config,
                      List.of(pair.products(), pair.lanes()),
                      List.of(),
                      Map.of())));
    }
    return true;
  }

  @Test
  void memoryIsThatOfSeparateNests() {
    Fuzz.cases(0, 100, this::holds);
    assertThat(fusible).isGreaterThan(40);
    assertThat(chosen).isBetween(5, fusible - 5);
  }

  @Test
  @Tag("heavy")
  void memoryIsThatOfManySeparateNests() {
    Fuzz.cases(1000, 1_500, this::holds);
  }

  @Test
  void nothingIsForwardedWithoutAResultPath() {
    Random random = new Random(1);
    TataaConfig config = TataaConfig.u280();
    Pair pair = Pair.random(random, config);
    TileProgram tiles =
        new TileProgram(
            "test", config, List.of(pair.products(), pair.lanes()), List.of(), Map.of());
    assertThat(SlotForwarding.apply(tiles, new VectorPlans(), true)).isSameAs(tiles);
  }
}
