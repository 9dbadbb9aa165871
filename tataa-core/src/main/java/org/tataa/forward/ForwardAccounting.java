package org.tataa.forward;

import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.control.BlockUnit;
import org.tataa.control.MicroOp;
import org.tataa.control.StoreUnit;
import org.tataa.control.VectorUnit;
import org.tataa.memory.DataMover;
import org.tataa.memory.OutputPort;
import org.tataa.observe.Counters;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;

/**
 * Counts for every unit how many cycles it was busy, stalled by which cause, or idle, from dates:
 * what {@code CycleAccounting} of the core counts cycle by cycle (docs/architecture.md).
 *
 * <p>Each unit is accounted for up to a cycle. That is brought up to date before the unit gets new
 * work and before the controller begins to wait for it, so between two entries a unit has the work
 * it had and nobody or the same instruction waits for it.
 */
final class ForwardAccounting {
  private final TimingConfig timing;
  private final Counters counters;
  private final DataMover moverX;
  private final DataMover moverY;
  private final BlockUnit blocks;
  private final VectorUnit vectors;
  private final StoreUnit stores;
  private final OutputPort output;

  private long opened;
  private long controllerCycles;
  private long openX;
  private long openY;
  private long openExec;
  private long openStore;
  private long openOutput;

  /** exec_start of vector operations that have not been counted, the oldest first. */
  private final long[] starts = new long[128];

  private int firstStart;
  private int lastStart;

  ForwardAccounting(
      TataaConfig config,
      Counters counters,
      DataMover moverX,
      DataMover moverY,
      BlockUnit blocks,
      VectorUnit vectors,
      StoreUnit stores,
      OutputPort output) {
    timing = config.timing();
    this.counters = counters;
    this.moverX = moverX;
    this.moverY = moverY;
    this.blocks = blocks;
    this.vectors = vectors;
    this.stores = stores;
    this.output = output;
  }

  /** Opens all books. */
  void begin(long cycle) {
    opened = cycle;
    controllerCycles = 0;
    openX = openY = openExec = openStore = openOutput = cycle;
    firstStart = lastStart = 0;
    for (int i = 0; i < vectors.inFlight(); i++) {
      if (vectors.start(i) >= cycle) {
        addStart(vectors.start(i));
      }
    }
  }

  private void addStart(long start) {
    starts[lastStart++ & starts.length - 1] = start;
  }

  /** The instruction at the head of the program waits for a unit in {@code from..to-1}. */
  void waits(UnitKind unit, StallCause cause, long from, long to) {
    counters.countStall(UnitKind.CONTROLLER, cause, to - from);
    controllerCycles += to - from;
    bring(unit, from, null);
    bring(unit, to, cause);
  }

  /** The controller is about to accept an instruction. */
  void accepts(MicroOp op, long cycle) {
    counters.countBusy(UnitKind.CONTROLLER, 1);
    controllerCycles++;
    switch (op.kind()) {
      case NOP, SCALE, CONSTANT, HALT -> {}
      case STORE -> {
        store(cycle, null);
        output(cycle);
      }
      default -> bring(op.unit(), cycle, null);
    }
  }

  /** The controller has accepted an instruction. */
  void accepted(MicroOp op, long cycle) {
    if (op.kind() == MicroOp.Kind.VECTOR) {
      addStart(cycle + timing.startLatency());
    }
  }

  /** All cycles before this one are counted; it goes on. */
  void close(long cycle) {
    end(cycle);
    opened = cycle;
    controllerCycles = 0;
  }

  /** Counts all cycles before this one. */
  void end(long cycle) {
    counters.countCycles(cycle - opened);
    counters.countIdle(UnitKind.CONTROLLER, cycle - opened - controllerCycles);
    bring(UnitKind.LOAD_X, cycle, null);
    bring(UnitKind.LOAD_Y, cycle, null);
    exec(cycle, null);
    store(cycle, null);
    output(cycle);
  }

  private void bring(UnitKind unit, long to, @Nullable StallCause waiting) {
    switch (unit) {
      case EXEC -> exec(to, waiting);
      case LOAD_X -> {
        mover(moverX, unit, openX, to, waiting);
        openX = to;
      }
      case LOAD_Y -> {
        mover(moverY, unit, openY, to, waiting);
        openY = to;
      }
      case STORE -> store(to, waiting);
      case CONTROLLER, OUTPUT -> throw new IllegalArgumentException("nothing waits for " + unit);
    }
  }

  // Cycles without work of the unit's own: the instruction at the head waits for it, or it is idle.
  private void rest(UnitKind unit, @Nullable StallCause waiting, long cycles) {
    if (waiting == null) {
      counters.countIdle(unit, cycles);
    } else {
      counters.countStall(unit, waiting, cycles);
    }
  }

  private void mover(
      DataMover mover, UnitKind unit, long from, long to, @Nullable StallCause waiting) {
    if (from >= to) {
      return;
    }
    long beats = 0;
    long latency = 0;
    long bandwidth = 0;
    long free = from;
    for (int i = 0; i < mover.remembered() && free < to; i++) {
      DataMover.Command load = mover.load(i);
      if (load.lastBeat() < from) {
        continue;
      }
      long begin = Math.max(load.commandCycle(), free);
      latency += overlap(begin, load.firstBeat(), from, to);
      long moving = overlap(load.firstBeat(), load.lastBeat() + 1, from, to);
      long moved = beats(load, mover.beatInterval(), from, to);
      beats += moved;
      bandwidth += moving - moved;
      free = load.lastBeat() + 1;
    }
    counters.countBusy(unit, beats);
    counters.countStall(unit, StallCause.MEMORY_LATENCY, latency);
    counters.countStall(unit, StallCause.BANDWIDTH, bandwidth);
    rest(unit, waiting, to - from - beats - latency - bandwidth);
  }

  private static long beats(DataMover.Command load, int interval, long from, long to) {
    long first = load.firstBeat();
    long end = Math.min(to, load.lastBeat() + 1);
    if (end <= Math.max(from, first)) {
      return 0;
    }
    long before = from <= first ? 0 : (from - first + interval - 1) / interval;
    return (end - first + interval - 1) / interval - before;
  }

  private void exec(long to, @Nullable StallCause waiting) {
    long from = openExec;
    if (from >= to) {
      return;
    }
    openExec = to;
    long read = Long.MIN_VALUE;
    long fed = Long.MIN_VALUE;
    long flushed = Long.MIN_VALUE;
    long launched = Long.MIN_VALUE;
    if (blocks.inFlight() > 0) {
      read = blocks.youngestStart() + timing.operandReadLatency();
      fed = read + blocks.youngestDepth();
      flushed = blocks.youngestDone() + 1;
      launched = blocks.youngestDone() + timing.busyClearLatency();
    }
    long active = Math.min(to, Math.max(from, vectors.activeEnd()));
    long started = 0;
    long flush = overlap(fed, flushed, from, to);
    long launch = overlap(from, read, from, to) + overlap(flushed, launched, from, to);
    // Cycles that a vector pipeline in flight could claim: no block, no operation starting.
    long pipeline = active - from - overlap(from, launched, from, active);
    while (firstStart != lastStart && starts[firstStart & starts.length - 1] < to) {
      long start = starts[firstStart++ & starts.length - 1];
      started++;
      if (start >= launched) {
        pipeline--;
      } else if (start < flushed) {
        flush--;
      } else {
        launch--;
      }
    }
    long feed = overlap(read, fed, from, to);
    counters.countBusy(UnitKind.EXEC, feed + started);
    counters.countStall(UnitKind.EXEC, StallCause.FLUSH, flush);
    counters.countStall(UnitKind.EXEC, StallCause.LAUNCH, launch);
    long left = to - from - feed - started - flush - launch;
    if (waiting == null) {
      counters.countStall(UnitKind.EXEC, StallCause.PIPELINE, pipeline);
      left -= pipeline;
    }
    rest(UnitKind.EXEC, waiting, left);
  }

  private void store(long to, @Nullable StallCause waiting) {
    long from = openStore;
    if (from >= to) {
      return;
    }
    openStore = to;
    long reads = overlap(stores.firstRead(), stores.firstRead() + stores.words(), from, to);
    long own = overlap(from, stores.busyEnd(), from, to);
    counters.countBusy(UnitKind.STORE, reads);
    counters.countStall(UnitKind.STORE, StallCause.LAUNCH, own - reads);
    rest(UnitKind.STORE, waiting, to - from - own);
  }

  private void output(long to) {
    long from = openOutput;
    if (from >= to) {
      return;
    }
    openOutput = to;
    long beats = 0;
    long own = 0;
    long free = from;
    for (int i = 0; i < output.remembered(); i++) {
      long last = output.lastBeat(i);
      if (last >= from) {
        beats += overlap(output.firstBeat(i), last + 1, from, to);
        own += overlap(free, last + 1, from, to);
        free = last + 1;
      }
    }
    counters.countBusy(UnitKind.OUTPUT, beats);
    counters.countStall(UnitKind.OUTPUT, StallCause.OUTPUT_LATENCY, own - beats);
    rest(UnitKind.OUTPUT, null, to - from - own);
  }

  // Cycles that [first, end) and [from, to) have in common.
  private static long overlap(long first, long end, long from, long to) {
    long begin = Math.max(first, from);
    long stop = Math.min(end, to);
    return stop > begin ? stop - begin : 0;
  }
}
