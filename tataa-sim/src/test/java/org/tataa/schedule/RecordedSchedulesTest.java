package org.tataa.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.machine.CoreMachine;
import org.tataa.tile.TileProgram;
import org.tataa.tiling.Machines;

/**
 * What the scheduler makes of random programs, on one core and split over three: instructions,
 * cycles on the machine, and cycles by the rough clocks are those of schedules.txt. A line that
 * changes is a change of cycles: it belongs to the changelog.
 */
class RecordedSchedulesTest {
  private static final int PROGRAMS = 5;

  private static String line(TataaConfig machine, int cores) {
    int instructions = 0;
    long cycles = 0;
    long predicted = 0;
    VectorPlans plans = new VectorPlans();
    for (int seed = 0; seed < PROGRAMS; seed++) {
      TileProgram tiles = RandomTiles.of(machine, seed).tiles();
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
        "%-10s cores %d  instructions %6d  cycles %7d  predicted %7d",
        machine.name(),
        cores,
        instructions,
        cycles,
        predicted);
  }

  @Test
  void programsAreTheRecordedOnes() throws IOException {
    List<String> lines = new ArrayList<>();
    for (TataaConfig machine : Machines.all()) {
      lines.add(line(machine, 1));
      lines.add(line(machine, 3));
    }
    try (InputStream stream = RecordedSchedulesTest.class.getResourceAsStream("/schedules.txt")) {
      String recorded = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(lines).isEqualTo(recorded.lines().toList());
    }
  }
}
