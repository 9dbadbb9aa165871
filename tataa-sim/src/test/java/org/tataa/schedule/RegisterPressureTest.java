package org.tataa.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.compiler.ScheduleRun;
import org.tataa.config.BufferConfig;
import org.tataa.config.TataaConfig;
import org.tataa.isa.StoreMode;
import org.tataa.machine.CoreMachine;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.Scale;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.SpilledVectors;
import org.tataa.tile.TileInterpreter;
import org.tataa.tile.TileProgram;
import org.tataa.tile.TileVerifier;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;
import org.tataa.tile.Work;

/** Bodies with more live registers than there are vector slots: ordered anew, or cut. */
class RegisterPressureTest {
  private static final int SLOTS = 6;
  private static final TataaConfig CONFIG =
      TataaConfig.u280().withBuffers(new BufferConfig(512, SLOTS, 8, 32, 64));
  private static final int VECTOR = 256;
  private static final Work WORK = new Work(Work.Kind.LANES, "test", 0, 1000);

  private final List<VectorStep> body = new ArrayList<>();
  private int registers;

  private static Buffer source(int vectors) {
    byte[] content = new byte[vectors * VECTOR];
    Random random = new Random(vectors);
    for (int i = 0; i < content.length; i += 2) {
      content[i] = (byte) random.nextInt();
      content[i + 1] = (byte) (0x3f + random.nextInt(2) * 0x80);
    }
    return Buffer.constant("source", content);
  }

  private int load(Buffer source, int vector) {
    Address from = new Address(source, (long) vector * VECTOR, new long[0]);
    body.add(new VectorStep.Load(registers, from));
    return registers++;
  }

  private int operate(LaneOp op, int first, int second) {
    Operand a = Operand.register(first);
    body.add(new VectorStep.Operate(op, registers, a, Operand.register(second), false));
    return registers++;
  }

  // Stores a register.
  private VectorNest stored(int register, Buffer target) {
    Operand a = Operand.register(register);
    Operand one = Operand.constant(0x3f80);
    body.add(new VectorStep.Operate(LaneOp.MUL, registers, a, one, false));
    int[] words = {registers++};
    Address to = new Address(target, 0, new long[0]);
    body.add(new VectorStep.Store(StoreMode.BF16_TO_BF16, Scale.ONE, false, words, to));
    return new VectorNest(WORK, List.of(), registers, body);
  }

  // The sum of all vectors by a tree, level after level: half of them are live after the first.
  private VectorNest tree(int leaves, Buffer target) {
    Buffer source = source(leaves);
    List<Integer> level = new ArrayList<>();
    for (int i = 0; i < leaves; i++) {
      level.add(load(source, i));
    }
    while (level.size() > 1) {
      List<Integer> next = new ArrayList<>();
      for (int i = 0; i < level.size(); i += 2) {
        next.add(operate(LaneOp.ADD, level.get(i), level.get(i + 1)));
      }
      level = next;
    }
    return stored(level.get(0), target);
  }

  // Products from the first to the last, then sums of them from the last to the first: all are
  // live at once in any order.
  private VectorNest thereAndBack(int length, Buffer target) {
    Buffer source = source(length);
    List<Integer> products = new ArrayList<>(List.of(load(source, 0)));
    for (int i = 1; i < length; i++) {
      products.add(operate(LaneOp.MUL, products.get(i - 1), load(source, i)));
    }
    int sum = products.get(length - 1);
    for (int i = length - 2; i > 0; i--) {
      sum = operate(LaneOp.ADD, sum, products.get(i));
    }
    return stored(sum, target);
  }

  // Most registers that hold what is read later, of bodies that load just before they read.
  private static int live(VectorNest nest) {
    int[] lastRead = new int[nest.registers()];
    List<VectorStep> steps = nest.body();
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) instanceof VectorStep.Operate operate) {
        for (Operand operand : List.of(operate.first(), operate.second())) {
          if (!operand.isConstant()) {
            lastRead[operand.index()] = i;
          }
        }
      }
    }
    int most = 0;
    List<Integer> live = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      int now = i;
      live.removeIf(register -> lastRead[register] <= now);
      if (steps.get(i) instanceof VectorStep.Operate operate) {
        live.add(operate.register());
      } else if (steps.get(i) instanceof VectorStep.Load load) {
        live.add(load.register());
      }
      most = Math.max(most, live.size());
    }
    return most;
  }

  private static TileProgram program(VectorNest nest) {
    return new TileProgram("test", CONFIG, List.of(nest), List.of(), Map.of());
  }

  private static byte[] interpreted(TileProgram tiles, Buffer target) {
    byte[][] content = new byte[1][];
    TileInterpreter.run(
        tiles, Map.of(), (number, memory) -> content[0] = memory.read(target).clone());
    return content[0];
  }

  // On all levels, with spills if there must be.
  private static TileProgram run(VectorNest nest, Buffer target) {
    TileProgram tiles = program(nest);
    byte[] expected = interpreted(tiles, target);
    TileProgram spilled = Spills.apply(tiles, new VectorPlans());
    assertThat(TileVerifier.problems(spilled, List.of())).isEmpty();
    assertThat(interpreted(spilled, target)).isEqualTo(expected);
    Schedule schedule = Scheduler.schedule(spilled, 1);
    assertThat(schedule.programs()).hasSize(spilled.steps().size());
    for (CoreMachine machine :
        List.of(CoreMachine.unclocked(schedule.core()), CoreMachine.simulated(schedule.core()))) {
      ScheduleRun run = new ScheduleRun(schedule, machine);
      run.load();
      run.run(Map.of());
      assertThat(run.read(target)).isEqualTo(expected);
    }
    return spilled;
  }

  private static void runWhole(VectorNest nest, Buffer target) {
    assertThat(run(nest, target).steps()).containsExactly(nest);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 16, 64, 256, 1024})
  void aTreeOfAnySize(int leaves) {
    Buffer target = Buffer.of("target", VECTOR);
    VectorNest nest = tree(leaves, target);
    int levels = Integer.numberOfTrailingZeros(leaves);
    assertThat(live(DepthFirst.reorder(nest))).isEqualTo(levels + 1);
    assertThat(DepthFirst.reorder(nest).body()).containsExactlyInAnyOrderElementsOf(nest.body());
    assertThat(PressureOrder.reorder(nest).body()).containsExactlyInAnyOrderElementsOf(nest.body());
    if (leaves <= 128) {
      assertThat(live(PressureOrder.reorder(nest))).isEqualTo(levels + 1);
    }
    runWhole(nest, target);
  }

  @Test
  void aChainThatFits() {
    Buffer target = Buffer.of("target", VECTOR);
    runWhole(thereAndBack(2 * SLOTS - 2, target), target);
  }

  @Test
  void aChainThatFitsInNoOrder() {
    Buffer target = Buffer.of("target", VECTOR);
    VectorNest nest = thereAndBack(40, target);
    assertThat(live(DepthFirst.reorder(nest))).isGreaterThan(2 * SLOTS);
    assertThatThrownBy(() -> Scheduler.schedule(program(nest), 1))
        .isInstanceOf(ScheduleException.class)
        .hasMessage(
            "test: the vector slots, 6 in each bank, are too few for an expression of 118 vectors");
    TileProgram spilled = run(nest, target);
    // Sums and the products they are made of, up to the slots, are in the part of the products.
    SpilledVectors count = SpilledVectors.of(spilled);
    assertThat(spilled.steps()).hasSize(2);
    assertThat(count.loaded()).isEqualTo(count.stored());
    assertThat(count.stored()).isBetween(39L - 2 * SLOTS, 39L - SLOTS);
    // What the model asks for is done once.
    assertThat(spilled.steps().get(0).work().laneOperations()).isZero();
    assertThat(spilled.steps().get(1).work()).isEqualTo(WORK);
  }
}
