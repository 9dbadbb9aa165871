package org.tataa.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.BufferConfig;
import org.tataa.config.HazardPolicy;
import org.tataa.config.HbmConfig;
import org.tataa.config.MemoryConfig;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.control.HazardException;
import org.tataa.control.ProgramException;
import org.tataa.isa.Assembler;
import org.tataa.isa.Bank;
import org.tataa.isa.Encoding;
import org.tataa.isa.Instruction;
import org.tataa.isa.OperandSelect;
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.StoreMode;
import org.tataa.memory.ExternalMemory;
import org.tataa.memory.RegisterFileY;
import org.tataa.numeric.LaneOp;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;

/** STOREs to vector slots: when they are accepted, what waits for them, and what they write. */
class ResultPathTest {
  private static final TataaConfig U280 = TataaConfig.u280().withCores(1).withResultPath(true);

  /** A word in each dual-mode buffer, and time for it to get there. */
  private static final String ONE_WORD = "V.MUL A0, B0 -> DMB\nNOP 40\n";

  private static Program assemble(String source) {
    return Assembler.assemble(source, "test.s", Encoding.WIDE);
  }

  /** Accept cycles, and what the controller waited for, of every instruction. */
  private static final class Issue implements CoreObserver {
    private final List<Long> accepts = new ArrayList<>();
    private final List<Set<StallCause>> stalls = new ArrayList<>();
    private final TataaCore core;

    Issue(TataaConfig config, String source) {
      core = new TataaCore(config);
      core.load(assemble(source));
      core.observe(this);
    }

    static Issue of(TataaConfig config, String source) {
      Issue issue = new Issue(config, source);
      while (!issue.core.isFinished()) {
        issue.core.tick();
        assertThat(issue.core.cycle()).as("cycles of a short program").isLessThan(20_000);
      }
      return issue;
    }

    @Override
    public void onStall(long cycle, int index, Instruction instruction, StallCause cause) {
      while (stalls.size() <= index) {
        stalls.add(EnumSet.noneOf(StallCause.class));
      }
      stalls.get(index).add(cause);
    }

    @Override
    public void onAccept(long cycle, int index, Instruction instruction) {
      accepts.add(cycle);
    }

    /** Cycles from the acceptance of the last but one instruction to that of the last one. */
    long distance() {
      return accepts.get(accepts.size() - 1) - accepts.get(accepts.size() - 2);
    }

    Set<StallCause> lastStalls() {
      return stalls.size() == accepts.size()
          ? stalls.get(stalls.size() - 1)
          : EnumSet.noneOf(StallCause.class);
    }
  }

  /**
   * From the sums of a block to an operation on them. exec_start 4, exec_done 4 + 64 + 56, STORE.S
   * accepted 4 later in 128; first of 16 beats 4 + 11 + 4 later in 147, the last in 162, done in
   * 164, the busy flag low in 168.
   */
  @Test
  void sumsToSlotsToLanes() {
    Issue issue =
        Issue.of(
            U280,
            "MATMUL x=0, y=0, depth=64, clear, drain\nSTORE.S sums, words=8 -> A0\n"
                + "V.MUL A1, A1 -> B0");
    assertThat(issue.accepts).containsExactly(0L, 128L, 168L);
    assertThat(issue.stalls.get(1)).containsExactly(StallCause.EXEC_BUSY);
    assertThat(issue.stalls.get(2)).containsExactly(StallCause.OPERAND_LOAD);
    assertThat(issue.core.counters().busy(UnitKind.OUTPUT)).isEqualTo(16);
    assertThat(issue.core.counters().bytesStored()).isZero();
  }

  /**
   * What comes right after a STORE.S of 8 words to slot 4 of bank B. Its 8 beats come 15 to 22
   * cycles after it, the slot is free 6 later; it is done after 4 + 8 + 2, its busy flag low 4
   * later.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "V.MUL A0, B4 -> A1 | 28 | OPERAND_LOAD",
        "V.MUL A0, B0 -> B4 | 28 | OPERAND_LOAD",
        "V.MUL A4, B5 -> B3 | 1 |",
        "LOAD.V B4, addr=0 | 28 | TILE_LOADING",
        "LOAD.V B5, addr=0 | 1 |",
        "LOAD.V A4, addr=0 | 1 |",
        "LOAD.M Y, tile=1, depth=5, addr=0 | 28 | TILE_LOADING",
        "LOAD.M Y, tile=1, depth=4, addr=0 | 1 |",
        "LOAD.M Y, tile=0, depth=64, addr=0 | 1 |",
        "MATMUL x=0, y=1, depth=4, clear | 1 |",
        "STORE.S vectors, words=8 -> B4 | 18 | STORE_BUSY",
        "STORE.S vectors, words=8 -> B9 | 18 | STORE_BUSY",
        "STORE.V bf16, words=8, addr=0 | 18 | STORE_BUSY",
        "CONFIG.SCALE man=1, shift=1 | 18 | SCALE_LIVE",
      })
  void whatFollowsWaits(String next, long distance, @Nullable StallCause cause) {
    String source = ONE_WORD + ONE_WORD + "STORE.S vectors, words=8 -> B4\n";
    Issue issue = Issue.of(U280, source + next);
    assertThat(issue.distance()).isEqualTo(distance);
    if (cause == null) {
      assertThat(issue.lastStalls()).isEmpty();
      return;
    }
    assertThat(issue.lastStalls()).containsExactly(cause);
    TataaConfig trap = U280.withProfiles(U280.profiles().withHazards(HazardPolicy.TRAP));
    assertThatThrownBy(() -> Issue.of(trap, source + "NOP " + (distance - 2) + "\n" + next))
        .isInstanceOf(HazardException.class)
        .hasMessageContaining("`STORE.S vectors, words=8 -> B4`");
    Issue.of(trap, source + "NOP " + (distance - 1) + "\n" + next);
  }

  /** A tile of one word waits for the first of two slots, and for the older of two stores. */
  @ParameterizedTest
  @CsvSource({"B0, B8", "B8, B0"})
  void tilesWaitForEveryStore(String first, String second) {
    Issue issue =
        Issue.of(
            U280,
            "MATMUL x=0, y=0, depth=4, clear, drain\nSTORE.S sums, words=8 -> "
                + first
                + "\nSTORE.S sums, words=8 -> "
                + second
                + "\nLOAD.M Y, tile=1, depth=1, addr=0");
    assertThat(issue.lastStalls()).containsExactly(StallCause.TILE_LOADING);
    // 16 beats each; the second store is accepted 18 cycles after the first.
    assertThat(issue.distance()).isEqualTo(first.equals("B0") ? 22 : 40);
  }

  /** A MATMUL waits for the slots under its tile, and then finds vectors there. */
  @Test
  void blocksDoNotReadVectors() {
    Issue issue =
        new Issue(
            U280, ONE_WORD + "STORE.S vectors, words=8 -> B4\nMATMUL x=0, y=1, depth=5, clear");
    assertThatThrownBy(
            () -> {
              while (!issue.core.isFinished()) {
                issue.core.tick();
              }
            })
        .isInstanceOf(ProgramException.class)
        .hasMessageContaining("word 4 of Y tile 1 was overwritten as vector slot 4 of bank B");
    assertThat(issue.distance()).isEqualTo(28);
    assertThat(issue.lastStalls()).containsExactly(StallCause.OPERAND_LOAD);
  }

  /** The load's last beat comes 2 + 32 + 7 cycles after it, its busy flag is low 6 later. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "LOAD.V B4, addr=0 | 47 | TILE_LOADING",
        "LOAD.V B5, addr=0 | 1 |",
        "LOAD.V A4, addr=0 | 1 |",
        "LOAD.M Y, tile=1, depth=8, addr=0 | 47 | TILE_LOADING",
        "LOAD.M Y, tile=1, depth=4, addr=0 | 1 |",
      })
  void loadsAreWaitedFor(String load, long distance, @Nullable StallCause cause) {
    Issue issue = Issue.of(U280, ONE_WORD + load + "\nSTORE.S vectors, words=8 -> B4");
    assertThat(issue.distance()).isEqualTo(distance);
    assertThat(issue.lastStalls()).isEqualTo(cause == null ? Set.of() : Set.of(cause));
  }

  /**
   * With a short way out, the first beat could come before an operation has written the slot: it
   * starts 4 cycles after it is accepted and writes 17 later; the beat comes 4 + 4 + 1 after the
   * STORE.S.
   */
  @Test
  void slotsInUseAreWaitedFor() {
    TataaConfig config = U280.withTiming(shortWayOut(U280.timing()));
    Issue issue = Issue.of(config, ONE_WORD + "V.MUL A0, B0 -> B4\nSTORE.S vectors, words=8 -> B4");
    assertThat(issue.distance()).isEqualTo(4 + 17 + 1 - (4 + 4 + 1));
    assertThat(issue.lastStalls())
        .containsExactlyInAnyOrder(StallCause.EXEC_BUSY, StallCause.SLOT_IN_USE);
    issue = Issue.of(config, ONE_WORD + "V.MUL A0, B0 -> B4\nSTORE.S vectors, words=8 -> B5");
    assertThat(issue.distance()).isEqualTo(4 + 1 + 4);
  }

  private static TimingConfig shortWayOut(TimingConfig t) {
    return new TimingConfig(
        t.startLatency(),
        t.loadCommandLatency(),
        t.storeCommandLatency(),
        t.loadDoneLatency(),
        t.busyClearLatency(),
        t.operandReadLatency(),
        t.clearLatency(),
        t.matmulTail(),
        t.drainCycles(),
        t.drainWriteOffset(),
        t.vectorDoneLatency(),
        t.vectorReadLatency(),
        t.vectorCaptureLatency(),
        t.multiplyResultLatency(),
        t.addResultLatency(),
        t.multiplyToAddSwitch(),
        t.addToMultiplySwitch(),
        t.blockToVectorSwitch(),
        t.vectorToBlockSwitch(),
        t.storeReadLatency(),
        t.storeDoneLatency(),
        4,
        t.int8StoreLatency(),
        t.accToBf16StoreLatency(),
        t.transposeStoreLatency(),
        1);
  }

  /** Words, requantiser and output FIFO are those of a STORE: so are all cycles. */
  @Test
  void issuesAsTheStoreOfTheSameWords() {
    TataaConfig config = U280.withBuffers(U280.buffers().withOutputFifoBeats(4));
    String text =
        """
            V.MUL A31, B31 -> DMB
            %2$s
            .repeat 3
            MATMUL x=0, y=0, depth=4, clear, drain
            %1$s
            V.MUL A31, B31 -> DMB
            %2$s
            .end
            """;
    Issue toMemory =
        Issue.of(
            config,
            text.formatted("STORE.M bf16, words=32, addr=0", "STORE.V bf16, words=8, addr=0"));
    Issue toSlots =
        Issue.of(
            config,
            text.formatted("STORE.S sums, words=32 -> B0", "STORE.S vectors, words=8 -> B8"));
    assertThat(toSlots.accepts).isEqualTo(toMemory.accepts);
    assertThat(toSlots.stalls).isEqualTo(toMemory.stalls);
    assertThat(toSlots.stalls.toString()).contains("OUTPUT", "DMB_DATA", "EXEC_BUSY", "STORE_BUSY");
    assertThat(toSlots.core.cycle()).isEqualTo(toMemory.core.cycle());
    assertThat(toMemory.core.counters().bytesStored()).isEqualTo(3 * 32 * 64 + 4 * 8 * 32);
    assertThat(toSlots.core.counters().bytesStored()).isZero();
  }

  /** Beats to slots leave a shared port to its loads, and no pseudo-channel sees them. */
  @Test
  void takesNothingOfTheMemory() {
    TataaConfig shared = U280.withMemory(U280.memory().withSharedYzPort(true));
    String load = "\nLOAD.M Y, tile=0, depth=64, addr=0x1000";
    String words = ".repeat 8\nV.MUL A0, B0 -> DMB\n.end\nNOP 40\n";
    TataaConfig fast = shared.withMemory(shared.memory().withLatencyCycles(8));
    Issue toMemory = Issue.of(fast, words + "STORE.V bf16, words=64, addr=0" + load);
    Issue toSlots = Issue.of(fast, words + "STORE.S vectors, words=64 -> B0" + load);
    assertThat(toMemory.core.counters().stalled(UnitKind.LOAD_Y, StallCause.PORT_SHARED))
        .isGreaterThan(40);
    assertThat(toSlots.core.counters().stalled(UnitKind.LOAD_Y, StallCause.PORT_SHARED)).isZero();
    TataaConfig channels = U280.withMemory(U280.memory().withHbm(HbmConfig.U280));
    toSlots = Issue.of(channels, words + "STORE.S vectors, words=64 -> B0");
    assertThat(toSlots.core.counters().columns()).isZero();
    assertThat(toSlots.core.counters().busy(UnitKind.OUTPUT)).isEqualTo(64);
  }

  /** Loads of the bytes whose numbers slots have in their bank, before and after. */
  @Test
  void hasNoPlaceInTheOrderOfMemory() {
    TataaConfig fast = U280.withMemory(U280.memory().withLatencyCycles(8));
    Issue issue =
        Issue.of(
            fast,
            ONE_WORD
                + "LOAD.M X, tile=0, depth=64, addr=0x400\nSTORE.S vectors, words=8 -> B4\n"
                + "LOAD.V B9, addr=0x400");
    int last = issue.accepts.size() - 1;
    assertThat(issue.accepts.get(last)).isEqualTo(issue.accepts.get(last - 2) + 2);
    assertThat(issue.core.counters().stalled(UnitKind.CONTROLLER)).isZero();
    issue =
        Issue.of(
            fast,
            ONE_WORD
                + "LOAD.M X, tile=0, depth=64, addr=0x400\nSTORE.V bf16, words=8, addr=0x400\n"
                + "LOAD.V B9, addr=0x400");
    assertThat(issue.core.counters().stalled(UnitKind.CONTROLLER, StallCause.MEMORY_ORDER))
        .isPositive();
  }

  /** Whether a program can go wrong is known before it runs. */
  @Test
  void slotsHoldVectorsAfterwards() {
    String words = ONE_WORD + "LOAD.M Y, tile=1, depth=8, addr=0\n";
    String store = "STORE.S vectors, words=8 -> B4\n";
    assertThat(runs(words + "V.MUL A0, B4 -> A0")).isFalse();
    assertThat(runs(words + store + "V.MUL A0, B4 -> A0")).isTrue();
    assertThat(runs(words + store + "V.MUL A0, B5 -> A0")).isFalse();
    assertThat(runs(words + store + "MATMUL x=0, y=1, depth=4, clear")).isTrue();
    assertThat(runs(words + store + "MATMUL x=0, y=1, depth=5, clear")).isFalse();
    assertThat(runs(words + store + store)).isFalse();
  }

  private static boolean runs(String source) {
    TataaCore core = new TataaCore(U280);
    core.load(assemble(source));
    return core.fastForwards();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "STORE.S vectors, words=8 -> B32 | slot=32 exceeds this machine's 31",
        "STORE.S vectors, words=16 -> B31 | slot=32 exceeds this machine's 31",
        "STORE.S sums, words=8 -> A31 | slot=32 exceeds this machine's 31",
        "STORE.S sums, words=12 -> A0 | words=12 is not a multiple of the 8 DMPUs",
        "STORE.S sums, words=8 -> A0 | pops 1 words of each DMB, but only 0 have been written"
      })
  void misuseNamesTheInstruction(String instruction, String message) {
    assertThatThrownBy(() -> Issue.of(U280, instruction))
        .isInstanceOf(ProgramException.class)
        .hasMessageStartingWith("cycle 0: instruction 0 `" + instruction + "`")
        .hasMessageContaining(message);
  }

  @Test
  void otherMachinesHaveNoPath() {
    assertThatThrownBy(() -> Issue.of(U280.withResultPath(false), "STORE.S vectors, words=8 -> B4"))
        .isInstanceOf(ProgramException.class)
        .hasMessageContaining("this machine has no result path to vector slots");
  }

  private static TataaConfig machine(int dmpus, int columns, int outputs, int portBytes) {
    ArrayGeometry geometry = new ArrayGeometry(dmpus, columns, outputs);
    Profiles profiles =
        outputs == 1 ? Profiles.DEFAULT.withAccumulator(AccumulatorKind.INT32) : Profiles.DEFAULT;
    return new TataaConfig(
        "test",
        1,
        geometry,
        new BufferConfig(32, 16, 8, 8, 64),
        MemoryConfig.unified(1 << 16).withPortBytes(portBytes),
        TimingConfig.released(geometry),
        profiles,
        225_000_000,
        false,
        false,
        true);
  }

  /** Every bit of the slots is what a STORE and LOAD.Vs leave there, ticked and in one go. */
  @ParameterizedTest
  @CsvSource({"8, 16, 2, 32", "2, 4, 2, 8", "2, 4, 2, 4", "3, 8, 1, 4", "5, 4, 2, 4", "1, 2, 2, 4"})
  void writesWhatStoreAndLoadsWould(int dmpus, int columns, int outputs, int portBytes) {
    TataaConfig config = machine(dmpus, columns, outputs, portBytes);
    Random random = new Random(dmpus);
    byte[] contents = new byte[1 << 15];
    random.nextBytes(contents);
    for (StoreMode mode : List.of(StoreMode.ACC_TO_BF16, StoreMode.BF16_TO_BF16)) {
      for (Bank bank : Bank.values()) {
        for (int each = 1; each <= 4; each++) {
          int words = each * dmpus;
          int bytes = words * mode.wordBytes(config.geometry());
          int vector = config.geometry().vectorBytes();
          int mantissa = random.nextInt(65536) - 32768;
          ProgramBuilder memory = begin(config, mode, mantissa);
          memory.store(mode, false, words, 1 << 15, bytes);
          for (int i = 0; i < bytes / vector; i++) {
            memory.loadV(bank, 3 + i, (1 << 15) + i * vector, vector);
          }
          ProgramBuilder slots = begin(config, mode, mantissa).storeSlots(mode, bank, 3, words);
          List<String> expected = slots(config, memory.build(), contents, true);
          String name = mode + " to " + bank + ", " + words + " words";
          assertThat(slots(config, slots.build(), contents, true)).as(name).isEqualTo(expected);
          assertThat(slots(config, slots.build(), contents, false)).as(name).isEqualTo(expected);
        }
      }
    }
  }

  // Four words in each buffer.
  private static ProgramBuilder begin(TataaConfig config, StoreMode mode, int mantissa) {
    ArrayGeometry geometry = config.geometry();
    ProgramBuilder builder = new ProgramBuilder().configScale(mantissa, 9);
    if (mode.fromSums()) {
      builder.loadMX(0, 16, 0, 16 * geometry.rows());
      builder.loadMY(0, 16, 0x1000, 16 * geometry.outputs());
      return builder.matmul(0, 0, 16, true, true);
    }
    for (int i = 0; i < 4; i++) {
      builder.loadV(Bank.A, 10 + i, 0x2000 + i * geometry.vectorBytes(), geometry.vectorBytes());
      builder.vectorToDmb(LaneOp.MAX, OperandSelect.A_A, 10 + i, 0, 0);
    }
    return builder;
  }

  // What all slots hold after a program.
  private static List<String> slots(
      TataaConfig config, Program program, byte[] contents, boolean isTicked) {
    TataaCore core = new TataaCore(config);
    core.memory().write(ExternalMemory.Space.X, 0, contents);
    core.load(program);
    assertThat(core.fastForwards()).isTrue();
    while (isTicked && !core.isFinished()) {
      core.tick();
    }
    core.advance(100_000);
    assertThat(core.isFinished()).isTrue();
    RegisterFileY rfy = core.registerFileY();
    List<String> slots = new ArrayList<>();
    for (int bank = 0; bank < 2; bank++) {
      for (int slot = 0; slot < rfy.slots(); slot++) {
        StringBuilder text = new StringBuilder().append(rfy.use(bank, slot));
        for (int dmpu = 0; dmpu < config.geometry().dmpus(); dmpu++) {
          text.append(' ').append(core.describeVector(bank, slot, dmpu));
        }
        slots.add(text.toString());
      }
    }
    return slots;
  }
}
