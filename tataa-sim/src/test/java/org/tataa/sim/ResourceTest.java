package org.tataa.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.config.BufferConfig;
import org.tataa.config.HbmConfig;
import org.tataa.config.MemoryConfig;
import org.tataa.config.TataaConfig;
import org.tataa.control.ProgramException;
import org.tataa.core.TataaCore;
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.observe.Counters;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;
import org.tataa.reference.RandomPrograms;

/** What more, or less, of a resource does to given programs (docs/checks.md). */
class ResourceTest {
  private static final int PROGRAMS = 50;

  private static Counters run(TataaConfig config, Program program) {
    TataaCore core = TataaCore.withoutValues(config);
    core.load(program);
    core.advance(10_000_000);
    assertThat(core.isFinished()).isTrue();
    return core.counters();
  }

  // A machine of random ports and profiles with nothing of what a test varies.
  private static TataaConfig machine(Random random) {
    TataaConfig tiny = TataaConfig.tiny();
    TataaConfig config = RandomPrograms.machine(random, tiny);
    MemoryConfig memory = config.memory().withSharedYzPort(false).withBeatInterval(1);
    return config
        .withMemory(memory)
        .withTiming(tiny.timing())
        .withOverlappedDrain(false)
        .withPipelinedMode(false);
  }

  private static BufferConfig buffers(TataaConfig config, int dmbDepth, int outputFifoBeats) {
    return config.buffers().withDmbDepth(dmbDepth).withOutputFifoBeats(outputFifoBeats);
  }

  private static List<TataaConfig> growing(IntFunction<TataaConfig> machine, int... values) {
    return IntStream.of(values).mapToObj(machine).toList();
  }

  private static List<TataaConfig> growing(String resource, TataaConfig c) {
    MemoryConfig m = c.memory();
    return switch (resource) {
      case "latency" -> growing(v -> c.withMemory(m.withLatencyCycles(v)), 128, 64, 32, 16, 8);
      case "bandwidth" -> growing(v -> c.withMemory(m.withBeatInterval(v)), 8, 4, 2, 1);
      case "queue" -> growing(v -> c.withMemory(m.withQueueDepth(v)), 1, 2, 4, 8);
      case "vector beats" -> growing(v -> c.withMemory(m.withVectorLoadBeats(v)), 1, 2, 4, 8);
      case "own port" -> growing(v -> c.withMemory(m.withSharedYzPort(v == 0)), 0, 1);
      case "output FIFO" ->
          growing(v -> c.withBuffers(buffers(c, c.buffers().dmbDepth(), v)), 4, 16, 64, 256);
      case "dual-mode buffers" -> growing(v -> c.withBuffers(buffers(c, v, 16)), 8, 16, 32, 64);
      case "pipelined mode" -> growing(v -> c.withPipelinedMode(v == 1), 0, 1);
      case "double sums" -> growing(v -> c.withOverlappedDrain(v == 1), 0, 1);
      default -> throw new IllegalArgumentException(resource);
    };
  }

  // A load is accepted so late that its first beat comes after an older store's last, or after the
  // last use of its slot. With less latency that is later, and what stands behind it waits.
  private static long heldLoads(Counters counters) {
    return counters.stalled(UnitKind.CONTROLLER, StallCause.MEMORY_ORDER)
        + counters.stalled(UnitKind.CONTROLLER, StallCause.SLOT_IN_USE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "latency",
        "bandwidth",
        "queue",
        "vector beats",
        "own port",
        "output FIFO",
        "dual-mode buffers",
        "pipelined mode",
        "double sums"
      })
  void cyclesDoNotRiseWhenAResourceGrows(String resource) {
    boolean mayHoldLoads = resource.equals("latency") || resource.equals("bandwidth");
    long least = 0;
    long most = 0;
    for (int seed = 0; seed < PROGRAMS; seed++) {
      Random random = new Random(seed);
      TataaConfig config = machine(random);
      Program program =
          Program.of(RandomPrograms.generate(random, config, 1 + random.nextInt(100)));
      Counters before = null;
      for (TataaConfig larger : growing(resource, config)) {
        Counters counters = run(larger, program);
        if (before == null) {
          most += counters.cycles();
        } else if (!mayHoldLoads || heldLoads(counters) <= heldLoads(before)) {
          assertThat(counters.cycles())
              .as("program %d on %s", seed, larger)
              .isLessThanOrEqualTo(before.cycles());
        }
        before = new Counters();
        before.copyFrom(counters);
      }
      least += before == null ? 0 : before.cycles();
    }
    // Legal programs fit the smallest buffers, and random ones store too little to fill a FIFO.
    if (!resource.equals("dual-mode buffers") && !resource.equals("output FIFO")) {
      assertThat(least).as("the resource matters").isLessThan(most);
    }
  }

  @Test
  void fullBandwidthHasNoStallsForIt() {
    long slow = 0;
    for (int seed = 0; seed < PROGRAMS; seed++) {
      Random random = new Random(seed);
      TataaConfig config = machine(random);
      Program program = Program.of(RandomPrograms.generate(random, config, 60));
      assertThat(bandwidthStalls(run(config, program))).isZero();
      MemoryConfig half = config.memory().withBeatInterval(2);
      slow += bandwidthStalls(run(config.withMemory(half), program));
    }
    assertThat(slow).isPositive();
  }

  private static long bandwidthStalls(Counters counters) {
    long sum = 0;
    for (UnitKind unit : UnitKind.values()) {
      sum += counters.stalled(unit, StallCause.BANDWIDTH);
      sum += counters.stalled(unit, StallCause.PORT_SHARED);
    }
    return sum;
  }

  @Test
  void countersStayWithinTheirBounds() {
    HbmConfig hbm = HbmConfig.U280.withChannels(2).withInterleaveBytes(64);
    for (int seed = 0; seed < PROGRAMS; seed++) {
      Random random = new Random(seed);
      TataaConfig tiny = TataaConfig.tiny().withResultPath(seed % 2 == 0);
      MemoryConfig memory = tiny.memory().withVectorLoadBeats(1 << seed % 4);
      TataaConfig base = tiny.withMemory(seed % 3 == 0 ? memory.withHbm(hbm) : memory);
      TataaConfig config = RandomPrograms.machine(random, base);
      Program program = Program.of(RandomPrograms.generate(random, config, 80));
      Counters counters = run(config, program);
      long cycles = counters.cycles();
      for (UnitKind unit : UnitKind.values()) {
        assertThat(counters.busy(unit)).isBetween(0L, cycles);
        assertThat(counters.idle(unit)).isBetween(0L, cycles);
        for (StallCause cause : StallCause.values()) {
          assertThat(counters.stalled(unit, cause)).isBetween(0L, cycles);
        }
        assertThat(counters.busy(unit) + counters.stalled(unit) + counters.idle(unit))
            .isEqualTo(cycles);
      }
      assertThat(counters.instructions()).isEqualTo(program.size());
      assertThat(counters.instructions()).isLessThanOrEqualTo(cycles);
      assertThat(counters.macs()).isBetween(0L, cycles * config.macsPerCycle());
      assertThat(counters.laneOperations())
          .isEqualTo(counters.vectorOperations() * config.geometry().lanes());
      assertThat(counters.vectorOperations()).isBetween(0L, cycles);
      assertThat(counters.modeSwitches()).isBetween(0L, counters.instructions());
      assertThat(counters.wraps()).isBetween(0L, counters.readouts());
      assertThat(counters.borrows()).isBetween(0L, counters.readouts());
      assertThat(counters.activates()).isBetween(0L, counters.columns());
      for (PortRate rate : PortRate.of(config, counters)) {
        assertThat(rate.bytes()).isNotNegative();
        assertThat(rate.share()).as("%s of program %d", rate.port(), seed).isBetween(0.0, 1.0);
      }
    }
  }

  @Test
  void buffersThatAreTooSmallAreErrors() {
    TataaConfig u280 = TataaConfig.u280();
    assertThatThrownBy(() -> new BufferConfig(512, 32, 8, 3, 64))
        .hasMessageContaining("dmbDepth=3");
    assertThatThrownBy(() -> new BufferConfig(512, 0, 8, 32, 64))
        .hasMessageContaining("vectorSlots=0");
    assertThatThrownBy(() -> new BufferConfig(2, 1, 8, 32, 64)).hasMessageContaining("tileDepth=2");
    TataaConfig small = u280.withBuffers(new BufferConfig(64, 32, 8, 4, 64));
    Program deep =
        new ProgramBuilder()
            .loadMX(0, 65, 0, 65 * 32)
            .loadMY(0, 65, 4096, 65 * 32)
            .matmul(0, 0, 65, true, true)
            .halt()
            .build();
    assertThat(run(u280, deep).macs()).isPositive();
    assertThatThrownBy(() -> run(small, deep))
        .isInstanceOf(ProgramException.class)
        .hasMessageContaining("depth=65");
    // Two drained blocks do not fit four words, and no STORE makes room.
    Program twice =
        new ProgramBuilder()
            .loadMX(0, 8, 0, 8 * 32)
            .loadMY(0, 8, 4096, 8 * 32)
            .matmul(0, 0, 8, true, true)
            .matmul(0, 0, 8, true, true)
            .halt()
            .build();
    assertThat(run(u280, twice).macs()).isPositive();
    assertThatThrownBy(() -> run(small, twice)).hasMessageContaining("dual-mode buffers full");
  }
}
