package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.machine.CoreMachine;
import org.tataa.observe.Counters;
import org.tataa.observe.UnitKind;
import org.tataa.schedule.Schedule;
import org.tataa.sim.Engine;
import org.tataa.sim.HostOptions;
import org.tataa.tensor.SmallTensorPrograms;
import org.tataa.tensor.TensorInterpreter;
import org.tataa.tensor.Value;
import org.tataa.tile.Partition;
import org.tataa.tile.TileInterpreter;
import org.tataa.tile.TileProgram;
import org.tataa.tile.TileStep;
import org.tataa.tiling.Machines;

/**
 * Items split over cores: every bit of every value is that of the tensor program, on all engines
 * and without a clock, whatever the number of cores; cycles do not depend on the engine.
 */
class PartitionTest {
  private static final int[] CORES = {2, 3, 8};

  static Stream<TataaConfig> machines() {
    return Machines.all().stream();
  }

  @ParameterizedTest
  @MethodSource("machines")
  void valuesOfRandomProgramsStayTheSame(TataaConfig config) {
    for (long seed = 0; seed < 15; seed++) {
      compare(config, seed);
    }
  }

  @Tag("heavy")
  @ParameterizedTest
  @MethodSource("machines")
  void valuesOfManyRandomProgramsStayTheSame(TataaConfig config) {
    for (long seed = 20_000; seed < 20_400; seed++) {
      compare(config, seed);
    }
  }

  private static void compare(TataaConfig machine, long seed) {
    IsaProfile isa = seed % 4 == 3 ? IsaProfile.PUBLISHED : IsaProfile.EXTENDED;
    TataaConfig config = machine.withProfiles(machine.profiles().withIsa(isa));
    compare(config, SmallTensorPrograms.of(seed, isa), CORES[(int) (seed % CORES.length)], seed);
  }

  /** Compares all levels; gives the program. */
  static Compilation compare(
      TataaConfig config, SmallTensorPrograms.Sample sample, int cores, long seed) {
    String what = "seed " + seed + " on " + config;
    try {
      Compilation compilation = Compilation.of(config, sample.program(), cores);
      Map<Value, short[]> expected = new HashMap<>();
      Map<String, NdTensor> outputs =
          new TensorInterpreter(compilation.tensors(), config)
              .run(sample.inputs(), (value, bits) -> expected.put(value, bits.clone()))
              .outputs();
      Schedule schedule = compilation.schedule();
      tiles(what, compilation, sample, outputs);
      run(what, CoreMachine.unclocked(schedule.core()), compilation, sample, outputs, expected);
      List<Long> cycles = new ArrayList<>();
      for (Engine engine : Engine.values()) {
        // The slow ones only now and then.
        if (engine == Engine.FAST_FORWARD || seed % 8 == engine.ordinal()) {
          CoreMachine clocked =
              CoreMachine.simulated(schedule.core(), new HostOptions(engine, (int) (seed % 3)));
          cycles.add(run(what + " " + engine, clocked, compilation, sample, outputs, expected));
        }
      }
      assertThat(cycles.stream().distinct()).as(what).hasSize(1);
      return compilation;
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
  }

  // Level 3 with every share as a step of its own, cores one after the other.
  private static void tiles(
      String what,
      Compilation compilation,
      SmallTensorPrograms.Sample sample,
      Map<String, NdTensor> outputs) {
    TileProgram tiles = compilation.schedule().tiles();
    List<TileStep> steps = new ArrayList<>();
    for (int i = 0; i < tiles.steps().size(); i++) {
      Partition.Step split = compilation.schedule().partition().steps().get(i);
      split.shares().forEach(steps::addAll);
      if (split.shares().isEmpty()) {
        steps.add(tiles.steps().get(i));
      }
    }
    TileProgram shares =
        new TileProgram(tiles.name(), tiles.config(), steps, List.of(), tiles.outputs());
    Map<String, NdTensor> actual =
        TileInterpreter.run(
            shares, ScheduleRun.inputs(compilation.tensors(), sample.inputs()), null);
    outputs.forEach(
        (name, value) ->
            assertThat(actual.get(name).floats())
                .as("%s, level 3: %s", what, name)
                .isEqualTo(value.floats()));
  }

  // Checks every value, and that counters close; the cycles.
  private static long run(
      String what,
      CoreMachine machine,
      Compilation compilation,
      SmallTensorPrograms.Sample sample,
      Map<String, NdTensor> outputs,
      Map<Value, short[]> expected) {
    Schedule schedule = compilation.schedule();
    ScheduleRun run = new ScheduleRun(schedule, machine);
    run.load();
    long[] cycles = {0};
    ScheduleRun.Observer values = CompilationTest.comparing(what, schedule, run, expected);
    Map<String, NdTensor> actual =
        run.run(
            ScheduleRun.inputs(compilation.tensors(), sample.inputs()),
            new ScheduleRun.Observer() {
              @Override
              public void accepted(int step, int stored) {
                values.accepted(step, stored);
              }

              @Override
              public void done(
                  Schedule.Segment segment, int step, CoreMachine.Cost cost, long hostBytes) {
                cycles[0] += cost.cycles();
                for (Counters core : cost.cores()) {
                  assertThat(core.cycles()).as(what).isEqualTo(cost.cycles());
                  for (UnitKind unit : UnitKind.values()) {
                    assertThat(core.busy(unit) + core.stalled(unit) + core.idle(unit))
                        .isEqualTo(cost.cycles());
                  }
                }
              }
            });
    outputs.forEach(
        (name, value) ->
            assertThat(actual.get(name).floats())
                .as("%s: %s", what, name)
                .isEqualTo(value.floats()));
    return cycles[0];
  }

  /** The text of a step that is split names barriers and shares; instructions are by core. */
  @Test
  void levelsAsText() {
    TataaConfig config = TataaConfig.u280();
    Compilation split = null;
    for (long seed = 0; split == null; seed++) {
      SmallTensorPrograms.Sample sample = SmallTensorPrograms.of(seed, IsaProfile.EXTENDED);
      Compilation compilation = Compilation.of(config, sample.program(), 3);
      boolean hasBarrier =
          compilation.schedule().partition().steps().stream()
              .anyMatch(step -> step.barrierCycles() > 0);
      split = hasBarrier ? compilation : null;
    }
    assertThat(LevelText.TILE.of(split))
        .contains("each item on 3 cores", "\nbarrier 36 cycles\n", "\n  shares ");
    assertThat(LevelText.ASM.of(split)).contains("; barrier 36 cycles\n; core 0\n", "; core 2\n");
  }
}
