package org.tataa.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.tataa.numeric.LaneOp;

/** Instruction, word and text are one thing in three forms. */
class RoundTripTest {
  private static final long SEED = 240_711;

  /** Checks many instructions and reports the one with the shortest text that fails. */
  private static void check(String what, List<Instruction> cases, Predicate<Instruction> holds) {
    Optional<Instruction> smallest =
        cases.stream()
            .filter(holds.negate())
            .min(
                Comparator.<Instruction>comparingInt(i -> i.toString().length())
                    .thenComparing(Instruction::toString));
    smallest.ifPresent(
        i ->
            fail(
                "%s fails, seed %d, smallest case %s = 0x%016x",
                what, SEED, i, InstructionCodec.encode(i)));
  }

  private static List<Instruction> cases() {
    RandomInstructions random = new RandomInstructions(SEED);
    List<Instruction> cases = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      cases.add(random.next());
    }
    return cases;
  }

  @Test
  void instructionsSurviveTheirEncoding() {
    check(
        "decode(encode(i)) = i",
        cases(),
        i -> InstructionCodec.decode(InstructionCodec.encode(i)).equals(i));
  }

  @Test
  void instructionsSurviveTheirText() {
    List<Instruction> cases = cases();
    StringBuilder text = new StringBuilder();
    cases.forEach(i -> text.append(Disassembler.format(i)).append('\n'));
    Program program = Assembler.assemble(text.toString(), "seed " + SEED);
    assertThat(program.size()).isEqualTo(cases.size());
    List<Instruction> different = new ArrayList<>();
    for (int i = 0; i < cases.size(); i++) {
      if (!program.instruction(i).equals(cases.get(i))) {
        different.add(cases.get(i));
      }
    }
    check("assemble(format(i)) = i", different, i -> false);
  }

  @Test
  void everyVectorOperationOfEverySelectionSurvivesItsText() {
    List<Instruction> cases = new ArrayList<>();
    int[] slots = {0, 7, 31};
    for (LaneOp op : LaneOp.values()) {
      for (OperandSelect select : OperandSelect.values()) {
        for (int a : slots) {
          for (int b : slots) {
            for (int c = 0; c < 8; c += 7) {
              for (int to = 0; to < 8; to++) {
                Bank bank = (to & 2) == 0 ? Bank.A : Bank.B;
                cases.add(
                    new VectorOp(op, select, a, b, c, (to & 1) == 1, bank, (to & 4) == 0 ? 0 : 31));
              }
            }
          }
        }
      }
    }
    check(
        "assemble(format(i)) = i",
        cases,
        i -> Assembler.assemble(i.toString(), "case").instruction(0).equals(i));
  }

  @Test
  void programsSurviveDisassembly() {
    RandomInstructions random = new RandomInstructions(SEED + 1);
    for (int size = 0; size < 60; size++) {
      Program program = Program.of(random.program(size));
      String text = Disassembler.disassemble(program);
      Program again = Assembler.assemble(text, "program");
      assertThat(again).as("seed %d, size %d:%n%s", SEED + 1, size, text).isEqualTo(program);
      assertThat(Disassembler.disassemble(again)).isEqualTo(text);
      assertThat(Program.fromBytes(program.toBytes())).isEqualTo(program);
    }
  }

  @Test
  void goldenProgramsSurviveDisassembly() {
    for (int p = 1; p <= 7; p++) {
      Program program = Program.ofWords(GoldenWords.program("p" + p));
      String text = Disassembler.disassemble(program);
      assertThat(Assembler.assemble(text, "p" + p)).isEqualTo(program);
    }
  }
}
