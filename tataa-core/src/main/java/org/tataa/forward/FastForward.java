package org.tataa.forward;

import org.tataa.config.HazardPolicy;
import org.tataa.config.TataaConfig;
import org.tataa.control.BlockUnit;
import org.tataa.control.Controller;
import org.tataa.control.MicroOp;
import org.tataa.control.StoreUnit;
import org.tataa.control.VectorUnit;
import org.tataa.memory.DataMover;
import org.tataa.memory.OutputPort;
import org.tataa.observe.Counters;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;

/**
 * Advances a core to any cycle without evaluating those in between. What is left behind is what
 * evaluating them would have left.
 *
 * <p>It needs to know all dates in advance, so it does not serve machines whose reads and writes
 * share a port or whose blocks overlap, hazards as errors, and programs that could raise an error
 * or wait for ever ({@link Controller#isClean}).
 */
public final class FastForward {
  private static final int NONE = Integer.MAX_VALUE;

  private final Controller controller;
  private final DataMover moverX;
  private final DataMover moverY;
  private final BlockUnit blocks;
  private final VectorUnit vectors;
  private final StoreUnit stores;
  private final OutputPort output;
  private final ForwardAccounting accounting;
  private final boolean serves;

  /** An engine for the units of one core. */
  public FastForward(
      TataaConfig config,
      Counters counters,
      Controller controller,
      DataMover moverX,
      DataMover moverY,
      BlockUnit blocks,
      VectorUnit vectors,
      StoreUnit stores,
      OutputPort output) {
    this.controller = controller;
    this.moverX = moverX;
    this.moverY = moverY;
    this.blocks = blocks;
    this.vectors = vectors;
    this.stores = stores;
    this.output = output;
    accounting =
        new ForwardAccounting(config, counters, moverX, moverY, blocks, vectors, stores, output);
    serves =
        config.profiles().hazards() == HazardPolicy.STALL
            && !config.memory().sharedYzPort()
            && config.memory().hbm() == null
            && !config.overlappedDrain();
  }

  /** Whether the program in the controller can be run on this machine without evaluating cycles. */
  public boolean serves() {
    return serves && controller.isClean();
  }

  /**
   * Does the work of the cycles {@code from..end-1}, less if everything ends before.
   *
   * @param from the next cycle to be evaluated
   * @param milestones are reached on the way
   * @return the next cycle to be evaluated
   */
  public long advance(long from, long end, Milestones milestones) {
    accounting.begin(from);
    resume(from, end);
    long cycle = from;
    int milestone = milestones.next();
    while (cycle < end && !controller.isEnded()) {
      MicroOp op = controller.next();
      StallCause cause = controller.check(cycle);
      if (cause != null) {
        long until = Math.min(end, Math.max(cycle + 1, controller.until()));
        controller.waits(cause, until - cycle, until - 1);
        accounting.waits(op.unit(), cause, cycle, until);
        cycle = until;
      } else {
        accounting.accepts(op, cycle);
        controller.accept(cycle);
        accounting.accepted(op, cycle);
        forwardYoungest(op, cycle, end);
        cycle++;
        if (controller.pc() == milestone) {
          accounting.close(cycle);
          milestones.reach();
          milestone = milestones.next();
        }
      }
    }
    if (cycle < end) {
      cycle = Math.max(cycle, Math.min(end, quietAt()));
    }
    if (cycle > from) {
      settle(cycle);
    }
    return cycle;
  }

  private void settle(long cycle) {
    accounting.end(cycle);
    if (controller.isEnded() && !controller.acceptedIn(cycle - 1)) {
      controller.rests(cycle - 1);
    }
    moverX.settle(cycle - 1);
    moverY.settle(cycle - 1);
    blocks.settle(cycle - 1);
    stores.settle(cycle - 1);
    output.settle(cycle - 1);
  }

  /** First cycle in which every unit is quiet unless it gets more to do. */
  public long quietAt() {
    long quiet = Math.max(moverX.quietAt(), moverY.quietAt());
    quiet = Math.max(quiet, Math.max(blocks.quietAt(), vectors.activeEnd() + 1));
    return Math.max(quiet, Math.max(stores.quietAt(), output.lastBeat() + 1));
  }

  private void forwardYoungest(MicroOp op, long from, long to) {
    switch (op.kind()) {
      case VECTOR -> vectors.forward(vectors.inFlight() - 1, from, to);
      case LOAD_VECTOR, LOAD_TILE_X, LOAD_TILE_Y -> mover(op).forward(to);
      case MATMUL -> blocks.forward(blocks.inFlight() - 1, from, to);
      case STORE -> {
        stores.forward(to);
        output.forward(to);
      }
      case NOP, SCALE, CONSTANT, HALT -> {}
    }
  }

  private DataMover mover(MicroOp op) {
    return op.unit() == UnitKind.LOAD_X ? moverX : moverY;
  }

  // What was in flight already, in program order.
  private void resume(long from, long to) {
    int x = orNone(moverX.incomplete());
    int y = orNone(moverY.incomplete());
    int store = stores.isRunning() ? stores.index() : NONE;
    int sent = orNone(output.incomplete());
    int block = 0;
    int vector = 0;
    while (true) {
      int nextBlock = block < blocks.inFlight() ? blocks.index(block) : NONE;
      int nextVector = vector < vectors.inFlight() ? vectors.index(vector) : NONE;
      int next = Math.min(Math.min(x, y), Math.min(Math.min(store, sent), nextBlock));
      next = Math.min(next, nextVector);
      if (next == NONE) {
        return;
      }
      if (next == x) {
        x = forward(moverX, x, to);
      } else if (next == y) {
        y = forward(moverY, y, to);
      } else if (next == nextBlock) {
        blocks.forward(block++, from, to);
      } else if (next == nextVector) {
        vector += vectors.forward(vector, from, to) ? 0 : 1;
      } else if (next == store) {
        stores.forward(to);
        store = NONE;
      } else {
        output.forward(to);
        int after = orNone(output.incomplete());
        sent = after == sent ? NONE : after;
      }
    }
  }

  private static int forward(DataMover mover, int index, long to) {
    mover.forward(to);
    int after = orNone(mover.incomplete());
    return after == index ? NONE : after;
  }

  private static int orNone(int index) {
    return index < 0 ? NONE : index;
  }
}
