package org.tataa.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.BufferConfig;
import org.tataa.config.MemoryConfig;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Assembler;
import org.tataa.memory.ExternalMemory;
import org.tataa.observe.ArrayMode;
import org.tataa.observe.InstructionStats;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;

class TataaCoreTest {
  private static TataaCore tiny(String source) {
    TataaCore core = new TataaCore(TataaConfig.tiny());
    core.load(Assembler.assemble(source, "test.s"));
    return core;
  }

  private static final String BLOCK =
      "LOAD.M X, tile=0, depth=4, addr=0, bytes=32\nLOAD.M Y, tile=0, depth=4, addr=64, bytes=32\n"
          + "MATMUL x=0, y=0, depth=4, clear, drain\n"
          + "STORE.M int8, words=8, addr=128, bytes=64\nHALT\n";

  /** Registers of the first PE as the operands pass, one cycle at a time. */
  @Test
  void operandsTakeThreeRegistersToTheSum() {
    TataaCore core = tiny("MATMUL x=0, y=0, depth=1, clear, drain");
    core.memory().write(ExternalMemory.Space.X, 0, new byte[] {0, 0, 0, 0, 0, 0, 0, 3});
    core.memory().write(ExternalMemory.Space.YZ, 64, new byte[] {5, -7, 0, 0, 0, 0, 0, 0});
    core.load(
        Assembler.assemble(
            "LOAD.M X, tile=0, depth=1, addr=0, bytes=8\n"
                + "LOAD.M Y, tile=0, depth=1, addr=64, bytes=8\n"
                + "MATMUL x=0, y=0, depth=1, clear, drain",
            "test.s"));
    while (core.controller().pc() < 3) {
      core.tick();
    }
    long start = core.cycle() - 1 + 4;
    while (core.cycle() < start + 3) {
      core.tick();
    }
    assertThat(core.pe(0, 0).l()).isZero();
    core.tick();
    assertThat(core.pe(0, 0))
        .hasToString("dmpu0.pe[0][0] L=03(3) R={-7,5} M={0,0} P=000000000000{hi=0,lo=0}");
    core.tick();
    assertThat(core.pe(0, 0).mLo()).isEqualTo(15);
    assertThat(core.pe(0, 0).mHi()).isEqualTo(-21);
    assertThat(core.pe(0, 1).l()).isEqualTo(3);
    assertThat(core.pe(1, 0).rLo()).isEqualTo(5);
    assertThat(core.pe(0, 0).pLo()).isZero();
    core.tick();
    assertThat(core.pe(0, 0).pLo()).isEqualTo(15);
    assertThat(core.pe(0, 0).pHi()).isEqualTo(-21);
    assertThat(core.pe(0, 0).register48()).isEqualTo(-21L * (1 << 19) + 15);
  }

  @Test
  void stageRegistersFillOneAfterTheOther() {
    TataaCore core = tiny("CONFIG.CONST C0, bf16(3)\nV.MUL C0, B0 -> A1");
    while (core.controller().pc() < 2) {
      core.tick();
    }
    long start = core.cycle() - 1 + 4;
    int[] ages = {6, 9, 12, 15};
    for (int stage = 0; stage < 4; stage++) {
      while (core.cycle() < start + ages[stage]) {
        core.tick();
      }
      assertThat(core.stage(0, 0, stage).p().instruction()).as("stage %s", stage).isEqualTo(-1);
      core.tick();
      assertThat(core.stage(0, 0, stage).p().instruction()).as("stage %s", stage).isEqualTo(1);
    }
    assertThat(core.mode()).isEqualTo(ArrayMode.MULTIPLY);
    assertThat(core.stage(0, 0, 3))
        .hasToString("S3 lane 0  L,R empty  M empty  P #1 MUL result=0x0000=0.0");
  }

  @Test
  void everyCycleOfEveryUnitIsAccountedFor() {
    TataaCore core = tiny(BLOCK);
    ScanTest.finish(core);
    for (UnitKind unit : UnitKind.values()) {
      long sum =
          core.counters().busy(unit) + core.counters().stalled(unit) + core.counters().idle(unit);
      assertThat(sum).as(unit.name()).isEqualTo(core.counters().cycles());
    }
    assertThat(core.counters().busy(UnitKind.EXEC)).isEqualTo(4);
    assertThat(core.counters().busy(UnitKind.LOAD_X)).isEqualTo(4);
    assertThat(core.counters().busy(UnitKind.STORE)).isEqualTo(8);
    assertThat(core.counters().busy(UnitKind.OUTPUT)).isEqualTo(8);
    assertThat(core.counters().busy(UnitKind.CONTROLLER)).isEqualTo(5);
    assertThat(core.counters().stalled(UnitKind.LOAD_X, StallCause.MEMORY_LATENCY)).isEqualTo(32);
    assertThat(core.counters().macs()).isEqualTo(4 * 8 * 8);
  }

  /** One line per unit, while a product drains, while a result is stored and at the end. */
  @Test
  void descriptionSaysWhatEveryUnitDoes() {
    TataaCore core = new TataaCore(TataaConfig.tiny());
    core.load(ScanTest.PROGRAM);
    while (core.cycle() < 20) {
      core.tick();
    }
    assertThat(core.describe().lines())
        .contains(
            "LOAD_X #2 TILE_X 0/96 bytes, 2 commands", "LOAD_Y #3 TILE_Y 0/96 bytes, 1 commands");
    while (core.cycle() < 75) {
      core.tick();
    }
    assertThat(core.describe().lines())
        .containsExactly(
            "controller pc=6 `MATMUL x=0, y=1, depth=7` stalled 20 cycles: array busy",
            "output idle",
            "store unit idle",
            "vector unit idle",
            "block unit #5 start=58 done=90",
            "LOAD_X idle",
            "LOAD_Y idle",
            "dmb[0] 0/8 words",
            "dmb[1] 0/8 words");
    while (core.cycle() < 140) {
      core.tick();
    }
    assertThat(core.describe().lines())
        .containsExactly(
            "controller pc=10 `V.MUL A0, B1 -> A2` stalled 12 cycles: operand load in flight",
            "output #8 beat 0/8, 1 stores",
            "store unit #8 word 7/8",
            "vector unit idle",
            "block unit idle",
            "LOAD_X #9 TILE_X 0/72 bytes, 1 commands",
            "LOAD_Y #7 VECTOR 0/16 bytes, 1 commands",
            "dmb[0] 0/8 words",
            "dmb[1] 1/8 words");
    while (core.cycle() < 200) {
      core.tick();
    }
    assertThat(core.describe().lines())
        .contains(
            "controller pc=13 `V.MAX A2, B2 -> DMB` stalled 4 cycles: mode switch",
            "vector unit 2 in flight, oldest #11");
    ScanTest.finish(core);
    assertThat(core).hasToString("tiny core, cycle 310, controller ended");
  }

  /** Of each instruction: values that were clipped or no number, sums that did not fit. */
  @Test
  void numericEventsBelongToTheirInstructions() {
    TataaConfig narrow =
        TataaConfig.tiny()
            .withProfiles(
                TataaConfig.tiny().profiles().withAccumulator(AccumulatorKind.PACKED_INT16));
    for (boolean isTicked : new boolean[] {true, false}) {
      TataaCore core = new TataaCore(narrow);
      byte[] ones = new byte[128];
      Arrays.fill(ones, (byte) 127);
      core.memory().write(ExternalMemory.Space.X, 0, ones);
      core.load(
          Assembler.assemble(
              """
              LOAD.M X, tile=0, depth=16, addr=0, bytes=128
              LOAD.M Y, tile=0, depth=16, addr=0, bytes=128
              CONFIG.CONST C0, bf16(nan)
              CONFIG.CONST C1, bf16(1000)
              MATMUL x=0, y=0, depth=1, clear, drain
              STORE.M int8, words=8, addr=1024, bytes=64
              MATMUL x=0, y=0, depth=16, clear, drain
              STORE.M bf16, words=8, addr=1024, bytes=128
              V.MUL C1, B7 -> A0
              V.ADD A0, C0 -> DMB
              V.ADD A0, C1 -> DMB
              STORE.V int8, words=4, addr=2048, bytes=32
              HALT
              """,
              "events.s"));
      if (isTicked) {
        ScanTest.finish(core);
      } else {
        core.advance(Long.MAX_VALUE);
      }
      InstructionStats stats = core.instructionStats();
      // One word: 127 * 127 fits 16 bits and not int8; 16 of them do not fit.
      assertThat(stats.readouts(4)).isEqualTo(64);
      assertThat(stats.wraps(4)).isZero();
      assertThat(stats.maxAbsSum(4)).isEqualTo(127 * 127);
      assertThat(stats.saturations(5)).isEqualTo(64);
      assertThat(stats.wraps(6)).isEqualTo(64);
      assertThat(stats.maxAbsSum(6)).isEqualTo(16 * 127 * 127);
      assertThat(stats.saturations(7)).isZero();
      assertThat(stats.saturations(11)).isEqualTo(8);
      assertThat(stats.nans(11)).isEqualTo(8);
      assertThat(core.counters().saturations()).isEqualTo(72);
      assertThat(core.counters().nans()).isEqualTo(8);
      assertThat(core.counters().wraps()).isEqualTo(64);
    }
  }

  /** From the first instruction that is no NOP to HALT, or to now. */
  @Test
  void latencyCounterStopsAtHalt() {
    TataaCore core = tiny("NOP 3\nLOAD.V A0, addr=0, bytes=16\nNOP 4\nV.APP A0 -> A1\nHALT\nNOP");
    for (int cycle = 0; cycle < 3; cycle++) {
      core.tick();
      assertThat(core.controller().latencyCycles()).isZero();
    }
    long halted = -1;
    while (!core.isFinished()) {
      core.tick();
      boolean isHalted = core.controller().isEnded();
      halted = isHalted && halted < 0 ? core.cycle() - 1 : halted;
      long until = isHalted ? halted : core.cycle() - 1;
      assertThat(core.controller().latencyCycles()).isEqualTo(until - 3);
    }
    assertThat(halted).isLessThan(core.cycle() - 2);
  }

  @Test
  void presetsHaveThePublishedPeaks() {
    assertThat(TataaConfig.u280().peakInt8Gops()).isEqualTo(3686.4);
    assertThat(TataaConfig.u280().peakBf16Gflops()).isEqualTo(230.4);
    assertThat(TataaConfig.preset("tiny").geometry().processingElements()).isEqualTo(32);
  }

  @Test
  void configurationErrorsNameTheField() {
    assertThatThrownBy(() -> TataaConfig.preset("huge"))
        .hasMessage("preset=huge is unknown; expected one of u280, tiny");
    assertThatThrownBy(() -> new ArrayGeometry(0, 4, 2)).hasMessage("dmpus=0 is outside [1, 32]");
    assertThatThrownBy(() -> new BufferConfig(1025, 32, 8, 32, 64))
        .hasMessage("tileDepth=1025 is outside [4, 1024]");
    assertThatThrownBy(() -> MemoryConfig.unified(100))
        .hasMessageContaining("must be multiples of portBytes=32");
    assertThatThrownBy(() -> Profiles.RELEASED.withAccumulator(AccumulatorKind.INT32))
        .hasMessage("arithmetic=RELEASED_RTL needs accumulator=PACKED_INT16, found INT32");
    assertThatThrownBy(
            () -> TataaConfig.u280().withMemory(MemoryConfig.unified(1 << 20).withPortBytes(64)))
        .hasMessageContaining("portBytes=64 must divide");
  }

  @Test
  void anUnfinishedCoreTakesNoFurtherProgram() {
    TataaCore core = tiny(BLOCK);
    core.tick();
    assertThatThrownBy(() -> core.continueWith(Assembler.assemble("HALT", "x.s")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not finished");
  }
}
