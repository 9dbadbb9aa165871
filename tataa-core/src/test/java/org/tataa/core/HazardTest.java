package org.tataa.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tataa.config.HazardPolicy;
import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.control.DeadlockException;
import org.tataa.control.HazardException;
import org.tataa.control.ProgramException;
import org.tataa.isa.Assembler;
import org.tataa.isa.Instruction;
import org.tataa.isa.Program;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.StallCause;

/** Every interlock: how long it holds, what TRAP says, and what is an error in both policies. */
class HazardTest {
  private static final TataaConfig U280 = TataaConfig.u280().withCores(1);

  private static Program assemble(String source) {
    return Assembler.assemble(source, "test.s");
  }

  /** Accept cycles of all instructions. */
  private static List<Long> accepts(TataaConfig config, String source) {
    TataaCore core = new TataaCore(config);
    core.load(assemble(source));
    List<Long> cycles = new ArrayList<>();
    core.observe(
        new CoreObserver() {
          @Override
          public void onAccept(long cycle, int index, Instruction instruction) {
            cycles.add(cycle);
          }
        });
    while (!core.isFinished()) {
      core.tick();
      assertThat(core.cycle()).as("cycles of a short program").isLessThan(5000);
    }
    return cycles;
  }

  /** The second of two instructions starts exactly so many cycles after the first. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "V.MUL A0, B0 -> A1 | V.MUL A1, B0 -> A2 | 15",
        "V.ADD A0, B0 -> A1 | V.ADD A1, B0 -> A2 | 17",
        "V.APP A0 -> A1     | V.MUL A1, B0 -> A2 | 15",
        "V.MUL A0, B0 -> A1 | V.MUL A0, B0 -> A2 | 1",
        "V.MUL A0, B0 -> A1 | V.ADD A0, B0 -> A2 | 11",
        "V.ADD A0, B0 -> A1 | V.MUL A0, B0 -> A2 | 14",
        "V.MAX A0, B0 -> A1 | V.ADD A0, B0 -> A2 | 1",
        "V.MUL A0, B0 -> A1 | V.ADD A1, B0 -> A2 | 15",
        "V.ADD A0, B0 -> A1 | V.MUL A1, B0 -> A2 | 17",
        "V.MUL A0, B0 -> A9 | MATMUL x=0, y=0, depth=4, clear | 17",
        "MATMUL x=0, y=0, depth=64, clear, drain | MATMUL x=0, y=0, depth=64, clear, drain | 128",
        "MATMUL x=0, y=0, depth=64, clear | MATMUL x=0, y=0, depth=64 | 124",
        "MATMUL x=0, y=0, depth=64, clear, drain | V.MUL A0, B0 -> A1 | 120",
        "MATMUL x=0, y=0, depth=64, clear | V.ADD A0, B0 -> A1 | 116",
        "LOAD.M X, tile=0, depth=32, addr=0 | MATMUL x=0, y=0, depth=4, clear | 71",
        "LOAD.V A0, addr=0 | V.MUL A0, B0 -> A1 | 47",
        "LOAD.M X, tile=0, depth=32, addr=0 | LOAD.M X, tile=0, depth=4, addr=0 | 71",
        "LOAD.M X, tile=0, depth=32, addr=0 | LOAD.M X, tile=1, depth=4, addr=0 | 1"
      })
  void distanceIsExact(String first, String second, long distance) {
    List<Long> cycles = accepts(U280, first + "\n" + second);
    assertThat(cycles.get(1) - cycles.get(0)).isEqualTo(distance);
    if (distance == 1) {
      return;
    }
    // With enough spacing nothing waits, with one cycle less TRAP reports the hazard.
    TataaConfig trap = U280.withProfiles(U280.profiles().withHazards(HazardPolicy.TRAP));
    assertThat(accepts(trap, first + "\nNOP " + (distance - 1) + "\n" + second))
        .hasSize((int) distance + 1);
    assertThatThrownBy(() -> accepts(trap, first + "\nNOP " + (distance - 2) + "\n" + second))
        .isInstanceOfSatisfying(
            HazardException.class,
            e -> {
              assertThat(e.blocker()).isZero();
              assertThat(e.cycle()).isEqualTo(distance - 1);
            })
        .hasMessageContaining("conflicts with instruction 0 `");
  }

  @Test
  void switchingCostsNothingInPipelinedMode() {
    List<Long> cycles =
        accepts(U280.withPipelinedMode(true), "V.MUL A0, B0 -> A1\nV.ADD A2, B2 -> A3");
    assertThat(cycles).containsExactly(0L, 1L);
  }

  @Test
  void overlappedDrainLetsBlocksFollowWithoutAGap() {
    String block =
        "MATMUL x=0, y=0, depth=384, clear, drain\nMATMUL x=0, y=0, depth=384, clear, drain";
    List<Long> cycles = accepts(U280.withOverlappedDrain(true), block);
    assertThat(cycles.get(1) - cycles.get(0)).isEqualTo(384);
  }

  @Test
  void aFullMoverQueueHoldsUpLoads() {
    List<Long> cycles = accepts(U280, ".repeat 5 as i\nLOAD.V A0, addr=i*256, bytes=256\n.end");
    assertThat(cycles.subList(0, 4)).containsExactly(0L, 1L, 2L, 3L);
    // The first load delivers its last beat in cycle 2 + 32 + 7.
    assertThat(cycles.get(4)).isEqualTo(42);
  }

  @Test
  void scaleWaitsForTheRunningStore() {
    List<Long> cycles =
        accepts(
            U280,
            "MATMUL x=0, y=0, depth=1, clear, drain\nSTORE.M int8, words=32, addr=0\n"
                + "CONFIG.SCALE man=1, shift=1");
    assertThat(cycles.get(2) - cycles.get(1)).isEqualTo(4 + 32 + 2 + 4);
  }

  @Test
  void memoryOrderIsKept() {
    List<Long> cycles =
        accepts(
            U280.withMemory(U280.memory().withLatencyCycles(8)),
            "MATMUL x=0, y=0, depth=1, clear, drain\nSTORE.M int8, words=32, addr=0\n"
                + "LOAD.M Y, tile=0, depth=32, addr=0");
    // The last beat is written 4 + 9 + 4 + 31 cycles after the STORE; the load reads 2 + 8 after
    // it.
    assertThat(cycles.get(2) - cycles.get(1)).isEqualTo(4 + 9 + 4 + 31 + 1 - 10);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "LOAD.M X, tile=0, depth=2, addr=8, bytes=64 | address 0x8 is not a multiple of 32 bytes",
        "LOAD.M X, tile=0, depth=2, addr=0, bytes=32 | bytes=32, expected 64 (32 x depth 2)",
        "LOAD.V B0, addr=0, bytes=64 | bytes=64, expected 256 (one vector)",
        "LOAD.M Y, tile=0, depth=2, addr=0x1000000 | are outside the YZ space of 0x1000000 bytes",
        "STORE.M int8, words=32, addr=0 | pops 4 words of each DMB, but only 0 have been written",
        "STORE.M int8, words=12, addr=0 | words=12 is not a multiple of the 8 DMPUs",
        "STORE.M bf16, words=8, addr=0, bytes=256 | bytes=256, expected 512 (64 x words 8)",
        "STORE.M int8, words=8, addr=0, transpose | transpose needs a multiple of 32 words, found 8"
      })
  void misuseNamesTheInstruction(String instruction, String message) {
    assertThatThrownBy(() -> accepts(U280, instruction))
        .isInstanceOf(ProgramException.class)
        .hasMessageStartingWith("cycle 0: instruction 0 `" + instruction.split(" ")[0])
        .hasMessageContaining(message);
  }

  @Test
  void sharedStorageIsGuardedBothWays() {
    assertThatThrownBy(
            () ->
                accepts(
                    U280,
                    "LOAD.V B3, addr=0\nLOAD.M Y, tile=1, depth=8, addr=0\nV.MUL A0, B3 -> A1"))
        .isInstanceOf(ProgramException.class)
        .hasMessageContaining("instruction 2 `V.MUL A0, B3 -> A1`")
        .hasMessageContaining(
            "slot 3 of bank B was overwritten as word 3 of Y tile 1 by instruction 1");
    assertThatThrownBy(
            () ->
                accepts(
                    U280,
                    "LOAD.M Y, tile=0, depth=8, addr=0\nV.MUL B0, B0 -> A5\n"
                        + "MATMUL x=0, y=0, depth=6, clear"))
        .isInstanceOf(ProgramException.class)
        .hasMessageContaining("word 5 of Y tile 0 was overwritten as vector slot 5 of bank A");
  }

  @Test
  void partialSumsDoNotSurviveVectorOperations() {
    assertThatThrownBy(
            () ->
                accepts(
                    U280,
                    "MATMUL x=0, y=0, depth=2, clear\nV.MUL A0, B0 -> A1\nMATMUL x=0, y=0, depth=2"))
        .isInstanceOf(ProgramException.class)
        .hasMessageContaining("accumulates onto partial sums that instruction 1");
  }

  @Test
  void extensionsAreRefusedByThePublishedProfile() {
    TataaConfig published = U280.withProfiles(U280.profiles().withIsa(IsaProfile.PUBLISHED));
    assertThatThrownBy(() -> accepts(published, "V.MAX A0, B0 -> A1"))
        .isInstanceOf(ProgramException.class)
        .hasMessageContaining("not in ISA profile PUBLISHED");
  }

  @Test
  void aDeadlockSaysWhatEachUnitWaitsFor() {
    assertThatThrownBy(() -> accepts(U280, ".repeat 33\nV.MUL A0, B0 -> DMB\n.end"))
        .isInstanceOf(DeadlockException.class)
        .hasMessageContaining("controller pc=32 `V.MUL A0, B0 -> DMB` stalled")
        .hasMessageContaining(StallCause.DMB_SPACE.description())
        .hasMessageContaining("dmb[0] 32/32 words");
  }
}
