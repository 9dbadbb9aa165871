package org.tataa.tile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.Scale;
import org.tataa.tile.VectorStep.Operand;

/** Copies that reductions of the same vectors store: the same memory, a step less. */
class MergeCopiesTest {
  private static final TataaConfig CONFIG = TataaConfig.u280();
  private static final int VECTOR = 256;
  private static final int GROUPS = 6;
  private static final int WIDTH = 8;
  private static final Operand ONE = Operand.constant(0x3f80);

  private final Buffer source = Buffer.constant("source", content());
  private final Buffer sum = Buffer.of("sum", VECTOR);
  private final Buffer copy = Buffer.of("copy", GROUPS * WIDTH * VECTOR);
  private final Buffer result = Buffer.of("result", VECTOR);

  private static byte[] content() {
    byte[] content = new byte[GROUPS * WIDTH * VECTOR];
    Random random = new Random(5);
    for (int i = 0; i < content.length; i += 2) {
      content[i] = (byte) random.nextInt();
      content[i + 1] = (byte) (0x3f + random.nextInt(2) * 0x80);
    }
    return content;
  }

  private static VectorStep.Store store(Buffer to, long at, long[] strides, int... registers) {
    return new VectorStep.Store(
        StoreMode.BF16_TO_BF16, Scale.ONE, false, registers, new Address(to, at, strides));
  }

  private static VectorStep.Operate operate(LaneOp op, int register, int first, Operand second) {
    return new VectorStep.Operate(op, register, Operand.register(first), second, false);
  }

  // The sum of vectors of some groups.
  private VectorNest reduction(Buffer from, Buffer to, int firstGroup, int groups) {
    List<VectorStep> body = new ArrayList<>();
    int vectors = groups * WIDTH;
    for (int i = 0; i < vectors; i++) {
      long at = (long) (firstGroup * WIDTH + i) * VECTOR;
      body.add(new VectorStep.Load(i, new Address(from, at, new long[0])));
      if (i > 0) {
        int before = i == 1 ? 0 : vectors + i - 1;
        body.add(operate(LaneOp.ADD, vectors + i, i, Operand.register(before)));
      }
    }
    body.add(operate(LaneOp.MUL, 2 * vectors, 2 * vectors - 1, ONE));
    body.add(store(to, 0, new long[0], 2 * vectors));
    return new VectorNest(work(to.name()), List.of(), 2 * vectors + 1, body);
  }

  private static Work work(String name) {
    return new Work(Work.Kind.LANES, name, 0, 0);
  }

  private VectorNest copy() {
    List<VectorStep> body = new ArrayList<>();
    int[] stored = new int[WIDTH];
    long[] strides = {(long) WIDTH * VECTOR};
    for (int i = 0; i < WIDTH; i++) {
      body.add(new VectorStep.Load(i, new Address(source, (long) i * VECTOR, strides)));
      body.add(operate(LaneOp.MUL, WIDTH + i, i, ONE));
      stored[i] = WIDTH + i;
    }
    body.add(store(copy, 0, strides, stored));
    return new VectorNest(work("copy"), List.of(GROUPS), 2 * WIDTH, body);
  }

  // The same with loads from elsewhere.
  private static VectorNest loading(VectorNest nest, UnaryOperator<Address> from) {
    List<VectorStep> body = new ArrayList<>();
    for (VectorStep step : nest.body()) {
      body.add(
          step instanceof VectorStep.Load load
              ? new VectorStep.Load(load.register(), from.apply(load.from()))
              : step);
    }
    return new VectorNest(nest.work(), nest.loops(), nest.registers(), body);
  }

  private static TileProgram program(List<TileStep> steps, List<StoredValue> values) {
    return new TileProgram("test", CONFIG, steps, values, Map.of());
  }

  private Map<Buffer, byte[]> memory(TileProgram program) {
    Map<Buffer, byte[]> last = new HashMap<>();
    TileInterpreter.run(
        program,
        Map.of(),
        (number, memory) -> {
          for (Buffer buffer : List.of(sum, copy, result)) {
            last.put(buffer, memory.read(buffer).clone());
          }
        });
    return last;
  }

  private void checkSame(TileProgram program, TileProgram merged) {
    Map<Buffer, byte[]> expected = memory(program);
    memory(merged).forEach((buffer, bytes) -> assertThat(bytes).isEqualTo(expected.get(buffer)));
  }

  @Test
  void aReductionStoresTheCopy() {
    TileProgram program =
        program(
            List.of(reduction(source, sum, 0, GROUPS), copy(), reduction(copy, result, 0, GROUPS)),
            List.of());
    TileProgram merged = MergeCopies.apply(program);
    assertThat(merged.steps()).hasSize(2);
    assertThat(((VectorNest) merged.steps().get(0)).body())
        .filteredOn(VectorStep.Store.class::isInstance)
        .hasSize(GROUPS + 1);
    checkSame(program, merged);
  }

  @Test
  void aReductionInALoopStoresTheCopy() {
    Buffer sums = Buffer.of("sums", 3L * VECTOR);
    VectorNest one = reduction(source, sums, 0, 2);
    long[] stride = {2L * WIDTH * VECTOR};
    List<VectorStep> body = new ArrayList<>();
    for (VectorStep step : one.body()) {
      if (step instanceof VectorStep.Load load) {
        body.add(
            new VectorStep.Load(load.register(), new Address(source, load.from().base(), stride)));
      } else {
        body.add(
            step instanceof VectorStep.Store store
                ? store(sums, 0, new long[] {VECTOR}, store.registers())
                : step);
      }
    }
    VectorNest loop = new VectorNest(one.work(), List.of(3), one.registers(), body);
    TileProgram program =
        program(List.of(loop, copy(), reduction(copy, result, 0, GROUPS)), List.of());
    TileProgram merged = MergeCopies.apply(program);
    assertThat(merged.steps()).hasSize(2);
    assertThat(((VectorNest) merged.steps().get(0)).body())
        .filteredOn(VectorStep.Store.class::isInstance)
        .hasSize(3);
    Map<Buffer, byte[]> expected = memory(program);
    assertThat(memory(merged).get(copy)).isEqualTo(expected.get(copy));
    assertThat(memory(merged).get(result)).isEqualTo(expected.get(result));
  }

  @Test
  void severalReductionsStoreItsParts() {
    TileProgram program =
        program(
            List.of(
                reduction(source, sum, 0, 2),
                reduction(source, sum, 2, GROUPS - 2),
                copy(),
                reduction(copy, result, 0, GROUPS)),
            List.of());
    TileProgram merged = MergeCopies.apply(program);
    assertThat(merged.steps()).hasSize(3);
    checkSame(program, merged);
  }

  @Test
  void whatIsLoadedInPartOnlyIsCopiedAsBefore() {
    TileProgram program =
        program(List.of(reduction(source, sum, 0, GROUPS - 1), copy()), List.of());
    assertThat(MergeCopies.apply(program)).isEqualTo(program);
  }

  /** The same vectors to several places. */
  @Test
  void whatGoesToSeveralPlacesIsCopiedAsBefore() {
    VectorNest spread = loading(copy(), from -> new Address(source, from.base(), new long[] {0}));
    TileProgram program = program(List.of(reduction(source, sum, 0, GROUPS), spread), List.of());
    assertThat(MergeCopies.apply(program)).isEqualTo(program);
  }

  @Test
  void whatIsWrittenInBetweenIsCopiedAsBefore() {
    Buffer written = Buffer.of("written", source.bytes());
    VectorNest fromWritten =
        loading(copy(), from -> new Address(written, from.base(), from.strides()));
    VectorNest writes = reduction(source, written, 0, 1);
    TileProgram program =
        program(List.of(reduction(written, sum, 0, GROUPS), writes, fromWritten), List.of());
    assertThat(MergeCopies.apply(program)).isEqualTo(program);
    TileProgram other =
        program(List.of(writes, reduction(written, sum, 0, GROUPS), fromWritten), List.of());
    assertThat(MergeCopies.apply(other).steps()).hasSize(2);
  }
}
