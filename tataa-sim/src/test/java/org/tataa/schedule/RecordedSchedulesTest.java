package org.tataa.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.machine.CoreMachine;
import org.tataa.tile.TileProgram;
import org.tataa.tiling.Machines;

/**
 * What the scheduler makes of random programs, on one core and split over three, of some that must
 * spill, and of some whose sums are forwarded: instructions, cycles on the machine, and cycles by
 * the rough clocks are those of schedules.txt. A line that changes is a change of cycles: it
 * belongs to the changelog.
 */
class RecordedSchedulesTest {
  private static final int PROGRAMS = 5;

  private static String line(String name, List<TileProgram> programs, int cores) {
    int instructions = 0;
    long cycles = 0;
    long predicted = 0;
    VectorPlans plans = new VectorPlans();
    for (TileProgram tiles : programs) {
      Schedule schedule = Scheduler.schedule(tiles, plans, cores);
      predicted += schedule.predictedCycles();
      CoreMachine core = CoreMachine.timed(schedule.core().withCores(1));
      for (Program program : schedule.programs()) {
        cycles += core.run(List.of(program)).cycles();
        instructions += program.size();
      }
    }
    return String.format(
        Locale.ROOT,
        "%-22s cores %d  instructions %6d  cycles %7d  predicted %7d",
        name,
        cores,
        instructions,
        cycles,
        predicted);
  }

  private static List<TileProgram> programs(IntFunction<TileProgram> program) {
    return IntStream.range(0, PROGRAMS).mapToObj(program).toList();
  }

  // Nests of many live vectors, with four slots a bank.
  private static List<TileProgram> spilled(TataaConfig machine) {
    TataaConfig config = machine.withBuffers(machine.buffers().withVectorSlots(4));
    return programs(
        seed -> Spills.apply(SpillsTest.program(new Random(seed), config), new VectorPlans()));
  }

  // Products and vector work on their sums, on a machine with a result path.
  private static List<TileProgram> forwarded(TataaConfig machine) {
    TataaConfig config = machine.withResultPath(true);
    return programs(
        seed ->
            SlotForwarding.apply(RandomPair.of(new Random(seed), config), new VectorPlans(), true));
  }

  /** All lines. */
  static List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (TataaConfig machine : Machines.all()) {
      List<TileProgram> programs = programs(seed -> RandomTiles.of(machine, seed).tiles());
      lines.add(line(machine.name(), programs, 1));
      lines.add(line(machine.name(), programs, 3));
    }
    for (TataaConfig machine : Machines.all()) {
      lines.add(line(machine.name() + ", spilled", spilled(machine), 1));
      lines.add(line(machine.name() + ", forwarded", forwarded(machine), 1));
    }
    return lines;
  }

  @Test
  void programsAreTheRecordedOnes() throws IOException {
    try (InputStream stream = RecordedSchedulesTest.class.getResourceAsStream("/schedules.txt")) {
      String recorded = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(lines()).isEqualTo(recorded.lines().toList());
    }
  }
}
