package org.tataa.schedule;

import java.util.ArrayList;
import java.util.List;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.sim.HostThreads;
import org.tataa.tile.HostStep;
import org.tataa.tile.MatMulNest;
import org.tataa.tile.Partition;
import org.tataa.tile.TileProgram;
import org.tataa.tile.TileStep;
import org.tataa.tile.VectorNest;

/** Makes instructions of tile programs. */
public final class Scheduler {
  private Scheduler() {}

  /**
   * Schedules a program.
   *
   * @param stepsPerProgram most steps of one program; steps of the host end a program in any case
   * @throws ScheduleException if registers or memory of the machine do not suffice
   */
  public static Schedule schedule(TileProgram tiles, int stepsPerProgram) {
    return schedule(tiles, stepsPerProgram, new VectorPlans());
  }

  /**
   * As {@link #schedule(TileProgram, int)}, with what is known from other programs for the machine.
   *
   * @param plans orders of nests; added to
   */
  public static Schedule schedule(TileProgram tiles, int stepsPerProgram, VectorPlans plans) {
    TataaConfig config = tiles.config();
    MemoryPlan memory = MemoryPlan.of(tiles);
    Instructions out = new Instructions(config);
    VectorScheduler vectors = new VectorScheduler(config, memory, out, plans);
    MatMulScheduler products = new MatMulScheduler(config, memory, out);
    List<Schedule.Segment> segments = new ArrayList<>();
    KnownPrograms programs = stepsPerProgram == 1 ? plans.programs() : null;
    int first = 0;
    long before = 0;
    for (int i = 0; i < tiles.steps().size(); i++) {
      HostThreads.check();
      TileStep step = tiles.steps().get(i);
      PlacedSteps.Placed placed =
          programs == null || step instanceof HostStep ? null : PlacedSteps.of(step, memory);
      KnownPrograms.Made known = programs == null || placed == null ? null : programs.of(placed, 1);
      if (known != null) {
        segments.add(new Schedule.Device(i, 1, 0, known.programs(), known.cycles()));
        first = i + 1;
        continue;
      }
      if (step instanceof MatMulNest nest) {
        products.emit(nest);
      } else if (step instanceof VectorNest nest) {
        vectors.emit(nest);
      }
      boolean ends =
          step instanceof HostStep
              || i + 1 == tiles.steps().size()
              || tiles.steps().get(i + 1) instanceof HostStep
              || i + 1 - first == stepsPerProgram;
      if (ends && out.size() > 0) {
        long predicted = vectors.predictedCycles() + products.predictedCycles();
        List<Program> made = List.of(out.finish());
        segments.add(new Schedule.Device(first, i + 1 - first, 0, made, predicted - before));
        if (programs != null && placed != null) {
          programs.keep(placed, 1, new KnownPrograms.Made(made, predicted - before));
        }
        before = predicted;
      }
      if (step instanceof HostStep host) {
        segments.add(new Schedule.Host(i, host));
      }
      first = ends ? i + 1 : first;
    }
    return new Schedule(tiles, memory, cores(config, memory, 1), Partition.none(tiles), segments);
  }

  /**
   * Schedules a program split over cores, a program for each step and core.
   *
   * @param plans orders of nests; added to
   * @param cores cores of the group, at least 1
   * @throws ScheduleException if registers or memory of the machine do not suffice
   * @throws org.tataa.tile.TileException if cores would meet in memory
   */
  public static Schedule schedule(TileProgram tiles, VectorPlans plans, int cores) {
    return cores == 1 ? schedule(tiles, 1, plans) : new Partitioner(tiles, plans, cores).schedule();
  }

  // Cores whose address spaces are one memory, as large as needed.
  static TataaConfig cores(TataaConfig config, MemoryPlan memory, int cores) {
    return config
        .withCores(cores)
        .withMemory(config.memory().withUnifiedBytes((int) memory.bytes()));
  }
}
