package org.tataa.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tataa.config.BufferConfig;
import org.tataa.config.TataaConfig;
import org.tataa.numeric.LaneOp;

class EncodingTest {
  private static final long SEED = 7;

  @Test
  void widensSlotsAndDepths() {
    LoadM load = new LoadM(Operand.Y, 1, 1024, 64, 0);
    assertThat(InstructionCodec.encode(load))
        .isEqualTo(word(new LoadM(Operand.Y, 1, 512, 64, 0), 59));
    MatMul matmul = new MatMul(1, 0, 513, true, false);
    assertThat(InstructionCodec.encode(matmul))
        .isEqualTo(word(new MatMul(1, 0, 1, true, false), 59));
    for (int bit = 0; bit < 3; bit++) {
      int slot = 32 << bit | 5;
      assertThat(InstructionCodec.encode(new LoadV(Bank.B, slot, 64, 256)))
          .isEqualTo(word(new LoadV(Bank.B, 5, 64, 256), 54 + bit));
      VectorOp narrow = op(1, 2, 3);
      assertThat(InstructionCodec.encode(op(32 << bit | 1, 2, 3))).isEqualTo(word(narrow, 4 + bit));
      assertThat(InstructionCodec.encode(op(1, 32 << bit | 2, 3))).isEqualTo(word(narrow, 7 + bit));
      assertThat(InstructionCodec.encode(op(1, 2, 32 << bit | 3)))
          .isEqualTo(word(narrow, 10 + bit));
    }
  }

  private static VectorOp op(int a, int b, int to) {
    return new VectorOp(LaneOp.ADD, OperandSelect.A_B, a, b, 0, true, Bank.B, to);
  }

  private static long word(Instruction instruction, int bit) {
    return InstructionCodec.encode(instruction) | 1L << bit;
  }

  @Test
  void decodingIsTheInverse() {
    RandomInstructions instructions = new RandomInstructions(SEED, Encoding.WIDE);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      Instruction instruction = instructions.next();
      long word = InstructionCodec.encode(instruction);
      assertThat(InstructionCodec.decode(word, Encoding.WIDE))
          .as("seed %d", SEED)
          .isEqualTo(instruction);
      try {
        assertThat(InstructionCodec.decode(word)).isEqualTo(instruction);
      } catch (InstructionFormatException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(5_000);
  }

  /** Every accepted word encodes back to itself, every released one is the same in wide words. */
  @Test
  void wordsAreCanonical() {
    Random random = new Random(SEED);
    RandomInstructions instructions = new RandomInstructions(SEED, Encoding.WIDE);
    int accepted = 0;
    for (int i = 0; i < 200_000; i++) {
      long valid = InstructionCodec.encode(instructions.next());
      long word = valid ^ (random.nextBoolean() ? 0 : 1L << random.nextInt(64));
      try {
        Instruction instruction = InstructionCodec.decode(word, Encoding.WIDE);
        assertThat(InstructionCodec.encode(instruction)).as("seed %d", SEED).isEqualTo(word);
        accepted++;
      } catch (InstructionFormatException e) {
        assertThatThrownBy(() -> InstructionCodec.decode(word))
            .isInstanceOf(InstructionFormatException.class);
      }
    }
    assertThat(accepted).isGreaterThan(100_000);
  }

  @Test
  void textIsReadUpToTheEncodingsNumbers() {
    String text =
        """
            LOAD.M X, tile=0, depth=1024, addr=0
            LOAD.V A255, addr=0
            V.ADD A200, B33 -> B100
            V.APP A1 -> DMB, b=255
            """;
    Program program = Assembler.assemble(text, "t.s", Encoding.WIDE);
    assertThat(Assembler.assemble(Disassembler.disassemble(program), "t.s", Encoding.WIDE))
        .isEqualTo(program);
    assertThat(Program.fromBytes(program.toBytes(), Encoding.WIDE)).isEqualTo(program);
    assertThatThrownBy(() -> Program.fromBytes(program.toBytes()))
        .hasMessageContaining("instruction 0")
        .hasMessageContaining("bit 59 of LOAD.M must be 0");
    assertThatThrownBy(() -> Assembler.assemble(text, "t.s"))
        .hasMessageContaining("depth is 1024, expected 1..512")
        .hasMessageContaining("found `A255`, expected a slot A0..A31 or B0..B31");
    assertThatThrownBy(() -> Assembler.assemble("LOAD.V A256, addr=0", "t.s", Encoding.WIDE))
        .hasMessageContaining("expected a slot A0..A255 or B0..B255");
  }

  /** Bit 56, words-1 in 55:48, mode in 58:57, bank in 8, slot in 7:0. */
  @Test
  void storesToSlots() {
    long word = 0xe300_0000_0000_0000L | 31L << 48 | 1 << 8 | 200;
    StoreSlots store = new StoreSlots(StoreMode.ACC_TO_BF16, Bank.B, 200, 32);
    assertThat(InstructionCodec.encode(store)).isEqualTo(word);
    assertThat(InstructionCodec.decode(word, Encoding.WIDE)).isEqualTo(store);
    assertThat(store).hasToString("STORE.S sums, words=32 -> B200");
    assertThat(new StoreSlots(StoreMode.BF16_TO_BF16, Bank.A, 0, 8))
        .hasToString("STORE.S vectors, words=8 -> A0");
    assertThatThrownBy(() -> InstructionCodec.decode(word))
        .hasMessageContaining("bit 56 of STORE must be 0, found 0x1");
    assertThatThrownBy(() -> InstructionCodec.decode(word ^ 1L << 57, Encoding.WIDE))
        .hasMessageContaining("bits 58:57 of STORE.S hold mode 0, expected 1 or 3");
    assertThatThrownBy(() -> InstructionCodec.decode(word | 1L << 59 | 1 << 20, Encoding.WIDE))
        .hasMessageContaining("bit 59 of STORE.S must be 0, found 0x1")
        .hasMessageContaining("bits 47:9 of STORE.S must be 0, found 0x800");
    assertThatThrownBy(() -> new StoreSlots(StoreMode.BF16_TO_INT8, Bank.A, 0, 8))
        .hasMessageContaining("mode=BF16_TO_INT8, expected one to bfloat16");
    assertThatThrownBy(() -> new StoreSlots(StoreMode.BF16_TO_BF16, Bank.A, 256, 8))
        .hasMessageContaining("slot");
  }

  @Test
  void onlyWideTextHasStoresToSlots() {
    String text = "store.s vectors, words=8 -> A255\n";
    Program program = Assembler.assemble(text, "t.s", Encoding.WIDE);
    assertThat(program.instruction(0))
        .isEqualTo(new StoreSlots(StoreMode.BF16_TO_BF16, Bank.A, 255, 8))
        .isEqualTo(
            new ProgramBuilder()
                .storeSlots(StoreMode.BF16_TO_BF16, Bank.A, 255, 8)
                .build()
                .instruction(0));
    assertThatThrownBy(() -> Assembler.assemble(text, "t.s"))
        .hasMessageContaining("unknown mnemonic `store.s`")
        .hasMessageContaining("V.EXP2I, STORE.M or STORE.V");
    assertThatThrownBy(() -> Assembler.assemble("STORE.X", "t.s", Encoding.WIDE))
        .hasMessageContaining("STORE.M, STORE.V or STORE.S");
    assertThatThrownBy(
            () -> Assembler.assemble("STORE.S int8, words=8 -> A0", "t.s", Encoding.WIDE))
        .hasMessageContaining("found `int8`, expected `sums` or `vectors`");
    assertThatThrownBy(
            () -> Assembler.assemble("STORE.S sums, words=8, addr=0", "t.s", Encoding.WIDE))
        .hasMessageContaining("`->`");
  }

  @Test
  void disassembledTextIsRead() {
    List<Instruction> all = new RandomInstructions(SEED, Encoding.WIDE).program(2_000);
    Program program = Program.of(all);
    String text = Disassembler.disassemble(program);
    assertThat(text).contains("STORE.S sums", "STORE.S vectors");
    assertThat(Assembler.assemble(text, "t.s", Encoding.WIDE)).isEqualTo(program);
  }

  @Test
  void machinesThatNeedNoMoreHaveTheReleasedOne() {
    TataaConfig u280 = TataaConfig.u280();
    assertThat(Encoding.of(u280.withResultPath(true))).isEqualTo(Encoding.WIDE);
    assertThat(Encoding.of(u280)).isEqualTo(Encoding.RELEASED);
    assertThat(Encoding.of(u280.withBuffers(new BufferConfig(512, 33, 8, 32, 64))))
        .isEqualTo(Encoding.WIDE);
    assertThat(Encoding.of(u280.withBuffers(new BufferConfig(513, 32, 8, 32, 64))))
        .isEqualTo(Encoding.WIDE);
  }
}
