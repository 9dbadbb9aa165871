package org.tataa.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tataa.config.HbmConfig;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;
import org.tataa.reference.RandomPrograms;
import org.tataa.state.ScanList;

/** Cores on the same pseudo-channels slow one another down; on their own they do not. */
class SharedChannelsTest {
  private static final HbmConfig ONE = HbmConfig.U280.withChannels(1);

  private static TataaConfig machine(int cores, HbmConfig hbm) {
    TataaConfig config = TataaConfig.u280().withCores(cores);
    return config.withMemory(config.memory().withHbm(hbm));
  }

  // Tiles one after the other through both ports: as much as the ports can read.
  private static Program reader(int tiles) {
    ProgramBuilder builder = new ProgramBuilder();
    for (int i = 0; i < tiles; i++) {
      builder.loadMX(i % 2, 512, 32768L * i, 16384);
      builder.loadMY(i % 2, 512, 32768L * i + 16384, 16384);
    }
    return builder.halt().build();
  }

  private static RunResult run(TataaConfig config, Program program, Engine engine) {
    Simulator simulator =
        Simulator.builder(config).program(program).engine(engine).sharedMemory().build();
    return simulator.run();
  }

  @Test
  void readersShareTheRateOfAChannel() {
    Program program = reader(8);
    long alone = run(machine(1, ONE), program, Engine.FAST_FORWARD).cycles();
    long own = run(machine(4, ONE), program, Engine.FAST_FORWARD).cycles();
    RunResult shared = run(machine(4, ONE.withShared(true)), program, Engine.FAST_FORWARD);
    assertThat(own).isEqualTo(alone);
    // One core's two ports ask for what a channel can give, 14.4 GB/s; four ask for four times it.
    double bytes = 4.0 * 8 * 2 * 16384;
    double rate = bytes * 225e6 / shared.cycles() / 1e9;
    assertThat(shared.cycles()).isGreaterThan(3 * alone);
    assertThat(rate).isBetween(10.0, 13.3);
    for (CoreResult core : shared.cores()) {
      assertThat(core.counters().stalled(UnitKind.LOAD_X, StallCause.BANDWIDTH)).isPositive();
    }
  }

  @Test
  void moreChannelsRemoveTheContention() {
    Program program = reader(4);
    long before = Long.MAX_VALUE;
    for (int channels = 1; channels <= 16; channels *= 4) {
      HbmConfig hbm = HbmConfig.U280.withChannels(channels).withShared(true);
      long cycles = run(machine(4, hbm), program, Engine.FAST_FORWARD).cycles();
      assertThat(cycles).isLessThan(before);
      before = cycles;
    }
  }

  @Test
  void turnsAreAShareWhateverOthersDo() {
    Program program = reader(8);
    long all = run(machine(1, ONE), program, Engine.FAST_FORWARD).cycles();
    long quarter = run(machine(1, ONE.withTurns(4)), program, Engine.FAST_FORWARD).cycles();
    assertThat((double) quarter / all).isBetween(3.0, 4.1);
  }

  /** The same registers, counters and memory in every engine, at any stop. */
  @Test
  void enginesAgree() {
    TataaConfig base = TataaConfig.tiny().withCores(3);
    HbmConfig hbm = HbmConfig.U280.withChannels(2).withInterleaveBytes(64).withShared(true);
    TataaConfig config = base.withMemory(base.memory().withHbm(hbm));
    List<Program> programs = new ArrayList<>();
    for (int core = 0; core < 3; core++) {
      Random random = new Random(core);
      programs.add(Program.of(RandomPrograms.generate(random, config, 80)));
    }
    List<Simulator> simulators = new ArrayList<>();
    for (Engine engine : Engine.values()) {
      Simulator simulator = Simulator.builder(config).engine(engine).build();
      simulator.load(programs);
      simulators.add(simulator);
    }
    Random stops = new Random(1);
    while (!simulators.get(0).isFinished()) {
      long cycles = 1 + stops.nextInt(300);
      List<ScanList> lists = new ArrayList<>();
      for (Simulator simulator : simulators) {
        simulator.step(cycles);
        ScanList list = new ScanList();
        simulator.scan(list);
        lists.add(list);
      }
      assertThat(lists.get(0).difference(lists.get(1))).isEmpty();
      assertThat(lists.get(0).difference(lists.get(2))).isEmpty();
    }
    assertThat(Collections.max(List.of(simulators.get(1).cycle(), simulators.get(2).cycle())))
        .isEqualTo(simulators.get(0).cycle());
  }
}
