package org.tataa.debug;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.core.TataaCore;
import org.tataa.isa.Disassembler;
import org.tataa.isa.Instruction;
import org.tataa.isa.Program;
import org.tataa.observe.ArrayMode;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.Counters;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;

/**
 * Draws what the units of a core do: a slice from start to done of every instruction, a slice for
 * every run of stalled cycles of the controller with one cause, and the mode of the array.
 */
public final class UnitTimeline implements CoreObserver {
  private final PerfettoWriter writer;
  private final int core;
  private final Program program;
  private final Map<UnitKind, Map<Integer, Long>> started = new EnumMap<>(UnitKind.class);
  private @Nullable StallCause stall;
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
   * @param cycle cycle of the start
   */
  public UnitTimeline(
      PerfettoWriter writer, int core, Program program, ArrayMode mode, long cycle) {
    modeFrom = cycle;
    sampledAt = cycle;
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

  @Override
  public void onStart(long cycle, int index, UnitKind unit) {
    started.computeIfAbsent(unit, key -> new HashMap<>()).put(index, cycle);
  }

  @Override
  public void onDone(long cycle, int index, UnitKind unit) {
    Map<Integer, Long> running = started.get(unit);
    Long from = running == null ? null : running.remove(index);
    if (from != null) {
      String text = instruction(index);
      int space = text.indexOf(' ');
      String name = space < 0 ? text : text.substring(0, space);
      Map<String, Object> details = Map.of("index", index, "instruction", text);
      writer.slice(core, track(unit), name, from, cycle - from, details);
    }
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
      writer.slice(core, "stalls", cause.name(), stalledFrom, stalledTo - stalledFrom, details);
    }
    stall = null;
  }

  /**
   * Records counters: words in the dual-mode buffer that is stored next, and since the last sample
   * the share of cycles the array worked and the bytes per cycle that crossed the ports.
   */
  public void sample(TataaCore sampled) {
    Counters now = sampled.counters();
    long cycles = sampled.cycle() - sampledAt;
    if (cycles > 0) {
      long bytes = now.bytesLoadedX() + now.bytesLoadedY() + now.bytesStored();
      long busy = now.busy(UnitKind.EXEC);
      writer.counter(core, "dmb0 words", sampled.cycle(), sampled.dualModeBuffer().occupancy(0));
      writer.counter(core, "array busy %", sampledAt, 100.0 * (busy - busyBefore) / cycles);
      writer.counter(core, "bytes per cycle", sampledAt, (double) (bytes - bytesBefore) / cycles);
      busyBefore = busy;
      bytesBefore = bytes;
    }
    sampledAt = sampled.cycle();
  }

  @Override
  public void onModeSwitch(long cycle, ArrayMode from, ArrayMode to) {
    endMode(cycle);
    mode = to;
    modeFrom = cycle;
  }

  private void endMode(long cycle) {
    if (cycle > modeFrom) {
      writer.slice(core, "mode", mode.name(), modeFrom, cycle - modeFrom, Map.of());
    }
  }

  /** Draws what has not ended yet. */
  public void finish(long cycle) {
    endStall();
    endMode(cycle);
  }
}
