package org.tataa.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.isa.StoreMode;
import org.tataa.machine.CoreMachine;
import org.tataa.numeric.LaneOp;
import org.tataa.schedule.VectorScheduler.Prepared;
import org.tataa.tensor.Scale;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.TileInterpreter;
import org.tataa.tile.TileProgram;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;
import org.tataa.tile.Work;

/** Bodies whose iterations overlap: the order of a round, and what it computes on the machine. */
class SoftwarePipelineTest {
  private static final TataaConfig CONFIG = TataaConfig.u280();
  private static final int VECTOR = 256;
  private static final int ONE = 0x3f80;
  private static final Work WORK = new Work(Work.Kind.LANES, "test", 0, 0);

  private static final class Nests {
    private final Random random;
    private final int iterations;
    private final List<VectorStep> body = new ArrayList<>();
    private int registers;

    Nests(long seed) {
      random = new Random(seed);
      iterations = 1 + random.nextInt(12);
    }

    private int load(Buffer source, int number, long stride) {
      Address from = new Address(source, number * (long) VECTOR, new long[] {stride});
      body.add(new VectorStep.Load(registers, from));
      return registers++;
    }

    private int operate(int first, Operand second) {
      LaneOp op =
          random.nextBoolean() ? LaneOp.MUL : random.nextBoolean() ? LaneOp.ADD : LaneOp.MAX;
      body.add(new VectorStep.Operate(op, registers, Operand.register(first), second, false));
      return registers++;
    }

    private Operand operand(int other) {
      return random.nextInt(3) == 0 ? Operand.constant(ONE) : Operand.register(other);
    }

    // Strands of operations that change between the types, on vectors of their own and on some that
    // all have in common, partly joined; every other iteration's stores overwrite half of the
    // last's.
    VectorNest nest(Buffer source, Buffer target) {
      int shared = load(source, 0, random.nextInt(2) * (long) VECTOR);
      int strands = 4 * (1 + random.nextInt(3));
      int length = 1 + random.nextInt(9);
      List<Integer> ends = new ArrayList<>();
      for (int strand = 0; strand < strands; strand++) {
        int value = load(source, 1 + strand, 16 * (long) VECTOR);
        int before = strand > 0 && random.nextInt(4) == 0 ? ends.get(strand - 1) : shared;
        int own = value;
        for (int i = 0; i < length; i++) {
          value = operate(value, operand(random.nextBoolean() ? own : before));
        }
        ends.add(value);
      }
      long stride = random.nextBoolean() ? 512 : strands * (long) VECTOR;
      for (int first = 0; first < strands; first += 4) {
        int[] words = new int[4];
        for (int i = 0; i < words.length; i++) {
          words[i] = operate(ends.get(first + i), Operand.constant(ONE));
        }
        Address to = new Address(target, first * (long) VECTOR, new long[] {stride});
        body.add(new VectorStep.Store(StoreMode.BF16_TO_BF16, Scale.ONE, false, words, to));
      }
      return new VectorNest(WORK, List.of(iterations), registers, body);
    }
  }

  private static Buffer source(long seed) {
    byte[] content = new byte[16 * 16 * VECTOR];
    Random random = new Random(seed);
    for (int i = 0; i < content.length; i += 2) {
      content[i] = (byte) random.nextInt();
      content[i + 1] = (byte) (0x3f + random.nextInt(2) * 0x80);
    }
    return Buffer.constant("source", content);
  }

  /** A step of an iteration; stores and operations by their number in the body. */
  private record Done(int iteration, int step) {}

  private static List<Done> sequence(VectorNest nest, BodyOrder order) {
    int rounds = (int) nest.iterations() + Arrays.stream(order.lags()).max().orElse(0);
    List<Done> all = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < order.steps().length; i++) {
        int iteration = round - order.lags()[i];
        if (iteration >= 0 && iteration < nest.iterations()) {
          all.add(new Done(iteration, order.steps()[i]));
        }
      }
    }
    return all;
  }

  @Test
  void operandsComeFirstAndStoresStayInOrder() {
    int overlapping = 0;
    for (long seed = 0; seed < 300; seed++) {
      VectorNest nest = new Nests(seed).nest(source(seed), Buffer.of("t", 1 << 16));
      for (int pairs = 1; pairs <= 6; pairs++) {
        BodyOrder order = new SoftwarePipeline(CONFIG, nest).round(pairs);
        if (order == null) {
          continue;
        }
        assertThat(Arrays.stream(order.steps()).sorted())
            .as("seed %d", seed)
            .containsExactlyElementsOf(IntStream.range(0, nest.body().size()).boxed().toList());
        check(nest, sequence(nest, order), seed);
        overlapping += Arrays.stream(order.lags()).max().orElse(0) > 0 ? 1 : 0;
      }
    }
    assertThat(overlapping).isGreaterThan(600);
  }

  private static void check(VectorNest nest, List<Done> sequence, long seed) {
    List<Set<Integer>> there = new ArrayList<>();
    for (int i = 0; i < nest.iterations(); i++) {
      there.add(new HashSet<>());
    }
    List<Done> stores = new ArrayList<>();
    List<Integer> pushed = new ArrayList<>();
    List<Integer> popped = new ArrayList<>();
    Set<Integer> stored = new HashSet<>();
    for (VectorStep step : nest.body()) {
      if (step instanceof VectorStep.Store store) {
        Arrays.stream(store.registers()).forEach(stored::add);
      }
    }
    for (Done done : sequence) {
      Set<Integer> own = there.get(done.iteration());
      VectorStep step = nest.body().get(done.step());
      if (step instanceof VectorStep.Load load) {
        own.add(load.register());
      } else if (step instanceof VectorStep.Operate operate) {
        for (Operand operand : List.of(operate.first(), operate.second())) {
          assertThat(operand.isConstant() || own.contains(operand.index()))
              .as("seed %d: %s", seed, done)
              .isTrue();
        }
        own.add(operate.register());
        if (stored.contains(operate.register())) {
          pushed.add(done.iteration() * nest.registers() + operate.register());
        }
      } else if (step instanceof VectorStep.Store store) {
        stores.add(done);
        for (int register : store.registers()) {
          popped.add(done.iteration() * nest.registers() + register);
        }
        assertThat(popped)
            .as("seed %d: %s", seed, done)
            .isEqualTo(pushed.subList(0, popped.size()));
      }
    }
    assertThat(stores)
        .as("seed %d", seed)
        .isSortedAccordingTo(
            (a, b) ->
                a.iteration() == b.iteration()
                    ? a.step() - b.step()
                    : a.iteration() - b.iteration());
  }

  @Test
  void memoryIsThatOfTheNest() {
    int emitted = 0;
    for (long seed = 0; seed < 120; seed++) {
      Buffer source = source(seed);
      Buffer target = Buffer.of("target", 1 << 16);
      VectorNest nest = new Nests(seed).nest(source, target);
      TileProgram tiles = new TileProgram("test", CONFIG, List.of(nest), List.of(), Map.of());
      byte[][] expected = new byte[1][];
      TileInterpreter.run(
          tiles, Map.of(), (number, memory) -> expected[0] = memory.read(target).clone());
      MemoryPlan memory = MemoryPlan.of(tiles);
      for (int pairs = 1; pairs <= 4; pairs++) {
        for (EmissionStyle style :
            List.of(EmissionStyle.EARLY, EmissionStyle.LATE, EmissionStyle.LATE.withHaste(96))) {
          BodyOrder order = new SoftwarePipeline(CONFIG, nest).round(pairs);
          if (order == null) {
            continue;
          }
          Prepared round = Prepared.of(CONFIG, nest, order, null);
          Instructions out = new Instructions(CONFIG);
          VectorEmitter emitter =
              new VectorEmitter(
                  CONFIG,
                  memory,
                  out,
                  new PortClock(CONFIG),
                  round.nest(),
                  round.body(),
                  style,
                  new NestContext(CONFIG),
                  Long.MAX_VALUE);
          if (emitter.emit()) {
            CoreMachine machine = CoreMachine.simulated(Scheduler.schedule(tiles, 1).core());
            machine.write(memory.address(source), source.content());
            machine.run(List.of(out.finish()));
            assertThat(machine.read(memory.address(target), expected[0].length))
                .as("seed %d, %d pairs, %s", seed, pairs, style)
                .containsExactly(expected[0]);
            emitted++;
          } else {
            assertThat(round.body().fits(CONFIG.buffers().vectorSlots() - 4))
                .as("seed %d, %d pairs, %s", seed, pairs, style)
                .isFalse();
          }
        }
      }
    }
    assertThat(emitted).isGreaterThan(800);
  }
}
