package org.tataa.core;

import org.jspecify.annotations.Nullable;
import org.tataa.control.BlockUnit;
import org.tataa.control.Controller;
import org.tataa.control.StoreUnit;
import org.tataa.control.VectorUnit;
import org.tataa.memory.DataMover;
import org.tataa.memory.OutputPort;
import org.tataa.observe.Counters;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;

/**
 * Accounts for every cycle of every unit: busy, stalled with a cause, or idle. Runs after all units
 * have been evaluated, so it does not depend on their order.
 */
final class CycleAccounting {
  private final Counters counters;
  private final Controller controller;
  private final DataMover moverX;
  private final DataMover moverY;
  private final BlockUnit blocks;
  private final VectorUnit vectors;
  private final StoreUnit stores;
  private final OutputPort output;

  CycleAccounting(
      Counters counters,
      Controller controller,
      DataMover moverX,
      DataMover moverY,
      BlockUnit blocks,
      VectorUnit vectors,
      StoreUnit stores,
      OutputPort output) {
    this.counters = counters;
    this.controller = controller;
    this.moverX = moverX;
    this.moverY = moverY;
    this.blocks = blocks;
    this.vectors = vectors;
    this.stores = stores;
    this.output = output;
  }

  /** Counts a cycle that all units have evaluated. */
  void count(long cycle) {
    counters.countCycles(1);
    StallCause stall = controller.stall();
    UnitKind waiting = stall == null ? UnitKind.CONTROLLER : controller.stalledUnit();
    countController(cycle, stall);
    countMover(moverX, UnitKind.LOAD_X, cycle, waiting, stall);
    countMover(moverY, UnitKind.LOAD_Y, cycle, waiting, stall);
    countExec(cycle, waiting, stall);
    if (stores.isReading(cycle)) {
      counters.countBusy(UnitKind.STORE, 1);
    } else {
      StallCause own = stores.nextEvent(cycle) == cycle ? StallCause.LAUNCH : null;
      lost(UnitKind.STORE, own, waiting, stall);
    }
    if (output.sentIn(cycle)) {
      counters.countBusy(UnitKind.OUTPUT, 1);
    } else {
      lost(UnitKind.OUTPUT, output.isBusy() ? StallCause.OUTPUT_LATENCY : null, waiting, stall);
    }
  }

  private void countController(long cycle, @Nullable StallCause stall) {
    if (stall != null) {
      counters.countStall(UnitKind.CONTROLLER, stall, 1);
    } else if (controller.acceptedIn(cycle)) {
      counters.countBusy(UnitKind.CONTROLLER, 1);
    } else {
      counters.countIdle(UnitKind.CONTROLLER, 1);
    }
  }

  private void countMover(
      DataMover mover, UnitKind unit, long cycle, UnitKind waiting, @Nullable StallCause stall) {
    if (mover.movedIn(cycle)) {
      counters.countBusy(unit, 1);
    } else {
      lost(unit, mover.waitingFor(cycle), waiting, stall);
    }
  }

  private void countExec(long cycle, UnitKind waiting, @Nullable StallCause stall) {
    if (blocks.isFeeding(cycle) || vectors.startsIn(cycle)) {
      counters.countBusy(UnitKind.EXEC, 1);
      return;
    }
    StallCause own = blocks.phase(cycle);
    if (own == null && waiting != UnitKind.EXEC && vectors.isActive()) {
      own = StallCause.PIPELINE;
    }
    lost(UnitKind.EXEC, own, waiting, stall);
  }

  // A unit's own latency first; a unit without work of its own is waiting if the instruction at the
  // head of the program is for it.
  private void lost(
      UnitKind unit, @Nullable StallCause own, UnitKind waiting, @Nullable StallCause stall) {
    if (own != null) {
      counters.countStall(unit, own, 1);
    } else if (stall != null && waiting == unit) {
      counters.countStall(unit, stall, 1);
    } else {
      counters.countIdle(unit, 1);
    }
  }
}
