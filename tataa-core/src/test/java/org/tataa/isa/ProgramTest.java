package org.tataa.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tataa.config.IsaProfile;
import org.tataa.numeric.LaneOp;

class ProgramTest {

  @Test
  void bytesAreLittleEndianWords() {
    Program program = Program.ofWords(new long[] {0x8400000000000024L, 0x8800000000000000L});
    assertThat(program.toBytes())
        .containsExactly(0x24, 0, 0, 0, 0, 0, 0, 0x84, 0, 0, 0, 0, 0, 0, 0, 0x88);
    assertThat(Program.fromBytes(program.toBytes())).isEqualTo(program);
    assertThat(Program.fromBytes(new byte[0]).size()).isZero();
  }

  @Test
  void truncatedFileIsNamedByItsOffset() {
    assertThatThrownBy(() -> Program.fromBytes(new byte[21]))
        .isInstanceOf(InstructionFormatException.class)
        .hasMessage(
            "instruction 2 (byte offset 16): program of 21 bytes ends inside a word, expected a"
                + " multiple of 8 bytes");
  }

  @Test
  void malformedWordIsNamedByItsIndexAndOffset() {
    byte[] bytes = new byte[32];
    bytes[31] = (byte) 0xd0;
    assertThatThrownBy(() -> Program.fromBytes(bytes))
        .isInstanceOf(InstructionFormatException.class)
        .hasMessage(
            "instruction 3 (byte offset 24): word 0xd000000000000000: bits 62:60 hold opcode 5,"
                + " expected 0, 1, 2, 3, 4 or 6");
  }

  @Test
  void programsDoNotShareTheirSources() {
    long[] words = {0, 0x8800000000000000L};
    Program program = Program.ofWords(words);
    words[0] = 1;
    List<Instruction> list = new ArrayList<>(List.of(new Nop(), new Halt()));
    Program other = Program.of(list);
    list.clear();
    program.toBytes()[0] = 1;
    assertThat(program.word(0)).isZero();
    assertThat(other).isEqualTo(program).hasSameHashCodeAs(program);
    assertThat(program.instruction(1)).isSameAs(program.instruction(1));
    assertThatThrownBy(() -> program.instruction(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> program.word(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  /** Programs one after the other, and taken apart again. */
  @Test
  void joinedAndCut() {
    Program first = Program.of(List.of(new Nop(), new ConfigConst(1, 2), new Halt()));
    Program second = Program.of(List.of(new Nop()));
    Program third = Program.of(List.of(new ConfigConst(3, 4), new Halt()));
    Program all = Program.joined(List.of(first, second, third));
    assertThat(all)
        .isEqualTo(
            Program.of(
                List.of(
                    new Nop(),
                    new ConfigConst(1, 2),
                    new Nop(),
                    new ConfigConst(3, 4),
                    new Halt())));
    assertThat(all.toBytes()).isEqualTo(Program.fromBytes(all.toBytes()).toBytes());
    assertThat(first.sizeWithoutHalt()).isEqualTo(2);
    assertThat(all.section(0, 2)).isEqualTo(first.section(0, 2));
    assertThat(all.section(2, 3)).isEqualTo(second);
    assertThat(all.section(3, 5)).isEqualTo(third);
    assertThat(all.section(0, 5)).isSameAs(all);
    assertThat(Program.joined(List.of(second, second)))
        .isEqualTo(Program.of(List.of(new Nop(), new Nop())));
    assertThat(Program.joined(List.of(first))).isSameAs(first);
    assertThatThrownBy(() -> all.section(3, 6)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void labelsDoNotCountForEquality() {
    Program labelled = Program.of(List.of(new Halt()), Map.of("stop", 0, "end", 1));
    assertThat(labelled).isEqualTo(Program.of(List.of(new Halt())));
    assertThat(labelled).isNotEqualTo(Program.of(List.of(new Nop())));
    assertThat(labelled.labels()).containsExactly(Map.entry("end", 1), Map.entry("stop", 0));
    assertThatThrownBy(() -> labelled.labels().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void labelsMustBeNamesOfInstructions() {
    assertThatThrownBy(() -> Program.of(List.of(), Map.of("end", 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("label end=1 is outside [0, 0]");
    assertThatThrownBy(() -> Program.of(List.of(), Map.of("a b", 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("label `a b`, expected");
  }

  @Test
  void publishedProfileHasNoExtensions() {
    for (LaneOp op : LaneOp.values()) {
      VectorOp vector = new VectorOp(op, OperandSelect.A_B, 0, 0, 0, false, Bank.A, 0);
      Program program = Program.of(List.of(new Nop(), vector, vector));
      assertThat(program.requireProfile(IsaProfile.EXTENDED)).isSameAs(program);
      boolean published = op == LaneOp.MUL || op == LaneOp.ADD || op == LaneOp.APP;
      assertThat(vector.isExtension()).isEqualTo(!published);
      if (published) {
        assertThat(program.requireProfile(IsaProfile.PUBLISHED)).isSameAs(program);
      } else {
        assertThatThrownBy(() -> program.requireProfile(IsaProfile.PUBLISHED))
            .isInstanceOf(InstructionFormatException.class)
            .hasMessage(
                "instruction 1: V.%s is not in ISA profile PUBLISHED, expected V.MUL, V.ADD or"
                    + " V.APP (bits 59:56 = 0)",
                op);
      }
    }
  }

  @Test
  void builderCollectsInOrder() {
    Program program =
        new ProgramBuilder()
            .configScale(25, 3)
            .configConst(2, 0x3f80)
            .loadMX(0, 8, 0, 256)
            .loadMY(1, 8, 64, 256)
            .loadV(Bank.B, 3, 0x100, 256)
            .matmul(0, 1, 8, true, true)
            .mul(OperandSelect.A_NEG_B, 3, 4, 0, Bank.B, 7)
            .add(OperandSelect.A_C, 3, 0, 2, Bank.A, 1)
            .app(OperandSelect.A_B, 5, 0, 0, Bank.A, 6)
            .max(OperandSelect.A_B, 1, 2, 0, Bank.A, 3)
            .min(OperandSelect.A_B, 1, 2, 0, Bank.A, 3)
            .floor(OperandSelect.B_B, 0, 2, 0, Bank.A, 3)
            .exp2i(OperandSelect.C_B, 0, 0, 1, Bank.A, 3)
            .vectorToDmb(LaneOp.ADD, OperandSelect.A_B, 1, 2, 0)
            .store(StoreMode.ACC_TO_INT8, true, 32, 0x40000, 1024)
            .nop(3)
            .add(new Nop())
            .halt()
            .build();
    assertThat(Disassembler.disassemble(program))
        .isEqualTo(
            """
            CONFIG.SCALE man=25, shift=3
            CONFIG.CONST C2, 0x3f80
            LOAD.M X, tile=0, depth=8, addr=0x0, bytes=256
            LOAD.M Y, tile=1, depth=8, addr=0x40, bytes=256
            LOAD.V B3, addr=0x100, bytes=256
            MATMUL x=0, y=1, depth=8, clear, drain
            V.MUL A3, -B4 -> B7
            V.ADD A3, C2 -> A1
            V.APP A5 -> A6
            V.MAX A1, B2 -> A3
            V.MIN A1, B2 -> A3
            V.FLOOR B2 -> A3
            V.EXP2I C1 -> A3
            V.ADD A1, B2 -> DMB
            STORE.M int8, words=32, addr=0x40000, bytes=1024, transpose
            NOP 4
            HALT
            """);
    ProgramBuilder builder = new ProgramBuilder().nop(0).halt();
    assertThat(builder.size()).isEqualTo(1);
    assertThatThrownBy(() -> builder.nop(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("count=-1 is outside");
  }

  @Test
  void addressesMove() {
    ProgramBuilder builder = new ProgramBuilder().configScale(3, 1);
    builder.loadMX(1, 4, 0x100, 64).loadMY(0, 4, 0x200, 64).loadV(Bank.B, 3, 0x300, 256);
    builder.store(StoreMode.BF16_TO_INT8, true, 8, 0x400, 256);
    Program moved = builder.build().moved(address -> address + 0x1000);
    ProgramBuilder expected = new ProgramBuilder().configScale(3, 1);
    expected.loadMX(1, 4, 0x1100, 64).loadMY(0, 4, 0x1200, 64).loadV(Bank.B, 3, 0x1300, 256);
    expected.store(StoreMode.BF16_TO_INT8, true, 8, 0x1400, 256);
    assertThat(moved).isEqualTo(expected.build());
    for (int i = 0; i < moved.size(); i++) {
      assertThat(moved.instruction(i)).isEqualTo(expected.build().instruction(i));
    }
    assertThatThrownBy(() -> builder.build().moved(address -> -1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
