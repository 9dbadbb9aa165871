package org.tataa.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tataa.config.HbmConfig;
import org.tataa.config.HbmTiming;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Disassembler;
import org.tataa.isa.Instruction;
import org.tataa.isa.Program;
import org.tataa.memory.ExternalMemory;
import org.tataa.reference.RandomPrograms;
import org.tataa.state.ScanList;

/** The engines leave the same registers, counters and memory behind, wherever they stop. */
class EngineTest {
  private static Simulator start(
      TataaConfig config, List<Instruction> program, long seed, Engine engine) {
    Simulator simulator =
        Simulator.builder(config).program(Program.of(program)).engine(engine).build();
    byte[] bytes = new byte[config.memory().xBytes()];
    new Random(seed).nextBytes(bytes);
    simulator.memory(0).write(ExternalMemory.Space.X, 0, bytes);
    return simulator;
  }

  private static ScanList registers(Simulator simulator) {
    ScanList list = new ScanList();
    simulator.scan(list);
    return list;
  }

  /** What differs when all are stopped now and then, or an empty string. */
  private static String problem(
      TataaConfig config, List<Instruction> program, long seed, int stops) {
    Simulator register = start(config, program, seed, Engine.REGISTER);
    List<Simulator> others =
        List.of(
            start(config, program, seed, Engine.STEPPING),
            start(config, program, seed, Engine.FAST_FORWARD));
    Random random = new Random(seed);
    for (int stop = 0; !register.isFinished(); stop++) {
      long cycles = stop < stops ? 1 + random.nextInt(1 << random.nextInt(10)) : 100_000;
      String expected = step(register, cycles);
      ScanList registers = registers(register);
      for (Simulator other : others) {
        String actual = step(other, cycles);
        if (!actual.equals(expected)) {
          return "cycle " + register.cycle() + ": `" + expected + "` against `" + actual + "`";
        }
        String difference = registers.difference(registers(other));
        if (!difference.isEmpty()) {
          return "cycle " + register.cycle() + ": " + difference;
        }
      }
      if (!expected.isEmpty()) {
        return "";
      }
    }
    for (Simulator other : others) {
      if (!other.isFinished()
          || other.memory(0).contentHash() != register.memory(0).contentHash()) {
        return "memory at the end";
      }
    }
    return "";
  }

  private static String step(Simulator simulator, long cycles) {
    try {
      simulator.step(cycles);
      return "";
    } catch (RuntimeException e) {
      return e.toString();
    }
  }

  private static void check(TataaConfig base, long firstSeed, int programs) {
    int forwarded = 0;
    for (long seed = firstSeed; seed < firstSeed + programs; seed++) {
      Random random = new Random(seed);
      TataaConfig config = RandomPrograms.machine(random, base);
      List<Instruction> program = RandomPrograms.generate(random, config, 1 + random.nextInt(120));
      if (random.nextInt(8) == 0) {
        // Mostly no longer legal: all engines must fail in the same cycle with the same words.
        Collections.swap(program, random.nextInt(program.size()), random.nextInt(program.size()));
      }
      int stops = random.nextInt(3) * 5;
      forwarded += start(config, program, seed, Engine.STEPPING).core(0).fastForwards() ? 1 : 0;
      String problem = problem(config, program, seed, stops);
      if (!problem.isEmpty()) {
        List<Instruction> smallest = shrink(config, program, seed, stops);
        fail(
            "seed %d: %s%n%s%n%s",
            seed,
            problem(config, smallest, seed, stops),
            config,
            Disassembler.disassemble(Program.of(smallest)));
      }
    }
    if (base.memory().hbm() == null) {
      assertThat(forwarded).as("programs that are not ticked").isGreaterThan(programs / 3);
    }
  }

  private static List<Instruction> shrink(
      TataaConfig config, List<Instruction> program, long seed, int stops) {
    List<Instruction> smallest = program;
    for (int part = program.size() / 2; part >= 1; part /= 2) {
      for (int from = 0; from + part <= smallest.size(); ) {
        List<Instruction> candidate = new ArrayList<>(smallest.subList(0, from));
        candidate.addAll(smallest.subList(from + part, smallest.size()));
        if (problem(config, candidate, seed, stops).isEmpty()) {
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
    check(TataaConfig.tiny(), 50_000, 400);
  }

  @Test
  void wholeCore() {
    check(TataaConfig.u280(), 60_000, 60);
  }

  /** Several beats of a vector load in a cycle, several slots of one. */
  @Test
  void wideVectorLoads() {
    for (int beats : new int[] {2, 8, 32}) {
      check(wide(TataaConfig.tiny(), beats), 80_000 + beats, 40);
    }
    check(wide(TataaConfig.u280(), 32), 81_000, 4);
    check(wide(UnusualMachine.of(3, 8, 1), 16), 82_000, 20);
  }

  /** STOREs to vector slots. */
  @Test
  void resultPath() {
    TataaConfig tiny = TataaConfig.tiny().withResultPath(true);
    check(tiny, 94_000, 400);
    check(TataaConfig.u280().withResultPath(true), 95_000, 40);
    check(UnusualMachine.of(3, 8, 1).withResultPath(true), 96_000, 60);
    check(channels(wide(tiny, 8), HbmConfig.U280.withChannels(2)), 97_000, 20);
  }

  /** Pseudo-channels: few, with frequent refresh and small rows, so that everything happens. */
  @Test
  void pseudoChannels() {
    HbmTiming busy = new HbmTiming(40, 7, 7, 15, 3, 8, 2, 3, 10, 6, 8, 400, 117);
    HbmConfig small = new HbmConfig(2, 64, false, 1, 2, 2, 64, 8, 4, 450_000_000L, busy);
    check(channels(TataaConfig.tiny(), small), 90_000, 40);
    check(channels(wide(TataaConfig.tiny(), 8), small.withTurns(3)), 91_000, 30);
    check(channels(TataaConfig.u280(), HbmConfig.U280), 92_000, 4);
    check(
        channels(UnusualMachine.of(3, 8, 1).withClockHz(225_000_000), HbmConfig.U280), 93_000, 20);
  }

  private static TataaConfig channels(TataaConfig base, HbmConfig hbm) {
    return base.withMemory(base.memory().withHbm(hbm));
  }

  private static TataaConfig wide(TataaConfig base, int beats) {
    return base.withMemory(base.memory().withVectorLoadBeats(beats));
  }

  /** Other shapes: DMPUs, columns and outputs of a column in any number. */
  @Test
  void unusualGeometries() {
    check(UnusualMachine.of(1, 2, 2), 70_000, 60);
    check(UnusualMachine.of(3, 8, 1), 71_000, 60);
    check(UnusualMachine.of(5, 4, 2), 72_000, 60);
  }

  @Tag("heavy")
  @Test
  void manyMore() {
    check(TataaConfig.tiny(), 3_000_000, 10_000);
    check(TataaConfig.u280(), 4_000_000, 1_000);
    check(wide(TataaConfig.tiny(), 8), 5_000_000, 1_000);
    check(channels(wide(TataaConfig.tiny(), 4), HbmConfig.U280.withChannels(2)), 6_000_000, 1_000);
    check(TataaConfig.tiny().withResultPath(true), 7_000_000, 5_000);
    check(TataaConfig.u280().withResultPath(true), 8_000_000, 500);
  }

  @Test
  void severalCoresOnSeveralThreads() {
    List<Program> programs = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      TataaConfig tiny = TataaConfig.tiny();
      programs.add(Program.of(RandomPrograms.generate(new Random(i), tiny, 50 + 10 * i)));
    }
    TataaConfig config = TataaConfig.tiny().withCores(programs.size());
    Simulator register = Simulator.builder(config).engine(Engine.REGISTER).build();
    register.load(programs);
    register.step(200);
    ScanList halfway = registers(register);
    long cycles = register.run().cycles();
    for (Engine engine : List.of(Engine.STEPPING, Engine.FAST_FORWARD)) {
      Simulator other = Simulator.builder(config).engine(engine).build();
      other.load(programs);
      other.step(200);
      assertThat(halfway.difference(registers(other))).isEmpty();
      assertThat(other.run().cycles()).isEqualTo(cycles);
      assertThat(registers(register).difference(registers(other))).isEmpty();
    }
  }
}
