package org.tataa.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.Scale;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.MatMulNest;
import org.tataa.tile.TileProgram;
import org.tataa.tile.TileStep;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;
import org.tataa.tile.Work;

/** What tells steps apart whose instructions are kept. */
class PlacedStepsTest {
  private static final Work WORK = new Work(Work.Kind.LANES, "test", 0, 0);
  private static final Buffer A = Buffer.of("a", 4096);
  private static final Buffer B = Buffer.of("b", 4096);

  private static Address at(Buffer buffer, long base, long... strides) {
    return new Address(buffer, base, strides);
  }

  private static MatMulNest product(
      List<Integer> loops, Address x, int depth, StoreMode mode, List<Scale> scales, int axis) {
    Address y = at(B, 0, 0);
    return new MatMulNest(
        WORK, loops, x, y, depth, 1, 0, 0, mode, false, scales, axis, at(B, 2048, 64));
  }

  private static List<MatMulNest> products() {
    List<Scale> one = List.of(Scale.ONE);
    List<Scale> two = List.of(Scale.ONE, new Scale(1, 1));
    StoreMode mode = StoreMode.ACC_TO_BF16;
    Address x = at(A, 0, 32);
    Address y = at(B, 0, 0);
    Address to = at(B, 2048, 64);
    List<Integer> loops = List.of(2);
    return List.of(
        product(loops, x, 8, mode, one, -1),
        product(List.of(3), x, 8, mode, one, -1),
        product(loops, at(A, 32, 32), 8, mode, one, -1),
        product(loops, at(A, 0, 64), 8, mode, one, -1),
        product(loops, at(B, 0, 32), 8, mode, one, -1),
        product(loops, x, 9, mode, one, -1),
        product(loops, x, 8, StoreMode.ACC_TO_INT8, one, -1),
        product(loops, x, 8, mode, List.of(new Scale(2, 0)), -1),
        product(loops, x, 8, mode, List.of(new Scale(1, 2)), -1),
        product(loops, x, 8, mode, two, 0),
        new MatMulNest(WORK, loops, x, y, 8, 2, 0, 0, mode, false, one, -1, to),
        new MatMulNest(WORK, loops, x, y, 8, 1, 8, 0, mode, false, one, -1, to),
        new MatMulNest(WORK, loops, x, y, 8, 1, 0, 8, mode, false, one, -1, to),
        new MatMulNest(WORK, loops, x, y, 8, 1, 0, 0, mode, true, one, -1, to),
        new MatMulNest(WORK, loops, x, at(B, 0, 8), 8, 1, 0, 0, mode, false, one, -1, to),
        new MatMulNest(WORK, loops, x, y, 8, 1, 0, 0, mode, false, one, -1, at(B, 2112, 64)));
  }

  private static VectorNest vectors(Address from, VectorStep.Operate operate, VectorStep store) {
    return new VectorNest(
        WORK, List.of(2), 3, List.of(new VectorStep.Load(0, from), operate, store));
  }

  private static VectorStep.Operate operate(
      LaneOp op, int register, Operand second, boolean negate) {
    return new VectorStep.Operate(op, register, Operand.register(0), second, negate);
  }

  private static VectorStep store(
      StoreMode mode, Scale scale, boolean transpose, Address to, int... registers) {
    return new VectorStep.Store(mode, scale, transpose, registers, to);
  }

  private static List<VectorNest> vectors() {
    Address from = at(A, 0, 256);
    Address to = at(B, 0, 256);
    Operand one = Operand.constant(1);
    StoreMode mode = StoreMode.BF16_TO_BF16;
    VectorStep.Operate add = operate(LaneOp.ADD, 1, one, false);
    VectorStep store = store(mode, Scale.ONE, false, to, 1);
    return List.of(
        vectors(from, add, store),
        vectors(at(A, 256, 256), add, store),
        vectors(from, operate(LaneOp.MUL, 1, one, false), store),
        vectors(from, operate(LaneOp.ADD, 2, one, false), store),
        vectors(from, operate(LaneOp.ADD, 1, Operand.constant(2), false), store),
        vectors(from, operate(LaneOp.ADD, 1, Operand.register(1), false), store),
        vectors(from, operate(LaneOp.ADD, 1, one, true), store),
        vectors(from, add, store(StoreMode.BF16_TO_INT8, Scale.ONE, false, to, 1)),
        vectors(from, add, store(mode, new Scale(3, 0), false, to, 1)),
        vectors(from, add, store(mode, Scale.ONE, true, to, 1)),
        vectors(from, add, store(mode, Scale.ONE, false, at(B, 256, 256), 1)),
        vectors(from, add, store(mode, Scale.ONE, false, to, 2)),
        vectors(from, add, store(mode, Scale.ONE, false, to, 1, 2)),
        new VectorNest(WORK, List.of(3), 3, vectors(from, add, store).body()),
        new VectorNest(WORK, List.of(2), 4, vectors(from, add, store).body()),
        new VectorNest(WORK, List.of(2), 3, vectors(from, add, store).body().subList(0, 2)));
  }

  private static MemoryPlan memory(List<? extends TileStep> steps) {
    return MemoryPlan.of(
        new TileProgram("test", TataaConfig.u280(), List.copyOf(steps), List.of(), Map.of()));
  }

  @Test
  void everythingInstructionsDependOnCounts() {
    List<TileStep> steps = new ArrayList<>(products());
    steps.addAll(vectors());
    MemoryPlan memory = memory(steps);
    Set<PlacedSteps.Key> keys = new HashSet<>();
    for (TileStep step : steps) {
      assertThat(keys.add(PlacedSteps.of(step, memory).key())).as("%s", step).isTrue();
    }
    assertThat(keys.add(PlacedSteps.of(products().get(0), memory).key())).isFalse();
    assertThat(keys.add(PlacedSteps.of(vectors().get(0), memory).key())).isFalse();
  }

  private static VectorNest reading(Buffer a, Buffer b) {
    return vectors(
        at(a, 0, 256),
        operate(LaneOp.ADD, 1, Operand.constant(1), false),
        store(StoreMode.BF16_TO_BF16, Scale.ONE, false, at(b, 0, 256), 1));
  }

  @Test
  void neitherNamesNorPlacesCount() {
    Buffer before = Buffer.constant("before", new byte[8192]);
    Buffer between = Buffer.constant("between", new byte[256]);
    VectorNest other = reading(between, before);
    VectorNest nest = reading(Buffer.of("other", 4096), Buffer.of("names", 4096));
    MemoryPlan memory = memory(List.of(reading(A, B)));
    MemoryPlan further = memory(List.of(other, nest));
    PlacedSteps.Placed here = PlacedSteps.of(reading(A, B), memory);
    PlacedSteps.Placed there = PlacedSteps.of(nest, further);
    assertThat(there.key()).isEqualTo(here.key());
    assertThat(there.isAt(here)).isFalse();
    assertThat(here.isAt(PlacedSteps.of(reading(A, B), memory))).isTrue();
    assertThat(here.moved(memory.address(A) + 5, there)).isEqualTo(there.starts()[0] + 5);
    assertThat(here.moved(memory.address(B) + 4095, there)).isEqualTo(there.starts()[1] + 4095);
    assertThatThrownBy(() -> here.moved(memory.address(B) + 4096, there))
        .isInstanceOf(IllegalStateException.class);
  }

  /** A load may take the last vector of one and the first of the other. */
  @Test
  void buffersThatFollowEachOtherCount() {
    Buffer a = Buffer.constant("a", new byte[4096]);
    Buffer b = Buffer.constant("b", new byte[4096]);
    Buffer between = Buffer.constant("between", new byte[256]);
    PlacedSteps.Key near = PlacedSteps.of(reading(a, b), memory(List.of(reading(a, b)))).key();
    MemoryPlan memory = memory(List.of(reading(a, between), reading(a, b)));
    assertThat(PlacedSteps.of(reading(a, b), memory).key()).isNotEqualTo(near);
    MemoryPlan turned = memory(List.of(reading(b, a)));
    assertThat(PlacedSteps.of(reading(a, b), turned).key()).isNotEqualTo(near);
  }

  @Test
  void keysWithTheSameHashDiffer() {
    PlacedSteps.Key one = new PlacedSteps.Key(new long[] {0, 31});
    PlacedSteps.Key other = new PlacedSteps.Key(new long[] {1, 0});
    assertThat(one).hasSameHashCodeAs(other).isNotEqualTo(other).isNotEqualTo("key");
    assertThat(one).isEqualTo(new PlacedSteps.Key(new long[] {0, 31}));
  }

  @Test
  void theStepsUsedLastAreKept() {
    MemoryPlan memory = memory(vectors());
    VectorNest nest = vectors().get(0);
    KnownPrograms known = new KnownPrograms();
    KnownPrograms.Made made = new KnownPrograms.Made(List.<Program>of(), 1);
    List<VectorNest> steps = new ArrayList<>();
    for (int loops = 1; loops <= 257; loops++) {
      steps.add(new VectorNest(WORK, List.of(loops), 3, nest.body()));
    }
    for (VectorNest step : steps.subList(0, 256)) {
      known.keep(PlacedSteps.of(step, memory), 1, made);
    }
    for (VectorNest step : steps.subList(0, 256)) {
      assertThat(known.of(PlacedSteps.of(step, memory), 1)).isEqualTo(made);
      assertThat(known.of(PlacedSteps.of(step, memory), 2)).isNull();
    }
    assertThat(known.of(PlacedSteps.of(steps.get(0), memory), 1)).isEqualTo(made);
    known.keep(PlacedSteps.of(steps.get(256), memory), 1, made);
    assertThat(known.of(PlacedSteps.of(steps.get(0), memory), 1)).isEqualTo(made);
    assertThat(known.of(PlacedSteps.of(steps.get(1), memory), 1)).isNull();
    assertThat(known.of(PlacedSteps.of(steps.get(2), memory), 1)).isEqualTo(made);
    assertThat(known.of(PlacedSteps.of(steps.get(256), memory), 1)).isEqualTo(made);
  }
}
