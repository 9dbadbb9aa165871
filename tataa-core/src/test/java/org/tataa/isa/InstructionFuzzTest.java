package org.tataa.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Any 64 bits are an instruction that encodes to them and is read back from its text, or are
 * refused with the documented exception. {@code tataa.fuzz.seed} chooses other words.
 */
class InstructionFuzzTest {
  private static final long SEED = Long.getLong("tataa.fuzz.seed", 7_531);

  @Test
  void randomWords() {
    check(200_000);
  }

  @Test
  @Tag("heavy")
  void tenMillionWords() {
    check(10_000_000);
  }

  private static void check(int words) {
    Random random = new Random(SEED);
    RandomInstructions instructions = new RandomInstructions(SEED);
    int accepted = 0;
    for (int i = 0; i < words; i++) {
      long word = word(random, instructions);
      try {
        Instruction instruction = InstructionCodec.decode(word);
        accepted++;
        if (InstructionCodec.encode(instruction) != word) {
          fail("0x%016x is %s, which encodes otherwise", word, instruction);
        }
        // The text takes a hundred times as long as the word.
        if (accepted % 64 == 0 && !isReadBack(instruction)) {
          fail("0x%016x is %s, which is read otherwise", word, instruction);
        }
      } catch (InstructionFormatException e) {
        assertThat(e.getMessage()).isNotBlank();
      } catch (RuntimeException | Error e) {
        fail("0x%016x".formatted(word), e);
      }
    }
    assertThat(accepted).isBetween(words / 10, words - words / 10);
  }

  private static boolean isReadBack(Instruction instruction) {
    return Assembler.assemble(Disassembler.format(instruction), "text")
        .instruction(0)
        .equals(instruction);
  }

  // Bits without any order are hardly ever an instruction; those of one with some changed may be.
  private static long word(Random random, RandomInstructions instructions) {
    int kind = random.nextInt(4);
    if (kind == 0) {
      return random.nextLong();
    }
    long word = InstructionCodec.encode(instructions.next());
    for (int i = random.nextInt(kind); i > 0; i--) {
      word ^= 1L << random.nextInt(64);
    }
    return word;
  }
}
