package org.tataa.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tataa.numeric.LaneOp;

class InstructionTest {
  record Range(String field, long min, long max, LongFunction<Instruction> with) {
    @Override
    public String toString() {
      return with.apply(min).mnemonic() + " " + field;
    }
  }

  static Stream<Range> ranges() {
    return Stream.of(
        new Range("mantissa", -32768, 32767, v -> new ConfigScale((int) v, 0)),
        new Range("rightShift", 0, 31, v -> new ConfigScale(0, (int) v)),
        new Range("index", 0, 7, v -> new ConfigConst((int) v, 0)),
        new Range("value", 0, 0xffff, v -> new ConfigConst(0, (int) v)),
        new Range("tile", 0, 1, v -> new LoadM(Operand.X, (int) v, 1, 0, 0)),
        new Range("depth", 1, 1024, v -> new LoadM(Operand.X, 0, (int) v, 0, 0)),
        new Range("address", 0, 0xffff_ffffL, v -> new LoadM(Operand.X, 0, 1, v, 0)),
        new Range("bytes", 0, 0xffff, v -> new LoadM(Operand.X, 0, 1, 0, (int) v)),
        new Range("slot", 0, 255, v -> new LoadV(Bank.A, (int) v, 0, 0)),
        new Range("address", 0, 0xffff_ffffL, v -> new LoadV(Bank.A, 0, v, 0)),
        new Range("bytes", 0, 0xffff, v -> new LoadV(Bank.A, 0, 0, (int) v)),
        new Range("xTile", 0, 1, v -> new MatMul((int) v, 0, 1, false, false)),
        new Range("yTile", 0, 1, v -> new MatMul(0, (int) v, 1, false, false)),
        new Range("depth", 1, 1024, v -> new MatMul(0, 0, (int) v, false, false)),
        new Range("slotA", 0, 255, v -> vector(LaneOp.ADD, (int) v, 0, 0, 0)),
        new Range("slotB", 0, 255, v -> vector(LaneOp.ADD, 0, (int) v, 0, 0)),
        new Range("constant", 0, 7, v -> vector(LaneOp.ADD, 0, 0, (int) v, 0)),
        new Range("destSlot", 0, 255, v -> vector(LaneOp.ADD, 0, 0, 0, (int) v)),
        new Range("words", 1, 256, v -> store((int) v, 0, 0)),
        new Range("address", 0, 0xffff_ffffL, v -> store(1, v, 0)),
        new Range("bytes", 0, 0xffff, v -> store(1, 0, (int) v)));
  }

  private static VectorOp vector(LaneOp op, int a, int b, int c, int destination) {
    return new VectorOp(op, OperandSelect.A_B, a, b, c, true, Bank.A, destination);
  }

  private static Store store(int words, long address, int bytes) {
    return new Store(StoreMode.ACC_TO_INT8, false, words, address, bytes);
  }

  @ParameterizedTest
  @MethodSource("ranges")
  void fieldsAcceptTheirRangeAndNothingElse(Range range) {
    assertThatCode(() -> range.with().apply(range.min())).doesNotThrowAnyException();
    assertThatCode(() -> range.with().apply(range.max())).doesNotThrowAnyException();
    for (long outside : new long[] {range.min() - 1, range.max() + 1}) {
      assertThatThrownBy(() -> range.with().apply(outside))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "%s=%d is outside [%d, %d]", range.field(), outside, range.min(), range.max());
    }
  }

  @Test
  void loadsOfATileHaveTheBytesOfTheirWords() {
    assertThat(LoadM.x(1, 512, 64, 32)).isEqualTo(new LoadM(Operand.X, 1, 512, 64, 16384));
    assertThat(LoadM.y(0, 3, 0, 8)).isEqualTo(new LoadM(Operand.Y, 0, 3, 0, 24));
  }

  @Test
  void textOfAnInstructionIsItsAssemblyLine() {
    RandomInstructions random = new RandomInstructions(5);
    for (int i = 0; i < 2000; i++) {
      Instruction instruction = random.next();
      assertThat(instruction).hasToString(Disassembler.format(instruction));
      assertThat(instruction.toString()).startsWith(instruction.mnemonic());
    }
  }

  @Test
  void selectionsReadWhatTheyName() {
    for (OperandSelect select : OperandSelect.values()) {
      String both = select.source1() + select.source2();
      assertThat(select.name())
          .isEqualTo((select.source1() + "_" + select.source2()).replace("-", "NEG_"));
      assertThat(select.readsA(LaneOp.MUL)).as(select + " A").isEqualTo(both.contains("A"));
      assertThat(select.readsB(LaneOp.MUL)).as(select + " B").isEqualTo(both.contains("B"));
      assertThat(select.readsConstant(LaneOp.MUL)).as(select + " C").isEqualTo(both.contains("C"));
      String one = select.source1();
      assertThat(select.readsA(LaneOp.APP)).as(select + " A").isEqualTo(one.contains("A"));
      assertThat(select.readsB(LaneOp.FLOOR)).as(select + " B").isEqualTo(one.contains("B"));
      assertThat(select.readsConstant(LaneOp.EXP2I)).as(select + " C").isEqualTo(one.contains("C"));
    }
  }

  @Test
  void storeModesHaveTheirCodes() {
    assertThat(StoreMode.values())
        .containsExactly(
            StoreMode.ACC_TO_INT8,
            StoreMode.ACC_TO_BF16,
            StoreMode.BF16_TO_INT8,
            StoreMode.BF16_TO_BF16);
    assertThat(store(1, 0, 0).mnemonic()).isEqualTo("STORE.M");
    assertThat(new Store(StoreMode.BF16_TO_INT8, false, 1, 0, 0).mnemonic()).isEqualTo("STORE.V");
  }
}
