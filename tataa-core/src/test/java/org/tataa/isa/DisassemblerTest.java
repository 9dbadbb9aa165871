package org.tataa.isa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tataa.numeric.LaneOp;

class DisassemblerTest {

  @Test
  void goldenSingleBlockReadsAsText() {
    assertThat(Disassembler.disassemble(Program.ofWords(GoldenWords.program("p1"))))
        .isEqualTo(
            """
            CONFIG.SCALE man=1, shift=4
            LOAD.M X, tile=0, depth=32, addr=0x0, bytes=1024
            LOAD.M Y, tile=0, depth=32, addr=0x0, bytes=1024
            MATMUL x=0, y=0, depth=32, clear, drain
            STORE.M int8, words=32, addr=0x40000, bytes=1024
            HALT
            """);
  }

  @Test
  void goldenMixedProgramReadsAsText() {
    assertThat(Disassembler.disassemble(Program.ofWords(GoldenWords.program("p6"))))
        .isEqualTo(
            """
            CONFIG.SCALE man=3, shift=7
            LOAD.M X, tile=0, depth=128, addr=0x8000, bytes=4096
            LOAD.M Y, tile=0, depth=128, addr=0x8000, bytes=4096
            MATMUL x=0, y=0, depth=128, clear, drain
            STORE.M int8, words=32, addr=0x40000, bytes=1024
            NOP 200
            LOAD.V A0, addr=0x60000, bytes=256
            NOP 60
            LOAD.V B0, addr=0x60400, bytes=256
            NOP 60
            LOAD.V A1, addr=0x60100, bytes=256
            NOP 60
            LOAD.V B1, addr=0x60500, bytes=256
            NOP 60
            V.ADD A0, B0 -> A20
            NOP 19
            V.ADD A20, B1 -> B21
            NOP 19
            V.ADD A20, B21 -> DMB
            NOP 19
            STORE.V bf16, words=8, addr=0x41000, bytes=256
            HALT
            """);
  }

  @Test
  void fieldsWithoutEffectAreShownWhenTheyAreNotZero() {
    assertThat(vector(LaneOp.MUL, OperandSelect.A_B, false, Bank.B, 9))
        .isEqualTo("V.MUL A1, B2 -> DMB, c=3, dest=B9");
    assertThat(vector(LaneOp.MUL, OperandSelect.A_A, true, Bank.B, 9))
        .isEqualTo("V.MUL A1, A1 -> B9, b=2, c=3");
    assertThat(vector(LaneOp.ADD, OperandSelect.C_NEG_B, true, Bank.A, 0))
        .isEqualTo("V.ADD C3, -B2 -> A0, a=1");
    assertThat(vector(LaneOp.APP, OperandSelect.A_B, true, Bank.A, 4))
        .isEqualTo("V.APP A1 -> A4, b=2, c=3");
    assertThat(vector(LaneOp.APP, OperandSelect.NEG_A_C, true, Bank.A, 4))
        .isEqualTo("V.APP -A1 -> A4, b=2, c=3");
    assertThat(vector(LaneOp.FLOOR, OperandSelect.B_B, true, Bank.A, 4))
        .isEqualTo("V.FLOOR B2 -> A4, a=1, c=3");
    assertThat(vector(LaneOp.EXP2I, OperandSelect.C_B, false, Bank.A, 0))
        .isEqualTo("V.EXP2I C3 -> DMB, a=1, b=2");
    assertThat(vector(LaneOp.EXP2I, OperandSelect.A_NEG_B, false, Bank.A, 1))
        .isEqualTo("V.EXP2I A1, -B2 -> DMB, c=3, dest=A1");
  }

  private static String vector(
      LaneOp op, OperandSelect select, boolean writeBack, Bank bank, int slot) {
    return Disassembler.format(new VectorOp(op, select, 1, 2, 3, writeBack, bank, slot));
  }

  @Test
  void labelsSplitRunsOfNops() {
    Program program =
        Program.of(
            List.of(new Nop(), new Nop(), new Nop(), new Halt()),
            Map.of("start", 0, "middle", 2, "also", 2, "end", 4));
    String text = "start:\nNOP 2\nalso:\nmiddle:\nNOP\nHALT\nend:\n";
    assertThat(Disassembler.disassemble(program)).isEqualTo(text);
    assertThat(Assembler.assemble(text, "t").labels()).isEqualTo(program.labels());
  }

  @Test
  void emptyProgramIsEmptyText() {
    assertThat(Disassembler.disassemble(Program.of(List.of()))).isEmpty();
    assertThat(Assembler.assemble("", "empty").size()).isZero();
  }
}
