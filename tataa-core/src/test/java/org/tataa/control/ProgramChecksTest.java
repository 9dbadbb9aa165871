package org.tataa.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tataa.config.BufferConfig;
import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Assembler;
import org.tataa.memory.ExternalMemory;

/** What a machine says of instructions it cannot execute, and the last ones it can. */
class ProgramChecksTest {
  /** 8 x 8 sums, tiles of 16 words, 8 slots, 64 KiB, beats of 8 bytes. */
  private static final TataaConfig TINY = TataaConfig.tiny();

  private static String problem(TataaConfig config, String line) {
    return new ProgramChecks(config, new ExternalMemory(config.memory()))
        .problem(Assembler.assemble(line, "test.s").instruction(0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "LOAD.M X, tile=0, depth=17, addr=0, bytes=136 | depth=17 exceeds this machine's 16",
        "LOAD.M X, tile=0, depth=16, addr=0, bytes=127 | bytes=127, expected 128 (8 x depth 16)",
        "LOAD.M Y, tile=0, depth=2, addr=4, bytes=16 | address 0x4 is not a multiple of 8 bytes",
        "LOAD.M Y, tile=0, depth=2, addr=0xfff8, bytes=16"
            + " | bytes 0xfff8..0x10007 are outside the YZ space of 0x10000 bytes",
        "LOAD.V A8, addr=0, bytes=16 | slot=8 exceeds this machine's 7",
        "LOAD.V A0, addr=0, bytes=8 | bytes=8, expected 16 (one vector)",
        "LOAD.V A0, addr=0, bytes=32 | bytes=32, expected 16 (one vector)",
        "LOAD.V A0, addr=0xfff8, bytes=16"
            + " | bytes 0xfff8..0x10007 are outside the X space of 0x10000 bytes",
        "LOAD.V B0, addr=0xfff8, bytes=16"
            + " | bytes 0xfff8..0x10007 are outside the YZ space of 0x10000 bytes",
        "MATMUL x=0, y=0, depth=17 | depth=17 exceeds this machine's 16",
        "V.MUL A8, B0 -> A0 | slotA=8 exceeds this machine's 7",
        "V.MUL A0, B8 -> A0 | slotB=8 exceeds this machine's 7",
        "V.MUL A0, B0 -> A8 | destSlot=8 exceeds this machine's 7",
        "STORE.M int8, words=18, addr=0, bytes=144 | words=18 exceeds this machine's 16",
        "STORE.M int8, words=3, addr=0, bytes=24 | words=3 is not a multiple of the 2 DMPUs",
        "STORE.M bf16, words=2, addr=0, bytes=16 | bytes=16, expected 32 (16 x words 2)",
        "STORE.V bf16, words=2, addr=0, bytes=32 | bytes=32, expected 16 (8 x words 2)",
        "STORE.M bf16, words=8, addr=0, bytes=128, transpose | transpose needs an int8 result",
        "STORE.M int8, words=4, addr=0, bytes=32, transpose"
            + " | transpose needs a multiple of 8 words, found 4",
        "STORE.M int8, words=2, addr=0xfff8, bytes=16"
            + " | bytes 0xfff8..0x10007 are outside the YZ space of 0x10000 bytes",
      })
  void instructionsOfOtherMachines(String line, String problem) {
    assertThat(problem(TINY, line)).isEqualTo(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "LOAD.M X, tile=1, depth=16, addr=0xff80, bytes=128",
        "LOAD.V B7, addr=0xfff0, bytes=16",
        "MATMUL x=0, y=0, depth=16",
        "V.MUL A7, B7 -> A7",
        "V.APP A7 -> A7, b=31",
        "V.APP B7 -> A7, a=31",
        "V.MUL A7, C7 -> DMB, b=31, dest=B31",
        "V.MAX A7, B7 -> A7",
        "CONFIG.CONST C7, 1",
        "STORE.M int8, words=16, addr=0xff80, bytes=128, transpose",
        "STORE.V bf16, words=16, addr=0xff80, bytes=128",
        "HALT"
      })
  void theLastOnesThatFit(String line) {
    assertThat(problem(TINY, line)).isEmpty();
  }

  @Test
  void loadsOfSeveralVectors() {
    TataaConfig wide = TINY.withMemory(TINY.memory().withVectorLoadBeats(8));
    assertThat(problem(wide, "LOAD.V A0, addr=0, bytes=64")).isEmpty();
    assertThat(problem(wide, "LOAD.V A4, addr=0, bytes=64")).isEmpty();
    assertThat(problem(wide, "LOAD.V A5, addr=0, bytes=64"))
        .isEqualTo("slot=8 exceeds this machine's 7");
    assertThat(problem(wide, "LOAD.V A0, addr=0, bytes=80"))
        .isEqualTo("bytes=80 exceeds this machine's 64");
    assertThat(problem(wide, "LOAD.V A0, addr=0, bytes=40"))
        .isEqualTo("bytes=40, expected 16 (one vector)");
    assertThat(problem(wide, "LOAD.V A0, addr=0, bytes=0"))
        .isEqualTo("bytes=0, expected 16 (one vector)");
  }

  @Test
  void profilesAndShapes() {
    TataaConfig published = TINY.withProfiles(TINY.profiles().withIsa(IsaProfile.PUBLISHED));
    assertThat(problem(published, "V.MAX A0, B0 -> A0"))
        .isEqualTo("not in ISA profile PUBLISHED, which has V.MUL, V.ADD and V.APP");
    assertThat(problem(published, "V.ADD A0, B0 -> A0")).isEmpty();
    TataaConfig few =
        new TataaConfig(
            "few",
            1,
            TINY.geometry(),
            new BufferConfig(16, 8, 2, 8, 16),
            TINY.memory(),
            TINY.timing(),
            TINY.profiles(),
            TINY.clockHz(),
            false,
            false,
            false);
    assertThat(problem(few, "CONFIG.CONST C2, 1")).isEqualTo("index=2 exceeds this machine's 1");
    assertThat(problem(few, "CONFIG.CONST C1, 1")).isEmpty();
    assertThat(problem(few, "V.ADD A0, C2 -> A0")).isEqualTo("constant=2 exceeds this machine's 1");
  }
}
