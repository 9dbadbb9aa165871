package org.tataa.debug;

import java.util.EnumMap;
import java.util.Map;
import org.tataa.core.TataaCore;
import org.tataa.isa.MatMul;
import org.tataa.isa.VectorOp;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.UnitKind;

/**
 * In how many cycles of each part of a run the units of a core work: the array is fed words or
 * begins a vector operation, a beat arrives or leaves. Programs follow each other without a gap.
 */
public final class UnitActivity implements CoreObserver {
  /** What is told apart. */
  public enum Track {
    /** The array multiplies int8 operands. */
    ARRAY,
    /** The lanes begin vector operations. */
    LANES,
    /** Beats of the X port. */
    LOAD_X,
    /** Beats read by the YZ port. */
    LOAD_Y,
    /** Beats written. */
    STORE
  }

  private final TataaCore core;
  private final long part;
  private final Map<Track, int[]> busy = new EnumMap<>(Track.class);
  private long offset;

  /**
   * Counts for a core that this is set as the observer of.
   *
   * @param part cycles of a part, at least 1
   * @param parts number of parts; what comes after them counts for the last
   */
  public UnitActivity(TataaCore core, long part, int parts) {
    this.core = core;
    this.part = part;
    for (Track track : Track.values()) {
      busy.put(track, new int[parts]);
    }
  }

  /**
   * The running program has ended, the next one has not been loaded.
   *
   * @param cycles from its start to that of the next
   */
  public void programEnds(long cycles) {
    offset += cycles;
  }

  /** Busy cycles of each part. */
  public int[] busy(Track track) {
    return busy.getOrDefault(track, new int[0]).clone();
  }

  private void count(Track track, long cycle) {
    int[] parts = busy.getOrDefault(track, new int[1]);
    parts[(int) Math.min(parts.length - 1, (offset + cycle) / part)]++;
  }

  @Override
  public void onStart(long cycle, int index, UnitKind unit) {
    if (unit != UnitKind.EXEC) {
      return;
    }
    var instruction = core.controller().program().instruction(index);
    if (instruction instanceof VectorOp) {
      count(Track.LANES, cycle);
    } else if (instruction instanceof MatMul product) {
      // The first word is read two cycles after the start (timing.md).
      for (int word = 0; word < product.depth(); word++) {
        count(Track.ARRAY, cycle + 2 + word);
      }
    }
  }

  @Override
  public void onLoadBeat(long cycle, int index, UnitKind unit) {
    count(unit == UnitKind.LOAD_X ? Track.LOAD_X : Track.LOAD_Y, cycle);
  }

  @Override
  public void onOutputBeat(long cycle, int index, int beat, int beats) {
    count(Track.STORE, cycle);
  }
}
