package org.tataa.memory;

import org.jspecify.annotations.Nullable;
import org.tataa.clock.ClockedUnit;
import org.tataa.config.TataaConfig;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.Counters;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;

/**
 * One read port: a queue of commands, each a burst of beats into a register file (timing.md, data
 * mover). Commands finish in order; their latencies overlap.
 */
public final class DataMover implements ClockedUnit {
  /** Where a burst goes. */
  public enum Destination {
    /** An RFX tile. */
    TILE_X,
    /** An RFY tile. */
    TILE_Y,
    /** A vector slot of bank A or B. */
    VECTOR
  }

  /** One accepted load. Times are cycles; {@link #NEVER} while unknown. */
  public static final class Command {
    int index;
    Destination destination = Destination.TILE_X;
    int tile;
    int slot;
    int words;
    int address;
    int bytes;
    int delivered;
    long commandCycle;
    long firstBeat;
    long lastBeat;
    long doneCycle;

    private Command() {}

    /** Instruction index of the load. */
    public int index() {
      return index;
    }

    /** Tile or bank it fills. */
    public int tile() {
      return tile;
    }

    /** Last cycle in which it may still read memory, exact unless the port is shared. */
    long lastRead(int beatBytes, int interval) {
      return lastBeat != NEVER ? lastBeat : firstBeat + (long) (bytes / beatBytes - 1) * interval;
    }

    /** Whether it writes the storage of slot or word {@code first..first+count-1} of RFY. */
    boolean touchesY(int bank, int first, int count) {
      if (destination == Destination.TILE_X || tile != bank) {
        return false;
      }
      int from = destination == Destination.VECTOR ? slot : 0;
      int to = destination == Destination.VECTOR ? slot + 1 : words;
      return from < first + count && first < to;
    }
  }

  private final UnitKind unit;
  private final ExternalMemory memory;
  private final RegisterFileX rfx;
  private final RegisterFileY rfy;
  private final OutputPort output;
  private final Counters counters;
  private final int beatBytes;
  private final int latency;
  private final int interval;
  private final int queueDepth;
  private final int commandLatency;
  private final int doneLatency;
  private final int busyClearLatency;
  private final boolean shared;
  private final Command[] commands;
  private int head;
  private int size;
  private int current;
  private long nextBeat;
  private long lastScheduled;
  private long movedAt;
  private @Nullable CoreObserver observer;

  /** An idle port. */
  public DataMover(
      UnitKind unit,
      TataaConfig config,
      ExternalMemory memory,
      RegisterFileX rfx,
      RegisterFileY rfy,
      OutputPort output,
      Counters counters) {
    this.unit = unit;
    this.memory = memory;
    this.rfx = rfx;
    this.rfy = rfy;
    this.output = output;
    this.counters = counters;
    beatBytes = config.memory().portBytes();
    latency = config.memory().latencyCycles();
    interval = config.memory().beatInterval();
    queueDepth = config.memory().queueDepth();
    commandLatency = config.timing().loadCommandLatency();
    doneLatency = config.timing().loadDoneLatency();
    busyClearLatency = config.timing().busyClearLatency();
    shared = unit == UnitKind.LOAD_Y && config.memory().sharedYzPort();
    commands = new Command[queueDepth + doneLatency + busyClearLatency + 2];
    for (int i = 0; i < commands.length; i++) {
      commands[i] = new Command();
    }
    reset();
  }

  /** Forgets all commands. */
  public void reset() {
    head = 0;
    size = 0;
    current = 0;
    nextBeat = 0;
    lastScheduled = Long.MIN_VALUE / 2;
    movedAt = -1;
  }

  /** Sets who hears of events, or null. */
  public void observe(@Nullable CoreObserver value) {
    observer = value;
  }

  private Command at(int i) {
    return commands[(head + i) % commands.length];
  }

  /** Enters a load accepted in {@code cycle}; the caller has checked {@link #isFull}. */
  public void accept(
      long cycle,
      int index,
      Destination destination,
      int tile,
      int slot,
      int words,
      int address,
      int bytes) {
    retireBefore(cycle);
    Command command = at(size);
    size++;
    command.index = index;
    command.destination = destination;
    command.tile = tile;
    command.slot = slot;
    command.words = words;
    command.address = address;
    command.bytes = bytes;
    command.delivered = 0;
    command.commandCycle = cycle + commandLatency;
    command.firstBeat = firstBeatIfAccepted(cycle);
    command.lastBeat = NEVER;
    command.doneCycle = NEVER;
    lastScheduled = command.firstBeat + (long) (bytes / beatBytes - 1) * interval;
  }

  /** Earliest cycle of the first beat of a load accepted in {@code cycle}. */
  public long firstBeatIfAccepted(long cycle) {
    return Math.max(cycle + commandLatency + latency, lastScheduled + interval);
  }

  // Finished commands stay visible until their busy flag has gone low; only then is the slot
  // reused.
  private void retireBefore(long cycle) {
    while (size > 0 && at(0).doneCycle != NEVER && cycle >= at(0).doneCycle + busyClearLatency) {
      head = (head + 1) % commands.length;
      size--;
      current--;
    }
  }

  /** Whether the queue cannot take a load accepted in {@code cycle}. */
  public boolean isFull(long cycle) {
    int waiting = 0;
    for (int i = 0; i < size; i++) {
      if (at(i).lastBeat >= cycle) {
        waiting++;
      }
    }
    return waiting >= queueDepth;
  }

  /** Index of the oldest load that still occupies the queue, or -1. */
  public int oldestWaiting(long cycle) {
    for (int i = 0; i < size; i++) {
      if (at(i).lastBeat >= cycle) {
        return at(i).index;
      }
    }
    return -1;
  }

  private boolean inFlight(Command command, long cycle) {
    return command.doneCycle == NEVER || cycle < command.doneCycle + busyClearLatency;
  }

  /**
   * Youngest load of an RFX tile whose busy flag is still high in {@code cycle}.
   *
   * @return its instruction index, or -1
   */
  public int loadingX(int tile, long cycle) {
    for (int i = size - 1; i >= 0; i--) {
      Command command = at(i);
      if (command.destination == Destination.TILE_X
          && command.tile == tile
          && inFlight(command, cycle)) {
        return command.index;
      }
    }
    return -1;
  }

  /**
   * Youngest load of RFY words or slots {@code first..first+count-1} still in flight.
   *
   * @return its instruction index, or -1
   */
  public int loadingY(int bank, int first, int count, long cycle) {
    for (int i = size - 1; i >= 0; i--) {
      Command command = at(i);
      if (command.touchesY(bank, first, count) && inFlight(command, cycle)) {
        return command.index;
      }
    }
    return -1;
  }

  /**
   * Youngest load that may read a memory range in or after {@code cycle}. Where writes share the
   * port nobody knows when a load ends before it has ended.
   *
   * @param now the cycle being evaluated
   * @return its instruction index, or -1
   */
  public int readerAfter(int from, int length, long cycle, long now) {
    for (int i = size - 1; i >= 0; i--) {
      Command command = at(i);
      boolean overlaps = command.address < from + length && from < command.address + command.bytes;
      boolean dynamic = shared && command.lastBeat >= now;
      if (overlaps && (dynamic || command.lastRead(beatBytes, interval) >= cycle)) {
        return command.index;
      }
    }
    return -1;
  }

  /** Moves the beat of this cycle, if there is one. */
  @Override
  public void evaluate(long cycle) {
    if (size == 0) {
      return;
    }
    if (observer != null) {
      report(cycle, observer);
    }
    retireBefore(cycle);
    if (current >= size) {
      return;
    }
    Command command = at(current);
    if (command.delivered == 0) {
      nextBeat = Math.max(nextBeat, command.firstBeat);
    }
    if (cycle < nextBeat || (shared && output.leavesAt(cycle))) {
      return;
    }
    deliver(command, cycle, beatBytes);
    movedAt = cycle;
    nextBeat = cycle + interval;
    if (command.delivered == command.bytes) {
      command.lastBeat = cycle;
      command.doneCycle = cycle + doneLatency;
      lastScheduled = Math.max(lastScheduled, cycle);
      current++;
    }
  }

  private void report(long cycle, CoreObserver listener) {
    for (int i = 0; i < size; i++) {
      Command command = at(i);
      if (command.commandCycle == cycle) {
        listener.onStart(cycle, command.index, unit);
      }
      if (command.doneCycle == cycle) {
        listener.onDone(cycle, command.index, unit);
      }
    }
  }

  private void deliver(Command command, long cycle, int length) {
    byte[] source = memory.backing();
    int from = command.address + command.delivered;
    switch (command.destination) {
      case TILE_X -> rfx.write(command.tile, command.delivered, source, from, length);
      case TILE_Y ->
          rfy.writeMatrix(command.tile, command.delivered, source, from, length, command.index);
      case VECTOR ->
          rfy.writeVector(
              command.tile, command.slot, command.delivered, source, from, length, command.index);
    }
    command.delivered += length;
    if (unit == UnitKind.LOAD_X) {
      counters.countLoadedX(length);
    } else {
      counters.countLoadedY(length);
    }
    if (observer != null) {
      observer.onLoadBeat(cycle, command.index, unit);
    }
  }

  /** Whether anything of a load, up to its done pulse, is still to happen after {@code cycle}. */
  public boolean isBusy(long cycle) {
    return size > 0 && (at(size - 1).doneCycle == NEVER || at(size - 1).doneCycle >= cycle);
  }

  @Override
  public long nextEvent(long cycle) {
    if (current < size) {
      return Math.max(cycle, Math.max(nextBeat, at(current).firstBeat));
    }
    return size > 0 && at(size - 1).doneCycle >= cycle ? at(size - 1).doneCycle : NEVER;
  }

  @Override
  public long steadyUntil(long cycle) {
    if (size == 0) {
      return NEVER;
    }
    // A finished command leaves the queue when its busy flag has gone low.
    Command oldest = at(0);
    long end = oldest.doneCycle == NEVER ? NEVER : oldest.doneCycle + busyClearLatency;
    if (current >= size) {
      return end;
    }
    Command command = at(current);
    if (shared || output.willWrite(command.address, command.bytes)) {
      return cycle;
    }
    if (cycle < command.commandCycle) {
      return Math.min(end, command.commandCycle);
    }
    long beat = command.delivered == 0 ? Math.max(nextBeat, command.firstBeat) : nextBeat;
    if (cycle < beat) {
      return Math.min(end, beat);
    }
    // The last beat of a load is left to evaluate.
    int left = (command.bytes - command.delivered) / beatBytes - 1;
    return interval == 1 ? Math.min(end, cycle + left) : cycle;
  }

  @Override
  public void advance(long from, long to) {
    if (current >= size) {
      return;
    }
    Command command = at(current);
    if (command.delivered == 0) {
      nextBeat = Math.max(nextBeat, command.firstBeat);
    }
    if (from >= nextBeat) {
      deliver(command, to - 1, (int) (to - from) * beatBytes);
      movedAt = to - 1;
      nextBeat = to - 1 + interval;
    }
  }

  /**
   * A lower bound of the cycle in which no load in flight is that far any more: the end of the busy
   * flag of every load that {@code touches}.
   */
  private long busyEnd(Command command) {
    long done =
        command.doneCycle != NEVER
            ? command.doneCycle
            : command.lastRead(beatBytes, interval) + doneLatency;
    return done + busyClearLatency;
  }

  /** A cycle before which {@link #loadingX} does not change from a load to none. */
  public long loadingXUntil(int tile, long cycle) {
    long until = cycle;
    for (int i = 0; i < size; i++) {
      Command command = at(i);
      if (command.destination == Destination.TILE_X && command.tile == tile) {
        until = Math.max(until, busyEnd(command));
      }
    }
    return until;
  }

  /** A cycle before which {@link #loadingY} does not change from a load to none. */
  public long loadingYUntil(int bank, int first, int count, long cycle) {
    long until = cycle;
    for (int i = 0; i < size; i++) {
      Command command = at(i);
      if (command.touchesY(bank, first, count)) {
        until = Math.max(until, busyEnd(command));
      }
    }
    return until;
  }

  /** Whether a beat arrived in this (evaluated) cycle. */
  public boolean movedIn(long cycle) {
    return movedAt == cycle;
  }

  /** Why no beat arrived in this (evaluated) cycle although a command waits; null if none waits. */
  public @Nullable StallCause waitingFor(long cycle) {
    if (current >= size || at(current).commandCycle > cycle) {
      return null;
    }
    if (shared && output.leavesAt(cycle)) {
      return StallCause.PORT_SHARED;
    }
    return at(current).delivered == 0 ? StallCause.MEMORY_LATENCY : StallCause.BANDWIDTH;
  }

  /**
   * Passes a chain over the commands.
   *
   * @throws ScanException if a restored command does not fit
   */
  public void scan(ScanChain chain) {
    size = chain.scanChoice(unit + ".size", size, commands.length + 1);
    current = chain.scanChoice(unit + ".current", current, size + 1);
    nextBeat = chain.scan(unit + ".nextBeat", nextBeat);
    lastScheduled = chain.scan(unit + ".lastScheduled", lastScheduled);
    movedAt = chain.scan(unit + ".movedAt", movedAt);
    Destination[] destinations = Destination.values();
    for (int i = 0; i < size; i++) {
      Command command = at(i);
      command.index = chain.scan("command.index", command.index);
      int destination =
          chain.scanChoice(
              "command.destination", command.destination.ordinal(), destinations.length);
      command.destination = destinations[Math.max(0, destination)];
      command.tile = chain.scanChoice("command.tile", command.tile, 2);
      command.slot = chain.scan("command.slot", command.slot);
      command.words = chain.scan("command.words", command.words);
      command.address = chain.scan("command.address", command.address);
      command.bytes = chain.scan("command.bytes", command.bytes);
      command.delivered = chain.scan("command.delivered", command.delivered);
      command.commandCycle = chain.scan("command.commandCycle", command.commandCycle);
      command.firstBeat = chain.scan("command.firstBeat", command.firstBeat);
      command.lastBeat = chain.scan("command.lastBeat", command.lastBeat);
      command.doneCycle = chain.scan("command.done", command.doneCycle);
      if (command.address < 0
          || command.bytes < 0
          || (long) command.address + command.bytes > memory.backing().length) {
        throw new ScanException("load of " + command.bytes + " bytes at " + command.address);
      }
    }
  }

  @Override
  public String toString() {
    if (current >= size) {
      return unit + " idle";
    }
    Command command = at(current);
    return unit
        + " #"
        + command.index
        + " "
        + command.destination
        + " "
        + command.delivered
        + "/"
        + command.bytes
        + " bytes, "
        + (size - current)
        + " commands";
  }
}
