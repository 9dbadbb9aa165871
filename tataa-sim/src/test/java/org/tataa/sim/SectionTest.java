package org.tataa.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tataa.config.HbmConfig;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.Program;
import org.tataa.memory.ExternalMemory;
import org.tataa.observe.Counters;
import org.tataa.reference.RandomPrograms;
import org.tataa.state.ScanList;

/**
 * What sections of a program cost is the same on all engines, adds up to what the program costs,
 * and depends on the cut alone.
 */
class SectionTest {
  private static ScanList registers(Counters counters) {
    ScanList list = new ScanList();
    counters.scan(list);
    counters.scanChannels(list);
    return list;
  }

  private static Set<Integer> starts(Random random, int size) {
    Set<Integer> starts = new TreeSet<>(List.of(0));
    for (int i = random.nextInt(6); i > 0; i--) {
      starts.add(random.nextInt(size));
    }
    return starts;
  }

  private static void check(TataaConfig base, long firstSeed, int programs) {
    int sections = 0;
    for (long seed = firstSeed; seed < firstSeed + programs; seed++) {
      Random random = new Random(seed);
      TataaConfig config = RandomPrograms.machine(random, base);
      Program program =
          Program.of(RandomPrograms.generate(random, config, 2 + random.nextInt(100)));
      List<Integer> starts = List.copyOf(starts(random, program.size()));
      List<Counters> expected = null;
      for (Engine engine : Engine.values()) {
        Simulator simulator = Simulator.builder(config).program(program).engine(engine).build();
        byte[] bytes = new byte[config.memory().xBytes()];
        new Random(seed).nextBytes(bytes);
        simulator.memory(0).write(ExternalMemory.Space.X, 0, bytes);
        List<Integer> heard = new ArrayList<>();
        TataaCore core = simulator.core(0);
        core.cut(
            starts,
            (section, stored) -> {
              heard.add(section);
              assertThat(stored).isBetween(0, section + 1);
              assertThat(core.controller().pc()).isEqualTo(starts.get(section + 1));
            });
        simulator.run();
        List<Counters> costs = core.sectionCounters();
        String what = "seed " + seed + " on " + engine + ", sections from " + starts;
        assertThat(heard).as(what).hasSize(starts.size() - 1).isSorted();
        Counters sum = new Counters();
        costs.forEach(sum::add);
        assertThat(registers(sum).difference(registers(core.counters()))).as(what).isEmpty();
        expected = expected == null ? costs : expected;
        for (int i = 0; i < costs.size(); i++) {
          assertThat(registers(costs.get(i)).difference(registers(expected.get(i))))
              .as("section %d, %s", i, what)
              .isEmpty();
        }
      }
      sections += starts.size();
    }
    assertThat(sections).isGreaterThan(2 * programs);
  }

  @Test
  void tinyMachine() {
    check(TataaConfig.tiny(), 10_000, 200);
  }

  @Test
  void wholeCore() {
    check(TataaConfig.u280(), 20_000, 30);
  }

  @Test
  void resultPath() {
    check(TataaConfig.tiny().withResultPath(true), 40_000, 100);
  }

  @Test
  void pseudoChannels() {
    TataaConfig base = TataaConfig.tiny();
    check(base.withMemory(base.memory().withHbm(HbmConfig.U280)), 30_000, 20);
  }

  @Tag("heavy")
  @Test
  void manyMore() {
    check(TataaConfig.tiny(), 1_000_000, 5_000);
    check(TataaConfig.u280(), 2_000_000, 500);
  }

  @Test
  void sectionsThatAreNone() {
    TataaCore core = new TataaCore(TataaConfig.tiny());
    core.load(Program.of(RandomPrograms.generate(new Random(1), TataaConfig.tiny(), 20)));
    for (List<Integer> starts :
        List.of(
            List.<Integer>of(), List.of(1), List.of(0, 5, 5), List.of(0, 1000), List.of(0, -1))) {
      assertThatThrownBy(() -> core.cut(starts, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("sections start at " + starts + ", expected ascending numbers");
    }
  }
}
