package org.tataa.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.config.HazardPolicy;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.Assembler;
import org.tataa.isa.Program;

/** Programs that end on their own are told from those that end with an error, before they run. */
class DecodedProgramTest {
  private static final TataaConfig TINY = TataaConfig.tiny();

  private static Program assemble(String source) {
    return Assembler.assemble(source.replace("; ", "\n"), "test.s");
  }

  private static TataaCore loaded(String source) {
    TataaCore core = new TataaCore(TINY);
    core.load(assemble(source));
    return core;
  }

  private static void finish(TataaCore core) {
    while (!core.isFinished()) {
      core.tick();
      assertThat(core.cycle()).as("cycles of a short program").isLessThan(5000);
    }
  }

  /** Tiles of 16 words of which 8 are vector slots, 8 words in the dual-mode buffers. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HALT; LOAD.V A0, addr=0, bytes=8",
        "LOAD.M Y, tile=0, depth=8, addr=0, bytes=64; V.MUL C0, B0 -> A1; HALT",
        "LOAD.M Y, tile=1, depth=7, addr=0, bytes=56; V.MUL A0, B7 -> A1",
        "LOAD.M Y, tile=1, depth=8, addr=0, bytes=64; V.MUL A0, C0 -> B0; V.MUL A0, B0 -> A0",
        "LOAD.M Y, tile=1, depth=8, addr=0, bytes=64; LOAD.V B3, addr=0, bytes=16;"
            + " V.MUL A0, B3 -> A0",
        "LOAD.V B3, addr=0, bytes=16; MATMUL x=0, y=1, depth=3, clear",
        "LOAD.V B3, addr=0, bytes=16; MATMUL x=0, y=0, depth=8, clear",
        "LOAD.V B3, addr=0, bytes=16; LOAD.M Y, tile=1, depth=4, addr=0, bytes=32;"
            + " MATMUL x=0, y=1, depth=16, clear",
        ".repeat 8; V.MUL A0, B0 -> DMB; .end; STORE.V bf16, words=16, addr=0, bytes=128",
        ".repeat 2; MATMUL x=0, y=0, depth=1, clear, drain; .end;"
            + " STORE.M int8, words=16, addr=0, bytes=128",
        "V.MUL A0, B0 -> A0; MATMUL x=0, y=1, depth=8, clear; MATMUL x=0, y=1, depth=8",
      })
  void programsThatEnd(String source) {
    TataaCore core = loaded(source);
    assertThat(core.fastForwards()).isTrue();
    finish(core);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LOAD.V A0, addr=0, bytes=8; HALT",
        "LOAD.M Y, tile=0, depth=8, addr=0, bytes=64; V.MUL A7, B0 -> A1",
        "LOAD.M Y, tile=1, depth=8, addr=0, bytes=64; V.MUL A7, B7 -> A1",
        "LOAD.V B3, addr=0, bytes=16; MATMUL x=0, y=1, depth=4, clear",
        "V.MUL A0, B0 -> B3; MATMUL x=0, y=1, depth=4, clear",
        "LOAD.V B3, addr=0, bytes=16; LOAD.M Y, tile=1, depth=3, addr=0, bytes=24;"
            + " MATMUL x=0, y=1, depth=16, clear",
        ".repeat 9; V.MUL A0, B0 -> DMB; .end; HALT",
        ".repeat 3; MATMUL x=0, y=0, depth=1, clear, drain; .end",
        "V.MUL A0, B0 -> DMB; STORE.V bf16, words=4, addr=0, bytes=32",
        "V.MUL A0, B0 -> A0; MATMUL x=0, y=1, depth=8",
      })
  void programsThatEndWithAnError(String source) {
    TataaCore core = loaded(source);
    assertThat(core.fastForwards()).isFalse();
    assertThat(catchThrowable(() -> finish(core))).isInstanceOf(SimulationException.class);
  }

  /** What the register file holds from the program before counts too. */
  @Test
  void aProgramAfterAnother() {
    String matrix = "LOAD.M Y, tile=1, depth=8, addr=0, bytes=64";
    String vector = "LOAD.V B3, addr=0, bytes=16";
    String reads = "V.MUL A0, B3 -> A0";
    String multiplies = "MATMUL x=0, y=1, depth=4, clear";
    for (String first : new String[] {matrix, vector}) {
      for (String second : new String[] {reads, multiplies}) {
        TataaCore core = loaded(first);
        finish(core);
        core.continueWith(assemble(second));
        boolean isSame = first.equals(matrix) == second.equals(multiplies);
        assertThat(core.fastForwards()).as(first + ", " + second).isEqualTo(isSame);
        core.load(assemble(second));
        assertThat(core.fastForwards()).as("reset, " + second).isTrue();
      }
    }
  }

  @Test
  void errorsNameTheirInstructions() {
    TataaCore core = loaded("NOP; NOP; LOAD.V A0, addr=0, bytes=8");
    assertThatThrownBy(() -> finish(core))
        .isInstanceOfSatisfying(
            ProgramException.class,
            e -> {
              assertThat(e.index()).isEqualTo(2);
              assertThat(e.cycle()).isEqualTo(2);
            });
    TataaCore trap =
        new TataaCore(TINY.withProfiles(TINY.profiles().withHazards(HazardPolicy.TRAP)));
    trap.load(assemble("NOP 3; V.MUL A0, B0 -> A1; NOP; V.MUL A1, B0 -> A2"));
    assertThatThrownBy(() -> finish(trap))
        .isInstanceOfSatisfying(
            HazardException.class,
            e -> {
              assertThat(e.blocker()).isEqualTo(3);
              assertThat(e.cycle()).isEqualTo(5);
            });
  }
}
