package org.tataa.schedule;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.isa.Program;
import org.tataa.tile.HostStep;

/**
 * Segments as they are made of steps. What the first core does alone, one step after the other, is
 * one program: nothing drains between them, and loads wait for what they need of the step before
 * (MEMORY_ORDER).
 */
final class SegmentList {
  /** Instructions after which a program ends; 8 MiB, and about as many cycles. */
  private static final int MOST_INSTRUCTIONS = 1 << 20;

  private final int mostSteps;
  private final @Nullable KnownPrograms known;
  private final List<Schedule.Segment> segments = new ArrayList<>();

  // Steps that may go on.
  private final List<KnownPrograms.Made> open = new ArrayList<>();
  private final List<Integer> starts = new ArrayList<>();
  private int firstStep;
  private int instructions;
  private long barrier;

  /**
   * No segments.
   *
   * @param mostSteps most steps of one program
   * @param known programs that were joined before; added to
   */
  SegmentList(int mostSteps, @Nullable KnownPrograms known) {
    this.mostSteps = mostSteps;
    this.known = known;
  }

  void host(int step, HostStep work) {
    close();
    segments.add(new Schedule.Host(step, work));
  }

  /**
   * A step of the device.
   *
   * @param barrierCycles of the barrier before it
   */
  void device(int step, KnownPrograms.Made made, long barrierCycles) {
    boolean isJoined =
        barrierCycles == 0
            && !open.isEmpty()
            && open.size() < mostSteps
            && isAlone(open.get(open.size() - 1))
            && isAlone(made)
            && instructions < MOST_INSTRUCTIONS;
    if (!isJoined) {
      close();
      firstStep = step;
      barrier = barrierCycles;
    }
    open.add(made);
    starts.add(instructions);
    instructions += made.programs().get(0).sizeWithoutHalt();
  }

  // Whether the first core has all the work, if there is any.
  private static boolean isAlone(KnownPrograms.Made made) {
    return made.programs().get(0).sizeWithoutHalt() > 0
        && made.programs().stream().skip(1).noneMatch(program -> program.sizeWithoutHalt() > 0);
  }

  private void close() {
    if (open.isEmpty()) {
      return;
    }
    List<Program> programs = new ArrayList<>(open.get(0).programs());
    programs.set(0, joined(open.stream().map(made -> made.programs().get(0)).toList()));
    long cycles = barrier + open.stream().mapToLong(KnownPrograms.Made::cycles).sum();
    segments.add(new Schedule.Device(firstStep, starts, barrier, programs, cycles));
    open.clear();
    starts.clear();
    instructions = 0;
  }

  private Program joined(List<Program> programs) {
    return known == null ? Program.joined(programs) : known.joined(programs);
  }

  /** All segments. */
  List<Schedule.Segment> finish() {
    close();
    return segments;
  }
}
