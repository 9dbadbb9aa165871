package org.tataa.memory;

import org.jspecify.annotations.Nullable;
import org.tataa.clock.ClockedUnit;
import org.tataa.config.HbmConfig;
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

    /** Bytes that arrive together. */
    int moveBytes;

    /** Number of the first column at the port of the channels. */
    long firstColumn;

    long commandCycle;
    long firstBeat;
    long lastBeat;
    long doneCycle;

    private Command() {}

    /** {@return instruction index of the load} */
    public int index() {
      return index;
    }

    /** {@return cycle in which the mover takes the command} */
    public long commandCycle() {
      return commandCycle;
    }

    /** {@return cycle of the first beat; a lower bound where it cannot be known} */
    public long firstBeat() {
      return firstBeat;
    }

    /** {@return cycle of the last beat} */
    public long lastBeat() {
      return lastBeat;
    }

    // Cycles in which something is still to arrive.
    private int movesLeft() {
      return (bytes - delivered + moveBytes - 1) / moveBytes;
    }

    /** Whether it writes the storage of slot or word {@code first..first+count-1} of RFY. */
    boolean touchesY(int bank, int first, int count) {
      if (destination == Destination.TILE_X || tile != bank) {
        return false;
      }
      int from = destination == Destination.VECTOR ? slot : 0;
      return from < first + count && first < from + words;
    }
  }

  private final UnitKind unit;
  private final ExternalMemory memory;
  private final RegisterFileX rfx;
  private final RegisterFileY rfy;
  private final SlotScoreboard scoreboard;
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
  private final @Nullable HbmReadPort channels;

  /** Whether nobody knows when a load ends before it has ended. */
  private final boolean isDynamic;

  private final int vectorLoadBeats;
  private final Command[] commands;
  private int head;
  private int size;
  private int current;
  private long nextBeat;
  private long lastScheduled;
  private long movedAt;
  private @Nullable CoreObserver observer;

  /**
   * An idle port.
   *
   * @param unit the port
   * @param config the machine
   * @param memory where data comes from
   * @param rfx the X register file
   * @param rfy the Y register file
   * @param scoreboard who uses which slot
   * @param output the writes that may share the port
   * @param counters count what happens
   * @param ports of pseudo-channels; null for a memory of fixed latency
   */
  public DataMover(
      UnitKind unit,
      TataaConfig config,
      ExternalMemory memory,
      RegisterFileX rfx,
      RegisterFileY rfy,
      SlotScoreboard scoreboard,
      OutputPort output,
      Counters counters,
      Hbm.@Nullable Ports ports) {
    this.unit = unit;
    this.memory = memory;
    this.rfx = rfx;
    this.rfy = rfy;
    this.scoreboard = scoreboard;
    this.output = output;
    this.counters = counters;
    beatBytes = config.memory().portBytes();
    HbmConfig hbm = config.memory().hbm();
    latency =
        hbm == null ? config.memory().latencyCycles() : hbm.leastLatencyCycles(config.clockHz());
    interval = config.memory().beatInterval();
    queueDepth = config.memory().queueDepth();
    commandLatency = config.timing().loadCommandLatency();
    doneLatency = config.timing().loadDoneLatency();
    busyClearLatency = config.timing().busyClearLatency();
    shared = unit == UnitKind.LOAD_Y && config.memory().sharedYzPort();
    channels = ports == null ? null : unit == UnitKind.LOAD_X ? ports.x : ports.y;
    isDynamic = shared || channels != null;
    vectorLoadBeats = config.memory().vectorLoadBeats();
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

  /**
   * Sets who hears of events, or null.
   *
   * @param value the value
   */
  public void observe(@Nullable CoreObserver value) {
    observer = value;
  }

  private Command at(int i) {
    int place = head + i;
    return commands[place < commands.length ? place : place - commands.length];
  }

  /**
   * Enters a load accepted in {@code cycle}; the caller has checked {@link #isFull}.
   *
   * @param cycle clock cycle of the acceptance
   * @param index number of the instruction in the program
   * @param destination what the bytes become
   * @param tile number of the tile
   * @param slot first slot of the vectors
   * @param words words of the tile, or vectors
   * @param address first byte
   * @param bytes how many bytes
   */
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
    command.moveBytes = moveBytes(destination);
    command.commandCycle = cycle + commandLatency;
    command.firstBeat = firstBeatIfAccepted(cycle);
    lastScheduled = command.firstBeat + (long) (command.movesLeft() - 1) * interval;
    command.lastBeat = isDynamic ? NEVER : lastScheduled;
    command.doneCycle = isDynamic ? NEVER : lastScheduled + doneLatency;
    if (channels != null) {
      command.firstColumn = channels.read(cycle, command.commandCycle, address, bytes);
    }
    enterOnScoreboard(command);
  }

  private int moveBytes(Destination destination) {
    return destination == Destination.VECTOR ? vectorLoadBeats * beatBytes : beatBytes;
  }

  private void enterOnScoreboard(Command command) {
    int count = sharedSlots(command);
    if (count > 0) {
      long end = command.doneCycle == NEVER ? NEVER : command.doneCycle + busyClearLatency;
      scoreboard.loads(command.tile, command.slot, count, unit, command.index, end);
    }
  }

  // Vector slots a load fills: as many as it has vectors, those its words fall on, or none.
  private int sharedSlots(Command command) {
    return switch (command.destination) {
      case VECTOR -> command.words;
      case TILE_Y -> Math.min(command.words, rfy.slots());
      case TILE_X -> 0;
    };
  }

  /**
   * {@return earliest cycle of the first beat of a load accepted in {@code cycle}}
   *
   * @param cycle clock cycle, from 0
   */
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

  /**
   * {@return whether the queue cannot take a load accepted in {@code cycle}}
   *
   * @param cycle clock cycle, from 0
   */
  public boolean isFull(long cycle) {
    int waiting = 0;
    for (int i = 0; i < size; i++) {
      if (at(i).lastBeat >= cycle) {
        waiting++;
      }
    }
    return waiting >= queueDepth;
  }

  /**
   * {@return index of the oldest load that still occupies the queue, or -1}
   *
   * @param cycle clock cycle, from 0
   */
  public int oldestWaiting(long cycle) {
    for (int i = 0; i < size; i++) {
      if (at(i).lastBeat >= cycle) {
        return at(i).index;
      }
    }
    return -1;
  }

  /**
   * {@return cycle after which the queue has a free place; for a full queue}
   *
   * @param cycle clock cycle, from 0
   */
  public long placeFreeAfter(long cycle) {
    for (int i = 0; i < size; i++) {
      if (at(i).lastBeat >= cycle) {
        return at(i).lastBeat;
      }
    }
    return cycle;
  }

  /**
   * {@return the last cycle in which an accepted load reads a memory range; a cycle long past if
   * none}
   *
   * @param from first byte, in the memory behind both windows
   * @param length how many bytes
   */
  public long lastReadOf(int from, int length) {
    long last = Long.MIN_VALUE / 2;
    for (int i = 0; i < size; i++) {
      Command command = at(i);
      if (command.address < from + length && from < command.address + command.bytes) {
        last = Math.max(last, command.lastBeat);
      }
    }
    return last;
  }

  private boolean inFlight(Command command, long cycle) {
    return command.doneCycle == NEVER || cycle < command.doneCycle + busyClearLatency;
  }

  /**
   * Youngest load of an RFX tile whose busy flag is still high in {@code cycle}.
   *
   * @param tile number of the tile
   * @param cycle clock cycle, from 0
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
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param first first slot
   * @param count how many
   * @param cycle clock cycle, from 0
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
   * port, and behind pseudo-channels, nobody knows when a load ends before it has ended.
   *
   * @param from first byte, in the memory behind both windows
   * @param length how many bytes
   * @param cycle clock cycle, from 0
   * @param now the cycle being evaluated
   * @return its instruction index, or -1
   */
  public int readerAfter(int from, int length, long cycle, long now) {
    for (int i = size - 1; i >= 0; i--) {
      Command command = at(i);
      boolean overlaps = command.address < from + length && from < command.address + command.bytes;
      boolean dynamic = isDynamic && command.lastBeat >= now;
      if (overlaps && (dynamic || command.lastBeat >= cycle)) {
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
    if (cycle < due(command)
        || (shared && output.leavesAt(cycle))
        || (channels != null && !isThere(command, channels, cycle))) {
      return;
    }
    deliver(command, cycle, 1);
    if (channels != null) {
      channels.take(command.firstColumn, command.address, command.delivered, command.bytes);
    }
    if (command.delivered == command.bytes && isDynamic) {
      command.lastBeat = cycle;
      command.doneCycle = cycle + doneLatency;
      lastScheduled = Math.max(lastScheduled, cycle);
      int count = sharedSlots(command);
      long end = command.doneCycle + busyClearLatency;
      scoreboard.loadEnds(command.tile, command.slot, count, command.index, end);
    }
  }

  // Whether all that moves in a cycle has come.
  private static boolean isThere(Command command, HbmReadPort channels, long cycle) {
    int last = Math.min(command.delivered + command.moveBytes, command.bytes) - 1;
    return channels.isThere(cycle, command.firstColumn, command.address, last);
  }

  private long due(Command command) {
    return command.delivered == 0 ? Math.max(nextBeat, command.firstBeat) : nextBeat;
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

  // What arrives in a number of cycles up to this one.
  private void deliver(Command command, long cycle, int moves) {
    int length = Math.min(moves * command.moveBytes, command.bytes - command.delivered);
    byte[] source = memory.backing();
    int from = command.address + command.delivered;
    switch (command.destination) {
      case TILE_X -> rfx.write(command.tile, command.delivered, source, from, length);
      case TILE_Y ->
          rfy.writeMatrix(command.tile, command.delivered, source, from, length, command.index);
      case VECTOR ->
          rfy.writeVectors(
              command.tile, command.slot, command.delivered, memory, from, length, command.index);
    }
    command.delivered += length;
    movedAt = cycle;
    nextBeat = cycle + interval;
    if (unit == UnitKind.LOAD_X) {
      counters.countLoadedX(length);
    } else {
      counters.countLoadedY(length);
    }
    if (observer != null) {
      observer.onLoadBeat(cycle, command.index, unit);
    }
    if (command.delivered == command.bytes) {
      current++;
    }
  }

  /**
   * Moves the beats of the oldest load that is not complete, as far as they come before a cycle.
   * Not for a port whose loads end nobody knows when.
   *
   * @param to the cycle up to which
   */
  public void forward(long to) {
    if (current >= size) {
      return;
    }
    Command command = at(current);
    long next = due(command);
    if (next >= to) {
      return;
    }
    long moves = interval == 1 ? to - next : (to - 1 - next) / interval + 1;
    moves = Math.min(moves, command.movesLeft());
    deliver(command, next + (moves - 1) * interval, (int) moves);
  }

  /** {@return instruction index of the oldest load that is not complete, or -1} */
  public int incomplete() {
    return current < size ? at(current).index : -1;
  }

  /**
   * Forgets what has passed, as evaluating a cycle does.
   *
   * @param cycle clock cycle, from 0
   */
  public void settle(long cycle) {
    retireBefore(cycle);
  }

  /** {@return loads that are remembered, the oldest first} */
  public int remembered() {
    return size;
  }

  /**
   * {@return a load that is remembered}
   *
   * @param i 0..remembered()-1, 0 the oldest
   */
  public Command load(int i) {
    return at(i);
  }

  /** {@return cycles from one beat to the next} */
  public int beatInterval() {
    return interval;
  }

  /** {@return cycles from acceptance of a load to its first beat on an idle port} */
  public int firstBeatLatency() {
    return commandLatency + latency;
  }

  /** {@return first cycle in which nothing of the loads accepted so far is left to happen} */
  public long quietAt() {
    return size == 0 ? Long.MIN_VALUE : at(size - 1).doneCycle + 1;
  }

  @Override
  public long nextEvent(long cycle) {
    if (current < size) {
      return Math.max(cycle, due(at(current)));
    }
    return size > 0 && at(size - 1).doneCycle >= cycle ? at(size - 1).doneCycle : NEVER;
  }

  private long busyEnd(Command command) {
    return command.doneCycle == NEVER ? NEVER : command.doneCycle + busyClearLatency;
  }

  /**
   * {@return a cycle before which {@link #loadingX} does not change from a load to none}
   *
   * @param tile number of the tile
   * @param cycle clock cycle, from 0
   */
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

  /**
   * {@return a cycle before which {@link #loadingY} does not change from a load to none}
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param first first slot
   * @param count how many
   * @param cycle clock cycle, from 0
   */
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

  /**
   * {@return whether a beat arrived in this (evaluated) cycle}
   *
   * @param cycle clock cycle, from 0
   */
  public boolean movedIn(long cycle) {
    return movedAt == cycle;
  }

  /**
   * {@return why no beat arrived in this (evaluated) cycle although a command waits; null if none
   * waits}
   *
   * @param cycle clock cycle, from 0
   */
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
   * @param chain reads or writes the state
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
      chain.unit(unit + ".command[" + i + "]");
      command.index = chain.scan("index", command.index);
      int destination =
          chain.scanChoice("destination", command.destination.ordinal(), destinations.length);
      command.destination = destinations[Math.max(0, destination)];
      command.moveBytes = moveBytes(command.destination);
      command.tile = chain.scanChoice("tile", command.tile, 2);
      command.slot = chain.scan("slot", command.slot);
      command.words = chain.scan("words", command.words);
      command.address = chain.scan("address", command.address);
      command.bytes = chain.scan("bytes", command.bytes);
      command.delivered = chain.scan("delivered", command.delivered);
      command.commandCycle = chain.scan("commandCycle", command.commandCycle);
      command.firstBeat = chain.scan("firstBeat", command.firstBeat);
      if (channels != null) {
        command.firstColumn = chain.scan("firstColumn", command.firstColumn);
      }
      command.lastBeat = chain.scan("lastBeat", command.lastBeat);
      command.doneCycle = chain.scan("done", command.doneCycle);
      if (command.address < 0
          || command.bytes < 0
          || (long) command.address + command.bytes > memory.backing().length) {
        throw new ScanException("load of " + command.bytes + " bytes at " + command.address);
      }
      checkSlots(command);
      enterOnScoreboard(command);
    }
    chain.unit("");
  }

  private void checkSlots(Command command) {
    int count = sharedSlots(command);
    if (command.tile < 0 || command.slot < 0 || count < 0 || count > rfy.slots() - command.slot) {
      throw new ScanException("load of slots " + command.slot + "+" + count);
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
