package org.tataa.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tataa.compiler.ScheduleRun;
import org.tataa.config.BufferConfig;
import org.tataa.config.TataaConfig;
import org.tataa.fuzz.Fuzz;
import org.tataa.isa.StoreMode;
import org.tataa.machine.CoreMachine;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.Scale;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.HostExecutor;
import org.tataa.tile.SpilledVectors;
import org.tataa.tile.TileInterpreter;
import org.tataa.tile.TilePrinter;
import org.tataa.tile.TileProgram;
import org.tataa.tile.TileVerifier;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;
import org.tataa.tile.Work;
import org.tataa.tiling.Machines;

/**
 * Random bodies on machines with one to eight vector slots a bank: memory is that of the program
 * before it was cut, on all levels, and nothing is cut that can be scheduled as it is.
 */
class SpillsTest {
  private static final List<LaneOp> OPS =
      List.of(LaneOp.MUL, LaneOp.ADD, LaneOp.APP, LaneOp.MAX, LaneOp.FLOOR);

  private int spilling;

  /** Makes a body of random operations. */
  private static final class Body {
    private final Random random;
    private final TataaConfig config;
    private final List<Integer> loops = new ArrayList<>();
    private final List<VectorStep> steps = new ArrayList<>();
    private final List<Integer> values = new ArrayList<>();
    private int registers;

    Body(Random random, TataaConfig config) {
      this.random = random;
      this.config = config;
      for (int loop = random.nextInt(4); loop > 0; loop--) {
        loops.add(1 + random.nextInt(4));
      }
    }

    // Bytes of a number of units for each iteration; by some loops it may not move.
    private long[] strides(long unit, boolean moves) {
      long[] strides = new long[loops.size()];
      long bytes = unit;
      for (int loop = strides.length - 1; loop >= 0; loop--) {
        strides[loop] = moves || random.nextBoolean() ? bytes : 0;
        bytes *= loops.get(loop);
      }
      return strides;
    }

    private long iterations() {
      return loops.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    }

    void load() {
      int vector = config.geometry().vectorBytes();
      byte[] content = new byte[Math.toIntExact(iterations() * 2 * vector)];
      random.nextBytes(content);
      Buffer source = Buffer.constant("source" + registers, content);
      steps.add(
          new VectorStep.Load(
              registers,
              new Address(source, (long) vector * random.nextInt(2), strides(vector, false))));
      values.add(registers++);
    }

    // Often a value of late, sometimes any.
    private Operand operand() {
      int back = random.nextInt(random.nextBoolean() ? values.size() : Math.min(6, values.size()));
      return Operand.register(values.get(values.size() - 1 - back));
    }

    private int operation() {
      LaneOp op = OPS.get(random.nextInt(OPS.size()));
      Operand first = operand();
      Operand second = op.operands() == 1 ? first : operand();
      boolean negates = !first.equals(second) && random.nextInt(4) == 0;
      if (op.operands() == 2 && random.nextInt(5) == 0) {
        second = Operand.constant(0x3f80 + random.nextInt(3));
        negates = false;
      }
      steps.add(new VectorStep.Operate(op, registers, first, second, negates));
      return registers++;
    }

    void operate() {
      values.add(operation());
    }

    // What is pushed is computed long before, or just before, the store.
    void store(int number) {
      boolean isInt8 = random.nextBoolean();
      boolean transpose = isInt8 && config.canTranspose() && random.nextBoolean();
      StoreMode mode = isInt8 ? StoreMode.BF16_TO_INT8 : StoreMode.BF16_TO_BF16;
      int most = Math.min(6, config.buffers().dmbDepth());
      int[] words = new int[transpose ? 4 : 1 + random.nextInt(most)];
      boolean isMixed = random.nextBoolean();
      for (int i = 0; i < words.length; i++) {
        words[i] = operation();
        for (int k = random.nextInt(4); k > 0 && isMixed; k--) {
          operate();
        }
      }
      Scale scale = isInt8 ? new Scale(1 + random.nextInt(100), 4) : Scale.ONE;
      VectorStep.Store probe =
          new VectorStep.Store(
              mode, scale, transpose, words, new Address(target(number, 1), 0, new long[0]));
      long bytes = probe.bytes(config.geometry());
      // Now and then iterations overwrite a part of what others have written.
      long beat = config.memory().portBytes();
      long unit = random.nextInt(4) == 0 ? (bytes / beat + 1) / 2 * beat : bytes;
      Buffer target = target(number, iterations() * bytes);
      steps.add(
          new VectorStep.Store(
              mode, scale, transpose, words, new Address(target, 0, strides(unit, true))));
    }

    private static Buffer target(int number, long bytes) {
      return Buffer.state("target" + number, bytes);
    }

    VectorNest nest() {
      return new VectorNest(new Work(Work.Kind.LANES, "test", 0, 1000), loops, registers, steps);
    }
  }

  private static TataaConfig machine(Random random) {
    List<TataaConfig> machines = Machines.all();
    TataaConfig machine = machines.get(random.nextInt(machines.size()));
    BufferConfig buffers = machine.buffers();
    return machine.withBuffers(
        new BufferConfig(
            buffers.tileDepth(),
            1 + random.nextInt(8),
            buffers.constants(),
            random.nextBoolean() ? buffers.dmbDepth() : 8,
            buffers.outputFifoBeats()));
  }

  // Stores to buffers of their own, or all to one, where they overlap.
  private static VectorNest random(Random random, TataaConfig config) {
    Body body = new Body(random, config);
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
    long bytes = targets(nest).stream().mapToLong(Buffer::bytes).max().orElse(0);
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

  private static TileProgram program(TataaConfig config, VectorNest nest) {
    return new TileProgram("test", config, List.of(nest), List.of(), Map.of());
  }

  private static List<Buffer> targets(VectorNest nest) {
    return nest.body().stream()
        .filter(VectorStep.Store.class::isInstance)
        .map(step -> ((VectorStep.Store) step).to().buffer())
        .distinct()
        .toList();
  }

  private static List<byte[]> contents(List<Buffer> buffers, HostExecutor.Memory memory) {
    return buffers.stream().map(buffer -> memory.read(buffer).clone()).toList();
  }

  private static List<byte[]> interpreted(TileProgram tiles, List<Buffer> targets) {
    List<List<byte[]>> contents = new ArrayList<>();
    TileInterpreter.run(tiles, Map.of(), (step, memory) -> contents.add(contents(targets, memory)));
    return contents.get(contents.size() - 1);
  }

  private static List<byte[]> executed(
      Schedule schedule, CoreMachine machine, List<Buffer> targets) {
    ScheduleRun run = new ScheduleRun(schedule, machine);
    run.load();
    run.run(Map.of());
    return contents(targets, run);
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
    List<Buffer> targets = targets(nest);
    List<byte[]> expected = interpreted(tiles, targets);
    if (!equal(interpreted(spilled, targets), expected)) {
      return "interpreter: other bytes";
    }
    Schedule schedule = Scheduler.schedule(spilled, new VectorPlans(), cores);
    if (!equal(executed(schedule, CoreMachine.unclocked(schedule.core()), targets), expected)) {
      return "un-clocked: other bytes";
    }
    if (!equal(executed(schedule, CoreMachine.simulated(schedule.core()), targets), expected)) {
      return "clocked: other bytes";
    }
    return "";
  }

  private static boolean equal(List<byte[]> a, List<byte[]> b) {
    for (int i = 0; i < a.size(); i++) {
      if (!Arrays.equals(a.get(i), b.get(i))) {
        return false;
      }
    }
    return a.size() == b.size();
  }

  private boolean holds(long seed) {
    Random random = new Random(seed ^ 0x5b111);
    TataaConfig config = machine(random);
    TileProgram tiles = program(config, random(random, config));
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
