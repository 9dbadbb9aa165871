package org.tataa.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tataa.compiler.ScheduleRun;
import org.tataa.config.HazardPolicy;
import org.tataa.config.IsaProfile;
import org.tataa.config.MemoryConfig;
import org.tataa.config.TataaConfig;
import org.tataa.control.HazardException;
import org.tataa.fuzz.Fuzz;
import org.tataa.graph.NdTensor;
import org.tataa.isa.Instruction;
import org.tataa.isa.Nop;
import org.tataa.isa.Program;
import org.tataa.machine.CoreMachine;
import org.tataa.observe.CoreObserver;
import org.tataa.schedule.RandomPair;
import org.tataa.schedule.Schedule;
import org.tataa.schedule.ScheduleException;
import org.tataa.schedule.Scheduler;
import org.tataa.schedule.SlotForwarding;
import org.tataa.schedule.VectorPlans;
import org.tataa.tensor.SmallTensorPrograms;
import org.tataa.tensor.Value;
import org.tataa.tiling.Machines;
import org.tataa.tiling.Tiling;

/**
 * Random tile programs through the scheduler to the clocked machine, on eight geometries with
 * random memories. After every step all bytes of its buffers are those of the interpreter of tile
 * programs. The program of a step then runs once more under policy TRAP with a NOP wherever the
 * controller waited: no instruction has a hazard when it is issued, and it takes the same cycles;
 * they are also those of a machine without values, which predicts them. A third of the machines
 * have a result path, which is used wherever it can be.
 */
class ScheduledProgramsTest {
  private record Case(TileProgram tiles, Map<Value, NdTensor> inputs) {
    Case with(List<TileStep> steps) {
      return new Case(
          new TileProgram(tiles.name(), tiles.config(), steps, List.of(), Map.of()), inputs);
    }
  }

  private int programs;
  private int instructions;
  private int waits;
  private int fused;

  @Test
  void memoryIsThatOfTheTileProgram() {
    check(0, 40);
    assertThat(programs).isGreaterThan(100);
    assertThat(waits).isGreaterThan(instructions / 4);
    assertThat(fused).isGreaterThan(2);
  }

  @Test
  @Tag("heavy")
  void memoryIsThatOfManyTilePrograms() {
    check(1000, 1000);
  }

  /** What the test above relies on: with a NOP less there is a hazard. */
  @Test
  void anInstructionIssuedTooSoonIsAHazard() {
    Case test = random(0);
    Schedule schedule = Scheduler.schedule(test.tiles(), 1);
    TataaConfig core = schedule.core();
    TataaConfig trap = core.withProfiles(core.profiles().withHazards(HazardPolicy.TRAP));
    int hazards = 0;
    for (Program program : schedule.programs()) {
      Accepts accepts = new Accepts();
      CoreMachine.observed(core, ignored -> accepts).run(List.of(program));
      List<Instruction> spaced = accepts.spaced(program);
      CoreMachine.simulated(trap).run(List.of(Program.of(spaced)));
      spaced.remove(Nop.INSTANCE);
      assertThatThrownBy(() -> CoreMachine.simulated(trap).run(List.of(Program.of(spaced))))
          .isInstanceOf(HazardException.class);
      hazards++;
    }
    assertThat(hazards).isPositive();
  }

  private void check(long firstSeed, int count) {
    Fuzz.cases(firstSeed, count, this::holds);
  }

  private boolean holds(long seed) {
    Case whole = random(seed);
    String problem = problem(whole);
    if (!problem.isEmpty()) {
      String start = problem.split(":", 2)[0];
      Case smallest =
          whole.with(
              Fuzz.smallest(
                  whole.tiles().steps(), steps -> problem(whole.with(steps)).startsWith(start)));
      throw new AssertionError(
          "seed "
              + seed
              + " on "
              + whole.tiles().config()
              + ": "
              + problem
              + "\nsmallest: "
              + problem(smallest)
              + "\n"
              + TilePrinter.print(smallest.tiles()));
    }
    return true;
  }

  // Every other one is a program that was changed, if it is well formed still.
  private static Case random(long seed) {
    Random random = new Random(seed ^ 0x5c4ed);
    TataaConfig machine = Machines.all().get((int) (seed % Machines.all().size()));
    IsaProfile isa = random.nextInt(4) == 0 ? IsaProfile.PUBLISHED : IsaProfile.EXTENDED;
    TataaConfig config =
        machine
            .withProfiles(machine.profiles().withIsa(isa))
            .withMemory(memory(machine.memory(), random))
            .withResultPath(random.nextInt(3) == 0);
    if (config.resultPath() && random.nextBoolean()) {
      TileProgram pair = RandomPair.of(random, config);
      TileProgram fused = SlotForwarding.apply(pair, new VectorPlans(), true);
      return new Case(fused, Map.of());
    }
    SmallTensorPrograms.Sample sample = SmallTensorPrograms.of(seed, isa);
    Tiling.Result tiling = Tiling.tile(config, sample.program());
    TileProgram tiles = SlotForwarding.apply(tiling.tiles(), new VectorPlans(), true);
    Map<Value, NdTensor> inputs = ScheduleRun.inputs(tiling.tensors(), sample.inputs());
    for (int i = 0; i < 20 && seed % 2 == 1; i++) {
      TileProgram changed = TileMutations.mutated(tiles, random);
      if (TileVerifier.problems(changed, inputs.keySet()).isEmpty()) {
        return new Case(changed, inputs).with(changed.steps());
      }
    }
    return new Case(tiles, inputs).with(tiles.steps());
  }

  private static MemoryConfig memory(MemoryConfig base, Random random) {
    return base.withLatencyCycles(8 + random.nextInt(random.nextBoolean() ? 40 : 400))
        .withBeatInterval(1 + random.nextInt(random.nextBoolean() ? 1 : 8))
        .withQueueDepth(1 + random.nextInt(8))
        .withSharedYzPort(random.nextInt(3) == 0);
  }

  // Empty if all is well.
  private String problem(Case test) {
    List<IdentityHashMap<Buffer, byte[]>> expected = new ArrayList<>();
    Schedule schedule;
    try {
      TileInterpreter.run(
          test.tiles(),
          test.inputs(),
          (number, memory) -> {
            IdentityHashMap<Buffer, byte[]> contents = new IdentityHashMap<>();
            TileStep step = test.tiles().steps().get(number);
            for (Buffer buffer : StepBuffers.of(step)) {
              contents.put(buffer, memory.read(buffer).clone());
            }
            if (step instanceof FusedNest nest) {
              fused++;
              contents.remove(nest.sums());
            }
            expected.add(contents);
          });
      schedule = Scheduler.schedule(test.tiles(), 1);
    } catch (TileException | ScheduleException e) {
      return ""; // Without a step that made an operand, or too large for the machine.
    } catch (RuntimeException e) {
      return "scheduler: " + Fuzz.trace(e);
    }
    IdentityHashMap<Buffer, byte[]> before = new IdentityHashMap<>();
    for (Schedule.Segment segment : schedule.segments()) {
      IdentityHashMap<Buffer, byte[]> after = expected.get(segment.firstStep());
      if (segment instanceof Schedule.Device device) {
        String problem = problem(schedule, device.programs().get(0), before, after);
        if (!problem.isEmpty()) {
          return problem + ", step " + test.tiles().steps().get(segment.firstStep()).work();
        }
      }
      before.putAll(after);
    }
    return "";
  }

  private String problem(
      Schedule schedule,
      Program program,
      IdentityHashMap<Buffer, byte[]> before,
      IdentityHashMap<Buffer, byte[]> after) {
    long predicted = CoreMachine.timed(schedule.core()).run(List.of(program)).cycles();
    Accepts accepts = new Accepts();
    CoreMachine machine = CoreMachine.observed(schedule.core(), core -> accepts);
    long cycles;
    try {
      cycles = run(machine, program, schedule, before, after);
    } catch (RuntimeException e) {
      return "machine: " + Fuzz.trace(e);
    }
    if (cycles != predicted) {
      return "prediction: " + predicted + ", takes " + cycles;
    }
    String difference = difference(machine, schedule, after);
    if (!difference.isEmpty()) {
      return "memory: " + difference;
    }
    TataaConfig core = schedule.core();
    CoreMachine trap =
        CoreMachine.simulated(core.withProfiles(core.profiles().withHazards(HazardPolicy.TRAP)));
    Program spaced = Program.of(accepts.spaced(program));
    programs++;
    instructions += program.size();
    waits += spaced.size() - program.size();
    long trapCycles;
    try {
      trapCycles = run(trap, spaced, schedule, before, after);
    } catch (RuntimeException e) {
      return "trap: " + Fuzz.trace(e);
    }
    difference = difference(trap, schedule, after);
    return !difference.isEmpty()
        ? "memory under TRAP: " + difference
        : trapCycles != cycles ? "cycles: " + cycles + ", under TRAP " + trapCycles : "";
  }

  private static long run(
      CoreMachine machine,
      Program program,
      Schedule schedule,
      IdentityHashMap<Buffer, byte[]> before,
      IdentityHashMap<Buffer, byte[]> after) {
    for (Buffer buffer : after.keySet()) {
      byte[] content = buffer.content();
      byte[] start = before.getOrDefault(buffer, new byte[Math.toIntExact(buffer.bytes())]);
      machine.write(schedule.memory().address(buffer), content == null ? start : content);
    }
    return machine.run(List.of(program)).cycles();
  }

  private static String difference(
      CoreMachine machine, Schedule schedule, IdentityHashMap<Buffer, byte[]> after) {
    for (Map.Entry<Buffer, byte[]> buffer : after.entrySet()) {
      long address = schedule.memory().address(buffer.getKey());
      byte[] actual = machine.read(address, buffer.getValue().length);
      int at = Arrays.mismatch(actual, buffer.getValue());
      if (at >= 0) {
        return String.format(
            "byte %d of %s is %02x, expected %02x",
            at, buffer.getKey().name(), actual[at], buffer.getValue()[at]);
      }
    }
    return "";
  }

  /** The cycle in which each instruction was accepted. */
  private static final class Accepts implements CoreObserver {
    private final List<Long> cycles = new ArrayList<>();

    @Override
    public void onAccept(long cycle, int index, Instruction instruction) {
      cycles.add(cycle);
    }

    // With as many NOPs before each instruction as cycles it waited.
    List<Instruction> spaced(Program program) {
      List<Instruction> all = new ArrayList<>();
      for (int i = 0; i < program.size(); i++) {
        while (all.size() < cycles.get(i) - cycles.get(0)) {
          all.add(Nop.INSTANCE);
        }
        all.add(program.instruction(i));
      }
      return all;
    }
  }
}
