package org.tataa.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tataa.compiler.ScheduleRun;
import org.tataa.machine.CoreMachine;
import org.tataa.tile.Buffer;
import org.tataa.tile.HostExecutor;
import org.tataa.tile.StepBuffers;
import org.tataa.tile.TileInterpreter;
import org.tataa.tile.TileProgram;
import org.tataa.tile.VectorNest;

/** What programs of nests store, on all levels. */
final class StoredBytes {
  private StoredBytes() {}

  /** Buffers a nest stores to. */
  static List<Buffer> targets(VectorNest nest) {
    return List.copyOf(StepBuffers.writtenBy(nest));
  }

  private static List<byte[]> contents(List<Buffer> buffers, HostExecutor.Memory memory) {
    return buffers.stream().map(buffer -> memory.read(buffer).clone()).toList();
  }

  /** What buffers hold after the last step, without a clock, tile by tile. */
  static List<byte[]> interpreted(TileProgram tiles, List<Buffer> targets) {
    List<List<byte[]>> contents = new ArrayList<>();
    TileInterpreter.run(tiles, Map.of(), (step, memory) -> contents.add(contents(targets, memory)));
    return contents.get(contents.size() - 1);
  }

  /** What buffers hold after a run on a machine. */
  static List<byte[]> executed(Schedule schedule, CoreMachine machine, List<Buffer> targets) {
    ScheduleRun run = new ScheduleRun(schedule, machine);
    run.load();
    run.run(Map.of());
    return contents(targets, run);
  }

  /** Whether all bytes are equal. */
  static boolean equal(List<byte[]> a, List<byte[]> b) {
    for (int i = 0; i < a.size(); i++) {
      if (!Arrays.equals(a.get(i), b.get(i))) {
        return false;
      }
    }
    return a.size() == b.size();
  }
}
