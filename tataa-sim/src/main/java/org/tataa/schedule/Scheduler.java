package org.tataa.schedule;

import java.util.List;
import org.tataa.config.TataaConfig;
import org.tataa.sim.HostThreads;
import org.tataa.tile.FusedNest;
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
    FusedScheduler fused = new FusedScheduler(config, memory, out, plans);
    KnownPrograms known = plans.programs();
    SegmentList segments = new SegmentList(stepsPerProgram, known);
    long before = 0;
    for (int i = 0; i < tiles.steps().size(); i++) {
      HostThreads.check();
      TileStep step = tiles.steps().get(i);
      if (step instanceof HostStep host) {
        segments.host(i, host);
        continue;
      }
      PlacedSteps.Placed placed = known == null ? null : PlacedSteps.of(step, memory);
      KnownPrograms.Made made = known == null || placed == null ? null : known.of(placed, 1);
      if (made == null) {
        if (step instanceof MatMulNest nest) {
          products.emit(nest);
        } else if (step instanceof VectorNest nest) {
          vectors.emit(nest);
        } else if (step instanceof FusedNest nest && !fused.emit(nest)) {
          products.emit(nest.products());
          vectors.emit(nest.lanes());
        }
        long predicted =
            vectors.predictedCycles() + products.predictedCycles() + fused.predictedCycles();
        made = new KnownPrograms.Made(List.of(out.finish()), predicted - before);
        before = predicted;
        if (known != null && placed != null) {
          known.keep(placed, 1, made);
        }
      }
      segments.device(i, made, 0);
    }
    return new Schedule(
        tiles, memory, cores(config, memory, 1), Partition.none(tiles), segments.finish());
  }

  /**
   * Schedules a program split over cores, a program for each core and each step that is split.
   *
   * @param plans orders of nests; added to
   * @param cores cores of the group, at least 1
   * @throws ScheduleException if registers or memory of the machine do not suffice
   * @throws org.tataa.tile.TileException if cores would meet in memory
   */
  public static Schedule schedule(TileProgram tiles, VectorPlans plans, int cores) {
    return cores == 1
        ? schedule(tiles, Integer.MAX_VALUE, plans)
        : new Partitioner(tiles, plans, cores).schedule();
  }

  // Cores whose address spaces are one memory, as large as needed.
  static TataaConfig cores(TataaConfig config, MemoryPlan memory, int cores) {
    return config
        .withCores(cores)
        .withMemory(config.memory().withUnifiedBytes((int) memory.bytes()));
  }
}
