package org.tataa.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.tataa.isa.Instruction;
import org.tataa.observe.ArrayMode;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;

/** Every event of a run as text, sorted within each cycle. */
public final class EventLog implements CoreObserver {
  private final List<String> events = new ArrayList<>();
  private final List<String> thisCycle = new ArrayList<>();
  private long current;

  private void add(long cycle, String event) {
    if (cycle != current) {
      close();
      current = cycle;
    }
    thisCycle.add(cycle + " " + event);
  }

  private void close() {
    Collections.sort(thisCycle);
    events.addAll(thisCycle);
    thisCycle.clear();
  }

  /** All events so far. */
  public List<String> events() {
    close();
    return events;
  }

  @Override
  public void onAccept(long cycle, int index, Instruction instruction) {
    add(cycle, "accept " + index);
  }

  @Override
  public void onStall(long cycle, int index, Instruction instruction, StallCause cause) {
    add(cycle, "stall " + index + " " + cause);
  }

  @Override
  public void onStart(long cycle, int index, UnitKind unit) {
    add(cycle, "start " + index + " " + unit);
  }

  @Override
  public void onDone(long cycle, int index, UnitKind unit) {
    add(cycle, "done " + index + " " + unit);
  }

  @Override
  public void onModeSwitch(long cycle, ArrayMode from, ArrayMode to) {
    add(cycle, "mode " + from + " " + to);
  }

  @Override
  public void onDrainWrite(long cycle, int index, int dmpu, int row, int[] lo, int[] hi) {
    add(
        cycle,
        "drain "
            + index
            + " "
            + dmpu
            + " "
            + row
            + " "
            + Arrays.hashCode(lo)
            + " "
            + Arrays.hashCode(hi));
  }

  @Override
  public void onVectorCapture(long cycle, int index, int[] lanes) {
    add(cycle, "capture " + index + " " + Arrays.hashCode(lanes));
  }

  @Override
  public void onLoadBeat(long cycle, int index, UnitKind unit) {
    add(cycle, "read " + index + " " + unit);
  }

  @Override
  public void onOutputBeat(long cycle, int index, int beat, int beats) {
    add(cycle, "write " + index + " " + beat);
  }
}
