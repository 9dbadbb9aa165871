package org.tataa.debug;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.core.TataaCore;
import org.tataa.isa.Disassembler;
import org.tataa.isa.Instruction;
import org.tataa.isa.Program;
import org.tataa.isa.VectorOp;
import org.tataa.observe.ArrayMode;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.Counters;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;

/**
 * Draws what the units of a core do: a slice from start to done of every instruction, those of
 * vector operations that follow each other cycle by cycle joined to batches, a slice for every run
 * of stalled cycles of the controller with one cause, and the mode of the array.
 */
public final class UnitTimeline implements CoreObserver {
  private record Running(long from, int lane) {}

  /** Vector operations one after the other. */
  private record Batch(String name, int first, int last, long from, long to) {}

  private final PerfettoWriter writer;
  private final int core;
  private final Program program;
  private final long begin;
  private final long offset;
  private final Map<UnitKind, Map<Integer, Running>> started = new EnumMap<>(UnitKind.class);
  private final Map<UnitKind, List<Boolean>> lanes = new EnumMap<>(UnitKind.class);
  private @Nullable StallCause stall;
  private @Nullable Batch batch;
  private int stalledIndex;
  private long stalledFrom;
  private long stalledTo;
  private ArrayMode mode;
  private long modeFrom;
  private long sampledAt;
  private long busyBefore;
  private long bytesBefore;

  /**
   * A timeline of a core.
   *
   * @param mode mode of the array at the start
   * @param cycle cycle of the core at the start
   */
  public UnitTimeline(
      PerfettoWriter writer, int core, Program program, ArrayMode mode, long cycle) {
    this(writer, core, program, mode, cycle, 0);
  }

  /**
   * A timeline of a program that is one of several.
   *
   * @param mode mode of the array at the start
   * @param cycle cycle of the core at the start
   * @param offset cycle of the timeline at the core's cycle 0
   */
  public UnitTimeline(
      PerfettoWriter writer, int core, Program program, ArrayMode mode, long cycle, long offset) {
    modeFrom = cycle;
    sampledAt = cycle;
    begin = cycle;
    this.offset = offset;
    this.writer = writer;
    this.core = core;
    this.program = program;
    this.mode = mode;
  }

  private static String track(UnitKind unit) {
    return unit.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private String instruction(int index) {
    return Disassembler.format(program.instruction(index));
  }

  private void draw(
      String track, int lane, String name, long from, long to, Map<String, Object> details) {
    writer.slice(core, track, lane, name, from + offset, to - from, details);
  }

  // The first track of the unit that is free.
  private int lane(UnitKind unit) {
    List<Boolean> busy = lanes.computeIfAbsent(unit, key -> new ArrayList<>());
    int lane = busy.indexOf(false);
    if (lane < 0) {
      busy.add(true);
      return busy.size() - 1;
    }
    busy.set(lane, true);
    return lane;
  }

  @Override
  public void onStart(long cycle, int index, UnitKind unit) {
    started
        .computeIfAbsent(unit, key -> new HashMap<>())
        .put(index, new Running(cycle, lane(unit)));
  }

  @Override
  public void onDone(long cycle, int index, UnitKind unit) {
    Map<Integer, Running> all = started.computeIfAbsent(unit, key -> new HashMap<>());
    Running running = all.remove(index);
    if (running == null) {
      // It had started before anybody looked on.
      running = new Running(begin, lane(unit));
    }
    lanes.getOrDefault(unit, List.of()).set(running.lane(), false);
    end(unit, index, running, cycle);
  }

  private void end(UnitKind unit, int index, Running running, long to) {
    String text = instruction(index);
    int space = text.indexOf(' ');
    String name = space < 0 ? text : text.substring(0, space);
    if (program.instruction(index) instanceof VectorOp) {
      Batch open = batch;
      if (open != null && open.to() == running.from() && open.name().equals(name)) {
        batch = new Batch(name, open.first(), index, open.from(), to);
      } else {
        endBatch();
        batch = new Batch(name, index, index, running.from(), to);
      }
      return;
    }
    Map<String, Object> details = Map.of("index", index, "instruction", text);
    draw(track(unit), running.lane(), name, running.from(), to, details);
  }

  private void endBatch() {
    Batch ended = batch;
    if (ended != null) {
      Map<String, Object> details =
          Map.of(
              "index",
              ended.first(),
              "last",
              ended.last(),
              "instruction",
              instruction(ended.first()));
      draw("vectors", 0, ended.name(), ended.from(), ended.to(), details);
    }
    batch = null;
  }

  @Override
  public void onStall(long cycle, int index, Instruction instruction, StallCause cause) {
    if (cause != stall || cycle != stalledTo || index != stalledIndex) {
      endStall();
      stall = cause;
      stalledIndex = index;
      stalledFrom = cycle;
    }
    stalledTo = cycle + 1;
  }

  private void endStall() {
    StallCause cause = stall;
    if (cause != null) {
      Map<String, Object> details =
          Map.of("index", stalledIndex, "instruction", instruction(stalledIndex));
      draw("stalls", 0, cause.name(), stalledFrom, stalledTo, details);
    }
    stall = null;
  }

  /**
   * Records counters: words in the first dual-mode buffer, and since the last sample the share of
   * cycles the array worked and the bytes per cycle that crossed the ports. The first sample of a
   * machine that has run before draws nothing.
   */
  public void sample(TataaCore sampled) {
    Counters now = sampled.counters();
    long cycles = sampled.cycle() - sampledAt;
    long bytes = now.bytesLoadedX() + now.bytesLoadedY() + now.bytesStored();
    long busy = now.busy(UnitKind.EXEC);
    if (cycles > 0) {
      long from = sampledAt + offset;
      writer.counter(core, "array busy %", from, 100.0 * (busy - busyBefore) / cycles);
      writer.counter(core, "bytes per cycle", from, (double) (bytes - bytesBefore) / cycles);
      int words = sampled.dualModeBuffer().occupancy(0);
      writer.counter(core, "dmb0 words", sampled.cycle() + offset, words);
    }
    busyBefore = busy;
    bytesBefore = bytes;
    sampledAt = sampled.cycle();
  }

  /** The cycle of the core of the last sample. */
  long sampledAt() {
    return sampledAt;
  }

  @Override
  public void onModeSwitch(long cycle, ArrayMode from, ArrayMode to) {
    endMode(cycle);
    mode = to;
    modeFrom = cycle;
  }

  private void endMode(long cycle) {
    draw("mode", 0, mode.name(), modeFrom, cycle, Map.of());
  }

  /** Draws what has not ended yet. */
  public void finish(long cycle) {
    started.forEach(
        (unit, all) -> all.forEach((index, running) -> end(unit, index, running, cycle)));
    started.clear();
    endBatch();
    endStall();
    endMode(cycle);
  }
}
