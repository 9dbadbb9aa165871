package org.tataa.debug;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.core.TataaCore;
import org.tataa.isa.Instruction;
import org.tataa.observe.ArrayMode;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;

/** Draws what the units do while one core runs the programs of a model one after the other. */
public final class ModelTimeline implements CoreObserver {
  private final PerfettoWriter writer;
  private final TataaCore core;
  private final int number;
  private final long sampleEvery;
  private long offset;
  private @Nullable UnitTimeline current;

  /**
   * A timeline.
   *
   * @param core the core this is set as the observer of
   * @param number number of the core in the timeline
   * @param start cycle of the first program in the timeline
   * @param sampleEvery cycles between samples of the counters
   */
  public ModelTimeline(
      PerfettoWriter writer, TataaCore core, int number, long start, long sampleEvery) {
    this.writer = writer;
    this.core = core;
    this.number = number;
    this.sampleEvery = sampleEvery;
    offset = start;
  }

  /**
   * The running program has ended, the next one has not been loaded.
   *
   * @param cycles cycles from the start of this program to that of the next
   */
  public void programEnds(long cycles) {
    UnitTimeline ended = current;
    if (ended != null) {
      ended.sample(core);
      ended.finish(core.cycle());
      current = null;
    }
    offset += cycles;
  }

  /** A barrier before the next program, in cycles. */
  public void barrier(long cycles) {
    writer.slice(number, "barrier", "barrier", offset, cycles, Map.of());
    offset += cycles;
  }

  // Every program starts in int8 mode with counters of zero.
  private UnitTimeline at(long cycle) {
    UnitTimeline units = current;
    if (units == null) {
      units =
          new UnitTimeline(writer, number, core.controller().program(), ArrayMode.INT8, 0, offset);
      current = units;
    }
    if (cycle - units.sampledAt() >= sampleEvery) {
      units.sample(core);
    }
    return units;
  }

  @Override
  public void onAccept(long cycle, int index, Instruction instruction) {
    at(cycle);
  }

  @Override
  public void onStart(long cycle, int index, UnitKind unit) {
    at(cycle).onStart(cycle, index, unit);
  }

  @Override
  public void onDone(long cycle, int index, UnitKind unit) {
    at(cycle).onDone(cycle, index, unit);
  }

  @Override
  public void onStall(long cycle, int index, Instruction instruction, StallCause cause) {
    at(cycle).onStall(cycle, index, instruction, cause);
  }

  @Override
  public void onModeSwitch(long cycle, ArrayMode from, ArrayMode to) {
    at(cycle).onModeSwitch(cycle, from, to);
  }
}
