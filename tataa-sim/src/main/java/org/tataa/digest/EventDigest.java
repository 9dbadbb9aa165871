package org.tataa.digest;

import org.tataa.isa.Instruction;
import org.tataa.observe.ArrayMode;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;

/**
 * Digest of every event of a core. The order within a cycle is not defined, so events of a cycle
 * are added up before they enter the digest.
 */
final class EventDigest implements CoreObserver {
  private final Sha sha;
  private long current;
  private long sum;
  private int events;

  /**
   * Starts.
   *
   * @param sha receives the cycles with their events
   */
  EventDigest(Sha sha) {
    this.sha = sha;
  }

  /** Adds what is left; after the last event. */
  void finish() {
    if (events > 0) {
      sha.add(current).add(sum).add(events);
    }
    sum = 0;
    events = 0;
  }

  private void add(long cycle, int kind, long first, long second) {
    if (cycle != current) {
      finish();
      current = cycle;
    }
    sum += mix(mix(mix(kind) + first) + second);
    events++;
  }

  // The finaliser of SplitMix64: every bit of the argument changes about half of the result.
  private static long mix(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  private static long mix(int[] values) {
    long mixed = values.length;
    for (int value : values) {
      mixed = mix(mixed + value);
    }
    return mixed;
  }

  @Override
  public void onAccept(long cycle, int index, Instruction instruction) {
    add(cycle, 1, index, 0);
  }

  @Override
  public void onStall(long cycle, int index, Instruction instruction, StallCause cause) {
    add(cycle, 2, index, cause.ordinal());
  }

  @Override
  public void onStart(long cycle, int index, UnitKind unit) {
    add(cycle, 3, index, unit.ordinal());
  }

  @Override
  public void onDone(long cycle, int index, UnitKind unit) {
    add(cycle, 4, index, unit.ordinal());
  }

  @Override
  public void onStoreCommand(long cycle, int index) {
    add(cycle, 5, index, 0);
  }

  @Override
  public void onModeSwitch(long cycle, ArrayMode from, ArrayMode to) {
    add(cycle, 6, from.ordinal(), to.ordinal());
  }

  @Override
  public void onDrainWrite(long cycle, int index, int dmpu, int row, int[] lo, int[] hi) {
    add(cycle, 7, mix(mix(index) + dmpu) + row, mix(mix(lo) + mix(hi) * 3));
  }

  @Override
  public void onVectorCapture(long cycle, int index, int[] lanes) {
    add(cycle, 8, index, mix(lanes));
  }

  @Override
  public void onLoadBeat(long cycle, int index, UnitKind unit) {
    add(cycle, 9, index, unit.ordinal());
  }

  @Override
  public void onOutputBeat(long cycle, int index, int beat, int beats) {
    add(cycle, 10, index, ((long) beat << 32) + beats);
  }
}
