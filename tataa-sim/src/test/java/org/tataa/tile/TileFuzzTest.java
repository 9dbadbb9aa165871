package org.tataa.tile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tataa.compiler.ScheduleRun;
import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.fuzz.Fuzz;
import org.tataa.graph.NdTensor;
import org.tataa.machine.CoreMachine;
import org.tataa.schedule.RandomPair;
import org.tataa.schedule.Schedule;
import org.tataa.schedule.ScheduleException;
import org.tataa.schedule.Scheduler;
import org.tataa.schedule.SlotForwarding;
import org.tataa.schedule.VectorPlans;
import org.tataa.tensor.Element;
import org.tataa.tensor.SmallTensorPrograms;
import org.tataa.tensor.Value;
import org.tataa.tiling.Machines;
import org.tataa.tiling.Tiling;

/**
 * What the verifier of tile programs lets pass can be interpreted, scheduled and executed, and the
 * instructions give the bits of the tile program as long as nothing depends on padding.
 */
class TileFuzzTest {
  /** Mutations of each random program. */
  private static final int MUTATIONS = 16;

  private record Sample(TileProgram tiles, Map<Value, NdTensor> inputs) {}

  private Sample sample = new Sample(emptyProgram(), Map.of());
  private long sampleSeed = -1;

  private static TileProgram emptyProgram() {
    return new TileProgram("none", TataaConfig.tiny(), List.of(), List.of(), Map.of());
  }

  @Test
  void mutatedProgramsAreRefusedOrRun() {
    Fuzz.Count count = Fuzz.cases(0, 1500, this::isAccepted);
    assertThat(count.accepted()).isBetween(count.cases() / 20, count.cases() * 9 / 10);
  }

  @Test
  @Tag("heavy")
  void mutatedProgramsAreRefusedOrRunForSomeTime() {
    Fuzz.forSomeTime(this::isAccepted);
  }

  private boolean isAccepted(long seed) {
    TileProgram program = mutated(seed);
    String problem = problem(program);
    if (problem == null || problem.isEmpty()) {
      return problem != null;
    }
    List<TileStep> steps =
        Fuzz.smallest(program.steps(), fewer -> fails(with(program, fewer), problem));
    throw new AssertionError(
        "seed "
            + seed
            + ": "
            + problem
            + "\n"
            + problem(with(program, steps))
            + "\n"
            + TilePrinter.print(with(program, steps)));
  }

  private boolean fails(TileProgram program, String as) {
    String problem = problem(program);
    return problem != null && !problem.isEmpty() && problem.startsWith(as.split(" ", 2)[0]);
  }

  private TileProgram with(TileProgram program, List<TileStep> steps) {
    List<StoredValue> values =
        program.values().stream().filter(stored -> stored.step() < steps.size()).toList();
    Set<Value> known = new HashSet<>(sample.inputs().keySet());
    for (TileStep step : steps) {
      if (step instanceof HostStep.Download download) {
        known.add(download.value());
      }
    }
    Map<String, Value> outputs = new HashMap<>(program.outputs());
    outputs.values().retainAll(known);
    return new TileProgram(program.name(), program.config(), steps, values, outputs);
  }

  private TileProgram mutated(long seed) {
    long from = seed / MUTATIONS;
    if (from != sampleSeed) {
      Random random = new Random(from ^ 0x711e5L);
      TataaConfig machine = Machines.all().get(random.nextInt(Machines.all().size()));
      IsaProfile isa = IsaProfile.values()[random.nextInt(IsaProfile.values().length)];
      TataaConfig config =
          machine
              .withProfiles(machine.profiles().withIsa(isa))
              .withResultPath(random.nextInt(4) == 0);
      if (config.resultPath()) {
        TileProgram pair = RandomPair.of(random, config);
        sample = new Sample(SlotForwarding.apply(pair, new VectorPlans(), true), Map.of());
      } else {
        SmallTensorPrograms.Sample tensors = SmallTensorPrograms.of(from, isa);
        Tiling.Result tiling = Tiling.tile(config, tensors.program());
        sample = new Sample(tiling.tiles(), ScheduleRun.inputs(tiling.tensors(), tensors.inputs()));
      }
      sampleSeed = from;
      TileVerifier.check(sample.tiles(), sample.inputs().keySet());
    }
    return TileMutations.mutated(sample.tiles(), new Random(seed ^ 0x3a7e5L));
  }

  // Null if the program is refused, empty if it runs, else what is wrong.
  private @Nullable String problem(TileProgram program) {
    try {
      TileVerifier.check(program, sample.inputs().keySet());
    } catch (TileException e) {
      return null;
    } catch (RuntimeException e) {
      return "verifier: " + Fuzz.trace(e);
    }
    Map<String, NdTensor> expected;
    try {
      expected =
          TileInterpreter.run(
              program, sample.inputs(), (step, memory) -> read(program, step, memory));
    } catch (RuntimeException e) {
      return "interpreter: " + Fuzz.trace(e);
    }
    Schedule schedule;
    try {
      schedule = Scheduler.schedule(program, 1);
    } catch (ScheduleException e) {
      return "";
    } catch (RuntimeException e) {
      return "scheduler: " + Fuzz.trace(e);
    }
    return compared(program, schedule, expected);
  }

  private String compared(TileProgram program, Schedule schedule, Map<String, NdTensor> expected) {
    Map<String, NdTensor> actual;
    try {
      ScheduleRun run = new ScheduleRun(schedule, CoreMachine.unclocked(schedule.core()));
      run.load();
      actual =
          run.run(
              sample.inputs(),
              new ScheduleRun.Observer() {
                @Override
                public void accepted(int step, int stored) {
                  read(program, step, run);
                }
              });
    } catch (RuntimeException e) {
      return "machine: " + Fuzz.trace(e);
    }
    if (!TileVerifier.readsPadding(program, sample.inputs().keySet())) {
      for (Map.Entry<String, NdTensor> output : expected.entrySet()) {
        if (!Arrays.equals(output.getValue().floats(), actual.get(output.getKey()).floats())) {
          return "levels: " + output.getKey() + " differs";
        }
      }
    }
    return "";
  }

  // What is said to be stored can be read.
  private static void read(TileProgram program, int step, HostExecutor.Memory memory) {
    for (StoredValue stored : program.values()) {
      if (stored.step() == step) {
        int width = stored.value().element() == Element.INT8 ? 1 : 2;
        HostExecutor.elements(memory.read(stored.buffer()), stored.layout(), width);
      }
    }
  }
}
