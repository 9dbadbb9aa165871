package org.tataa.schedule;

import java.util.ArrayList;
import java.util.List;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.tile.HostStep;
import org.tataa.tile.Partition;
import org.tataa.tile.SpilledVectors;
import org.tataa.tile.TileProgram;

/**
 * A tile program as instructions.
 *
 * @param tiles the tile program
 * @param memory addresses of its buffers
 * @param core the cores an item runs on and the memory they share, as large as needed; both address
 *     spaces are all of it
 * @param partition how level 3 is split over these cores
 * @param segments programs and work of the host, in order
 */
public record Schedule(
    TileProgram tiles,
    MemoryPlan memory,
    TataaConfig core,
    Partition partition,
    List<Segment> segments) {
  /** Takes a copy. */
  public Schedule {
    segments = List.copyOf(segments);
  }

  /** A part that runs without interruption. */
  public sealed interface Segment permits Device, Host {
    /** Number of its first step. */
    int firstStep();
  }

  /**
   * A program for each core, which run at the same time: of a step split over cores, or of steps
   * one core does one after the other.
   *
   * @param firstStep number of their first step
   * @param starts number of the first instruction of each step; 0 alone where several cores have
   *     one
   * @param barrierCycles cycles of the barrier before them, in which all cores wait; 0 for none
   * @param programs instructions of all of them; those of a core without a share are a HALT
   * @param predictedCycles cycles by the scheduler's rough clocks, barrier included; 0 if unknown
   */
  public record Device(
      int firstStep,
      List<Integer> starts,
      long barrierCycles,
      List<Program> programs,
      long predictedCycles)
      implements Segment {
    /** Takes copies. */
    public Device {
      starts = List.copyOf(starts);
      programs = List.copyOf(programs);
    }

    /** Number of steps. */
    public int steps() {
      return starts.size();
    }

    /** Whether a core has a share. */
    public boolean isWorking(int core) {
      return programs.get(core).size() > 1;
    }

    /**
     * Instructions of a step on each core; none where they have a HALT.
     *
     * @param number number of the step in the segment, from 0
     */
    public List<Program> programs(int number) {
      if (starts.size() == 1) {
        return programs;
      }
      boolean isLast = number + 1 == starts.size();
      return programs.stream()
          .map(
              program ->
                  program.size() <= 1
                      ? program
                      : program.section(
                          starts.get(number), isLast ? program.size() : starts.get(number + 1)))
          .toList();
    }
  }

  /**
   * Work of the host.
   *
   * @param firstStep number of the step
   * @param step the step
   */
  public record Host(int firstStep, HostStep step) implements Segment {}

  /** All programs in order, those of a segment by core; idle cores are left out. */
  public List<Program> programs() {
    List<Program> programs = new ArrayList<>();
    for (Segment segment : segments) {
      if (segment instanceof Device device) {
        for (int core = 0; core < device.programs().size(); core++) {
          if (device.isWorking(core)) {
            programs.add(device.programs().get(core));
          }
        }
      }
    }
    return programs;
  }

  /** Vectors that go through memory for want of vector slots, on all cores. */
  public SpilledVectors spilled() {
    return SpilledVectors.of(tiles);
  }

  /** Cycles of all segments by the scheduler's rough clocks, barriers included. */
  public long predictedCycles() {
    return segments.stream()
        .filter(Device.class::isInstance)
        .mapToLong(segment -> ((Device) segment).predictedCycles())
        .sum();
  }
}
