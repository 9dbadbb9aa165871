package org.tataa;

import java.util.ArrayList;
import java.util.List;
import org.tataa.core.TataaCore;
import org.tataa.isa.Instruction;
import org.tataa.observe.ArrayMode;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;

/**
 * The observer to begin with: keeps what the controller and the units of a core did, in order. An
 * observed core is stepped, whatever the engine; write a {@link CoreObserver} to hear more, or to
 * keep less.
 */
public final class EventLog implements CoreObserver {
  /** What happened. */
  public enum Kind {
    /** The controller accepted an instruction. */
    ACCEPT,
    /** The controller had to wait for another reason than in the cycle before. */
    STALL,
    /** A unit began. */
    START,
    /** A unit was done. */
    DONE,
    /** The array changed between int8 and bfloat16. */
    MODE
  }

  /**
   * One event.
   *
   * @param cycle cycles since the program began
   * @param kind what kind of event
   * @param instruction its number in the program; -1 if it belongs to none
   * @param text what exactly, as the instruction, the unit or the cause
   */
  public record Event(long cycle, Kind kind, int instruction, String text) {}

  private final List<Event> events = new ArrayList<>();
  private int stalled = -1;
  private String cause = "";

  /** An empty log. */
  public EventLog() {}

  /**
   * {@return a log that observes a core from now on, instead of an observer it had}
   *
   * @param core the core
   */
  public static EventLog of(TataaCore core) {
    EventLog log = new EventLog();
    core.observe(log);
    return log;
  }

  /** {@return all events so far, in order} */
  public List<Event> events() {
    return List.copyOf(events);
  }

  @Override
  public void onAccept(long cycle, int index, Instruction instruction) {
    stalled = -1;
    events.add(new Event(cycle, Kind.ACCEPT, index, instruction.toString()));
  }

  @Override
  public void onStall(long cycle, int index, Instruction instruction, StallCause why) {
    String text = why.description();
    if (stalled != index || !cause.equals(text)) {
      stalled = index;
      cause = text;
      events.add(new Event(cycle, Kind.STALL, index, text));
    }
  }

  @Override
  public void onStart(long cycle, int index, UnitKind unit) {
    events.add(new Event(cycle, Kind.START, index, unit.name()));
  }

  @Override
  public void onDone(long cycle, int index, UnitKind unit) {
    events.add(new Event(cycle, Kind.DONE, index, unit.name()));
  }

  @Override
  public void onModeSwitch(long cycle, ArrayMode from, ArrayMode to) {
    events.add(new Event(cycle, Kind.MODE, -1, from + " to " + to));
  }

  @Override
  public String toString() {
    return events.size() + " events";
  }
}
