package org.tataa.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.BufferConfig;
import org.tataa.config.HbmConfig;
import org.tataa.config.MemoryConfig;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.Disassembler;
import org.tataa.isa.Instruction;
import org.tataa.isa.Program;
import org.tataa.isa.StoreSlots;
import org.tataa.memory.ExternalMemory;
import org.tataa.observe.Counters;
import org.tataa.observe.UnitKind;

/** The clocked core against the un-clocked interpreter on random programs. */
class RandomProgramTest {
  private static final int[] SAME_ORDER = {0, 1, 2, 3, 4, 5, 6};

  /** Everything that can be told about a run: events sorted within each cycle, counters, memory. */
  private static final class Run {
    private final EventLog log = new EventLog();
    private final TataaCore core;
    private final List<String> events;

    Run(TataaConfig config, Program program, byte[] memory, int[] order) {
      core = new TataaCore(config);
      core.reorderUnits(order);
      int x = config.memory().xBase();
      core.memory()
          .write(
              ExternalMemory.Space.X,
              0,
              Arrays.copyOfRange(memory, x, x + config.memory().xBytes()));
      int yz = config.memory().yzBase();
      core.memory()
          .write(
              ExternalMemory.Space.YZ,
              0,
              Arrays.copyOfRange(memory, yz, yz + config.memory().yzBytes()));
      core.load(program);
      core.observe(log);
      while (!core.isFinished()) {
        core.tick();
        if (core.cycle() > 2_000_000) {
          throw new IllegalStateException("no end: " + core.describe());
        }
      }
      events = log.events();
    }

    byte[] memory(TataaConfig config) {
      byte[] all = new byte[config.memory().totalBytes()];
      byte[] x = core.memory().read(ExternalMemory.Space.X, 0, config.memory().xBytes());
      System.arraycopy(x, 0, all, config.memory().xBase(), x.length);
      byte[] yz = core.memory().read(ExternalMemory.Space.YZ, 0, config.memory().yzBytes());
      System.arraycopy(yz, 0, all, config.memory().yzBase(), yz.length);
      return all;
    }
  }

  private static byte[] initial(TataaConfig config, long seed) {
    byte[] memory = new byte[config.memory().totalBytes()];
    new Random(seed).nextBytes(memory);
    return memory;
  }

  /**
   * What is wrong with a program, or an empty string. Programs that misuse the machine are fine.
   */
  private static String problem(TataaConfig config, List<Instruction> instructions, long seed) {
    Program program = Program.of(instructions);
    Interpreter interpreter = new Interpreter(config);
    byte[] initial = initial(config, seed);
    System.arraycopy(initial, 0, interpreter.memory(), 0, initial.length);
    try {
      interpreter.run(program);
    } catch (IllegalStateException misuse) {
      return "";
    }
    Run run;
    try {
      run = new Run(config, program, initial, SAME_ORDER);
    } catch (RuntimeException e) {
      return "core stopped: " + e;
    }
    byte[] actual = run.memory(config);
    int difference = Arrays.mismatch(actual, interpreter.memory());
    if (difference >= 0) {
      return String.format(
          "memory differs at 0x%x: core %02x, interpreter %02x",
          difference, actual[difference], interpreter.memory()[difference]);
    }
    Counters counters = run.core.counters();
    for (UnitKind unit : UnitKind.values()) {
      long sum = counters.busy(unit) + counters.stalled(unit) + counters.idle(unit);
      if (sum != counters.cycles()) {
        return unit + " accounts for " + sum + " of " + counters.cycles() + " cycles";
      }
    }
    List<Integer> order = new ArrayList<>();
    for (int unit : SAME_ORDER) {
      order.add(unit);
    }
    Collections.shuffle(order, new Random(seed));
    Run shuffled =
        new Run(config, program, initial, order.stream().mapToInt(Integer::intValue).toArray());
    if (!shuffled.events.equals(run.events)) {
      for (int i = 0; i < run.events.size(); i++) {
        if (i >= shuffled.events.size() || !run.events.get(i).equals(shuffled.events.get(i))) {
          return "unit order " + order + " changes event `" + run.events.get(i) + "`";
        }
      }
      return "unit order " + order + " adds events";
    }
    if (!Arrays.equals(shuffled.memory(config), actual)) {
      return "unit order " + order + " changes memory";
    }
    return "";
  }

  private static void check(TataaConfig base, long firstSeed, int programs, int length) {
    int compared = 0;
    for (long seed = firstSeed; seed < firstSeed + programs; seed++) {
      Random random = new Random(seed);
      TataaConfig config = RandomPrograms.machine(random, base);
      List<Instruction> program =
          RandomPrograms.generate(random, config, 1 + random.nextInt(length));
      String problem = problem(config, program, seed);
      if (!problem.isEmpty()) {
        List<Instruction> smallest = shrink(config, program, seed);
        fail(
            "seed "
                + seed
                + ": "
                + problem(config, smallest, seed)
                + "\n"
                + config
                + "\n"
                + Disassembler.disassemble(Program.of(smallest)));
      }
      compared += legal(config, program, seed) ? 1 : 0;
    }
    // The generator must not fool itself with programs that nobody compares.
    assertThat(compared).isEqualTo(programs);
  }

  private static boolean legal(TataaConfig config, List<Instruction> program, long seed) {
    try {
      new Interpreter(config).run(Program.of(program));
      return true;
    } catch (IllegalStateException misuse) {
      return fail("seed " + seed + ": generator made an illegal program: " + misuse.getMessage());
    }
  }

  private static List<Instruction> shrink(
      TataaConfig config, List<Instruction> program, long seed) {
    List<Instruction> smallest = program;
    for (int part = program.size() / 2; part >= 1; part /= 2) {
      for (int from = 0; from + part <= smallest.size(); ) {
        List<Instruction> candidate = new ArrayList<>(smallest.subList(0, from));
        candidate.addAll(smallest.subList(from + part, smallest.size()));
        if (problem(config, candidate, seed).isEmpty()) {
          from += part;
        } else {
          smallest = candidate;
        }
      }
    }
    return smallest;
  }

  @Test
  void tinyMachine() {
    check(TataaConfig.tiny(), 0, 400, 80);
  }

  @Test
  void wholeCore() {
    check(TataaConfig.u280(), 10_000, 100, 60);
  }

  /** Another shape: three DMPUs of eight columns with one output each. */
  @Test
  void oneOutputPerColumn() {
    ArrayGeometry geometry = new ArrayGeometry(3, 8, 1);
    TataaConfig config =
        new TataaConfig(
            "unpacked",
            1,
            geometry,
            new BufferConfig(32, 12, 8, 12, 16),
            MemoryConfig.unified(1 << 16).withPortBytes(4),
            TimingConfig.released(geometry),
            Profiles.DEFAULT.withAccumulator(AccumulatorKind.INT32),
            1_000_000,
            false,
            false,
            false);
    check(config, 20_000, 100, 60);
  }

  /** Several beats of a vector load in a cycle, and memory whose beats come when they come. */
  @Test
  void wideVectorLoadsAndPseudoChannels() {
    TataaConfig tiny = TataaConfig.tiny();
    HbmConfig hbm = HbmConfig.U280.withChannels(2).withInterleaveBytes(64);
    check(tiny.withMemory(tiny.memory().withVectorLoadBeats(16)), 30_000, 60, 80);
    check(tiny.withMemory(tiny.memory().withHbm(hbm)), 31_000, 60, 80);
    check(
        tiny.withMemory(tiny.memory().withVectorLoadBeats(16).withHbm(hbm.withTurns(2))),
        32_000,
        60,
        80);
  }

  /** STOREs to vector slots, on every kind of port. */
  @Test
  void resultPath() {
    TataaConfig tiny = TataaConfig.tiny().withResultPath(true);
    HbmConfig hbm = HbmConfig.U280.withChannels(2).withInterleaveBytes(64);
    check(tiny, 40_000, 400, 80);
    check(TataaConfig.u280().withResultPath(true), 41_000, 100, 60);
    check(tiny.withMemory(tiny.memory().withVectorLoadBeats(16)), 42_000, 60, 80);
    check(tiny.withMemory(tiny.memory().withHbm(hbm)), 43_000, 60, 80);
    List<Instruction> some = RandomPrograms.generate(new Random(40_000), tiny, 1000);
    assertThat(some.stream().filter(StoreSlots.class::isInstance).count()).isGreaterThan(10);
  }

  /** More slots and deeper tiles than the released words can say. */
  @Test
  void wideEncoding() {
    TataaConfig tiny = TataaConfig.tiny();
    TataaConfig large = tiny.withBuffers(new BufferConfig(1024, 256, 8, 8, 16));
    byte[] one = Program.of(RandomPrograms.generate(new Random(33_000), large, 80)).toBytes();
    assertThatThrownBy(() -> Program.fromBytes(one)).hasMessageContaining("must be 0");
    check(large, 33_000, 60, 80);
    check(tiny.withBuffers(new BufferConfig(700, 48, 8, 8, 16)), 34_000, 60, 80);
  }

  @Tag("heavy")
  @Test
  void manyMore() {
    check(TataaConfig.tiny(), 1_000_000, 10_000, 150);
    check(TataaConfig.u280(), 2_000_000, 1_000, 100);
    check(TataaConfig.tiny().withResultPath(true), 3_000_000, 5_000, 150);
    check(TataaConfig.u280().withResultPath(true), 4_000_000, 500, 100);
  }
}
