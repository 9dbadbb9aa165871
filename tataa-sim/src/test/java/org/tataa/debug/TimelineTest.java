package org.tataa.debug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Instruction;
import org.tataa.isa.Program;
import org.tataa.memory.ExternalMemory;
import org.tataa.reference.RandomPrograms;
import org.tataa.sim.Simulator;
import org.tataa.state.ScanList;

/** Wherever a timeline is moved, the state is that of a run straight to that cycle. */
class TimelineTest {
  private static Simulator start(TataaConfig config, Program program, long seed) {
    Simulator simulator = Simulator.builder(config).program(program).build();
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

  @Test
  void movesInAnyDirection() {
    Random random = new Random(11);
    TataaConfig config = RandomPrograms.machine(random, TataaConfig.tiny());
    // Long enough for checkpoints to be thinned out.
    List<Instruction> instructions = new ArrayList<>();
    while (instructions.size() < 20_000) {
      instructions.addAll(RandomPrograms.generate(random, config, 20_000));
    }
    Program program = Program.of(instructions);
    Timeline timeline = new Timeline(start(config, program, 1));
    timeline.step(Long.MAX_VALUE);
    long end = timeline.cycle();
    assertThat(end).isGreaterThan(66_000);
    List<Long> targets = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      targets.add((long) (random.nextDouble() * end));
    }
    for (long target : targets) {
      timeline.moveTo(target);
      Simulator straight = start(config, program, 1);
      straight.step(target);
      String name = "cycle " + target;
      assertThat(registers(straight).difference(registers(timeline.simulator())))
          .as(name)
          .isEmpty();
      assertThat(timeline.core().memory().contentHash())
          .as(name)
          .isEqualTo(straight.memory(0).contentHash());
    }
    timeline.moveTo(end + 1000);
    assertThat(timeline.cycle()).isEqualTo(end);
  }

  @Test
  void startsWhereItWasTakenOver() {
    TataaConfig config = TataaConfig.tiny().withCores(1);
    Simulator simulator =
        start(config, Program.of(RandomPrograms.generate(new Random(2), config, 40)), 3);
    simulator.step(50);
    Timeline timeline = new Timeline(simulator);
    timeline.step(20);
    timeline.moveTo(50);
    assertThatThrownBy(() -> timeline.moveTo(49))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cycle 49, expected 50 or more");
    assertThatThrownBy(
            () -> new Timeline(Simulator.builder(TataaConfig.tiny().withCores(2)).build()))
        .hasMessageContaining("2 cores, expected one");
  }
}
