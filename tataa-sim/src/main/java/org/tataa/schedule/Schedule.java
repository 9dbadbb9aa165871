package org.tataa.schedule;

import java.util.List;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.tile.HostStep;
import org.tataa.tile.TileProgram;

/**
 * A tile program as instructions.
 *
 * @param tiles the tile program
 * @param memory addresses of its buffers
 * @param core one core of the machine, with enough memory; both address spaces are all of it
 * @param segments programs and work of the host, in order
 */
public record Schedule(
    TileProgram tiles, MemoryPlan memory, TataaConfig core, List<Segment> segments) {
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
   * A program.
   *
   * @param firstStep number of its first step
   * @param steps number of steps
   * @param program instructions of all of them
   */
  public record Device(int firstStep, int steps, Program program) implements Segment {}

  /**
   * Work of the host.
   *
   * @param firstStep number of the step
   * @param step the step
   */
  public record Host(int firstStep, HostStep step) implements Segment {}

  /** All programs in order. */
  public List<Program> programs() {
    return segments.stream()
        .filter(Device.class::isInstance)
        .map(segment -> ((Device) segment).program())
        .toList();
  }
}
