package org.tataa.control;

import org.jspecify.annotations.Nullable;
import org.tataa.array.VectorPipeline;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.ConfigScale;
import org.tataa.isa.Instruction;
import org.tataa.isa.LoadM;
import org.tataa.isa.LoadV;
import org.tataa.isa.MatMul;
import org.tataa.isa.Operand;
import org.tataa.isa.Store;
import org.tataa.isa.VectorOp;
import org.tataa.memory.DataMover;
import org.tataa.memory.ExternalMemory;
import org.tataa.memory.OutputPort;
import org.tataa.observe.StallCause;
import org.tataa.state.ScanChain;

/**
 * The hazard rules (isa.md, Hazards): whether an instruction can be accepted in a cycle, and if not
 * why. After {@link #check} said no, {@link #blocker()} is the instruction it waits for.
 */
final class IssueRules {
  private final TimingConfig timing;
  private final boolean pipelinedMode;
  private final int vectorSlots;
  private final ExternalMemory memory;
  private final DataMover moverX;
  private final DataMover moverY;
  private final BlockUnit blocks;
  private final VectorUnit vectors;
  private final StoreUnit stores;
  private final OutputPort output;
  private final DmbLedger ledger;
  private final int dmpus;
  private final int outputFifoBeats;
  private final int beatBytes;
  private int lastTileX = -1;
  private int lastTileY = -1;
  private int blocker = -1;
  private long until;

  IssueRules(
      TataaConfig config,
      ExternalMemory memory,
      DataMover moverX,
      DataMover moverY,
      BlockUnit blocks,
      VectorUnit vectors,
      StoreUnit stores,
      OutputPort output,
      DmbLedger ledger) {
    timing = config.timing();
    pipelinedMode = config.pipelinedMode();
    vectorSlots = config.buffers().vectorSlots();
    dmpus = config.geometry().dmpus();
    outputFifoBeats = config.buffers().outputFifoBeats();
    beatBytes = config.memory().portBytes();
    this.memory = memory;
    this.moverX = moverX;
    this.moverY = moverY;
    this.blocks = blocks;
    this.vectors = vectors;
    this.stores = stores;
    this.output = output;
    this.ledger = ledger;
  }

  void reset() {
    lastTileX = -1;
    lastTileY = -1;
    blocker = -1;
  }

  void scan(ScanChain chain) {
    lastTileX = chain.scan("issue.lastTileX", lastTileX);
    lastTileY = chain.scan("issue.lastTileY", lastTileY);
  }

  /** A MATMUL was accepted: its tiles are the ones the exec busy flag stands for. */
  void executes(MatMul matmul) {
    lastTileX = matmul.xTile();
    lastTileY = matmul.yTile();
  }

  /** The instruction the last refused one waits for, or -1 if none can be named. */
  int blocker() {
    return blocker;
  }

  /**
   * A cycle before which the answer of the last {@link #check} that said no stays the same, as long
   * as nothing is accepted.
   */
  long until() {
    return until;
  }

  private boolean waitsUntil(long cycle) {
    until = cycle;
    return true;
  }

  /** Why the instruction cannot be accepted in {@code cycle}, or null if it can. */
  @Nullable StallCause check(Instruction instruction, long cycle) {
    blocker = -1;
    until = cycle + 1;
    if (instruction instanceof VectorOp op) {
      return checkVector(op, cycle);
    } else if (instruction instanceof MatMul matmul) {
      return checkMatMul(matmul, cycle);
    } else if (instruction instanceof LoadM load) {
      return load.operand() == Operand.X ? checkLoadX(load, cycle) : checkLoadY(load, cycle);
    } else if (instruction instanceof LoadV load) {
      return checkLoadV(load, cycle);
    } else if (instruction instanceof Store store) {
      return checkStore(store, cycle);
    } else if (instruction instanceof ConfigScale) {
      return blocked(stores.running(cycle)) && waitsUntil(stores.busyEnd())
          ? StallCause.SCALE_LIVE
          : null;
    }
    return null;
  }

  private boolean blocked(int index) {
    if (index >= 0) {
      blocker = index;
      return true;
    }
    return false;
  }

  private boolean execBusy(long cycle) {
    return blocks.isBusy(cycle) || vectors.isBusy(cycle);
  }

  private int lastExecuted() {
    return Math.max(blocks.youngest(), vectors.lastIndex());
  }

  // The released controller compares with the tiles of the last MATMUL while exec is busy, whatever
  // keeps it busy.
  private boolean tileExecuting(boolean operandX, int tile, long cycle) {
    int last = operandX ? lastTileX : lastTileY;
    if (blocked(blocks.executing(operandX, tile, 0, cycle))) {
      return waitsUntil(blocks.executingUntil(operandX, tile, 0));
    }
    return last == tile
        && vectors.isBusy(cycle)
        && blocked(vectors.lastIndex())
        && waitsUntil(vectors.busyEnd());
  }

  private @Nullable StallCause checkPort(
      DataMover mover, ExternalMemory.Space space, long address, int bytes, long cycle) {
    if (mover.isFull(cycle)) {
      blocker = mover.oldestWaiting(cycle);
      return StallCause.MOVER_QUEUE;
    }
    int from = memory.locate(space, address, bytes);
    if (blocked(output.writerAfter(from, bytes, mover.firstBeatIfAccepted(cycle)))) {
      return StallCause.MEMORY_ORDER;
    }
    return null;
  }

  private @Nullable StallCause checkLoadX(LoadM load, long cycle) {
    if (tileExecuting(true, load.tile(), cycle)) {
      return StallCause.TILE_EXECUTING;
    }
    if (blocked(moverX.loadingX(load.tile(), cycle))) {
      until = moverX.loadingXUntil(load.tile(), cycle);
      return StallCause.TILE_LOADING;
    }
    return checkPort(moverX, ExternalMemory.Space.X, load.address(), load.bytes(), cycle);
  }

  private @Nullable StallCause checkLoadY(LoadM load, long cycle) {
    if (tileExecuting(false, load.tile(), cycle)) {
      return StallCause.TILE_EXECUTING;
    }
    if (loadingY(load.tile(), 0, load.depth(), cycle)) {
      return StallCause.TILE_LOADING;
    }
    int slots = Math.min(load.depth(), vectorSlots);
    long first = moverY.firstBeatIfAccepted(cycle);
    if (blocked(vectors.userAfter(load.tile(), 0, slots, first))) {
      return StallCause.SLOT_IN_USE;
    }
    return checkPort(moverY, ExternalMemory.Space.YZ, load.address(), load.bytes(), cycle);
  }

  private @Nullable StallCause checkLoadV(LoadV load, long cycle) {
    boolean bankA = load.bank() == Bank.A;
    int bank = bankA ? 0 : 1;
    DataMover mover = bankA ? moverX : moverY;
    if (blocked(blocks.executing(false, bank, load.slot(), cycle))) {
      until = blocks.executingUntil(false, bank, load.slot());
      return StallCause.TILE_EXECUTING;
    }
    // Loads through the same port arrive in order; only the other port can overtake.
    DataMover other = bankA ? moverY : moverX;
    if (blocked(other.loadingY(bank, load.slot(), 1, cycle))) {
      until = other.loadingYUntil(bank, load.slot(), 1, cycle);
      return StallCause.TILE_LOADING;
    }
    if (blocked(vectors.userAfter(bank, load.slot(), 1, mover.firstBeatIfAccepted(cycle)))) {
      return StallCause.SLOT_IN_USE;
    }
    ExternalMemory.Space space = bankA ? ExternalMemory.Space.X : ExternalMemory.Space.YZ;
    return checkPort(mover, space, load.address(), load.bytes(), cycle);
  }

  private boolean loadingY(int bank, int first, int count, long cycle) {
    if (!blocked(
        Math.max(
            moverX.loadingY(bank, first, count, cycle),
            moverY.loadingY(bank, first, count, cycle)))) {
      return false;
    }
    return waitsUntil(
        Math.max(
            moverX.loadingYUntil(bank, first, count, cycle),
            moverY.loadingYUntil(bank, first, count, cycle)));
  }

  private @Nullable StallCause checkMatMul(MatMul matmul, long cycle) {
    long start = cycle + timing.startLatency();
    if (vectors.isBusy(cycle) || start < blocks.earliestStart(matmul.depth(), matmul.drain())) {
      blocker = lastExecuted();
      until =
          Math.max(
              vectors.busyEnd(),
              blocks.earliestStart(matmul.depth(), matmul.drain()) - timing.startLatency());
      return StallCause.EXEC_BUSY;
    }
    if ((blocked(moverX.loadingX(matmul.xTile(), cycle))
            && waitsUntil(moverX.loadingXUntil(matmul.xTile(), cycle)))
        || loadingY(matmul.yTile(), 0, matmul.depth(), cycle)) {
      return StallCause.OPERAND_LOAD;
    }
    if (start < vectors.lastStart() + timing.vectorToBlockSwitch()) {
      blocker = vectors.lastIndex();
      until = vectors.lastStart() + timing.vectorToBlockSwitch() - timing.startLatency();
      return StallCause.MODE_SWITCH;
    }
    if (matmul.drain() && !ledger.hasSpace(ArrayGeometry.ROWS_PER_DMPU, cycle)) {
      blocker = lastExecuted();
      return StallCause.DMB_SPACE;
    }
    return null;
  }

  private @Nullable StallCause checkVector(VectorOp op, long cycle) {
    long start = cycle + timing.startLatency();
    boolean readsA = op.readsA();
    boolean readsB = op.readsB();
    if ((readsA && loadingY(0, op.slotA(), 1, cycle))
        || (readsB && loadingY(1, op.slotB(), 1, cycle))
        || (op.writeBack() && loadingY(op.destBank().ordinal(), op.destSlot(), 1, cycle))) {
      return StallCause.OPERAND_LOAD;
    }
    if ((readsA && awaitsResult(0, op.slotA(), start))
        || (readsB && awaitsResult(1, op.slotB(), start))) {
      return StallCause.RESULT_LATENCY;
    }
    if (start < blocks.lastDone() + timing.blockToVectorSwitch()) {
      blocker = blocks.youngest();
      until = blocks.lastDone() + timing.blockToVectorSwitch() - timing.startLatency();
      return StallCause.MODE_SWITCH;
    }
    if (!pipelinedMode && start < earliestInMode(op)) {
      blocker = vectors.lastIndex();
      until = earliestInMode(op) - timing.startLatency();
      return StallCause.MODE_SWITCH;
    }
    if (!op.writeBack() && !ledger.hasSpace(1, cycle)) {
      blocker = lastExecuted();
      return StallCause.DMB_SPACE;
    }
    return null;
  }

  private boolean awaitsResult(int bank, int slot, long start) {
    VectorPipeline.Slot writer = vectors.writerOf(bank, slot);
    if (writer == null) {
      return false;
    }
    int latency =
        writer.instruction.op().isMultiplyType()
            ? timing.multiplyResultLatency()
            : timing.addResultLatency();
    return start < writer.startCycle + latency
        && blocked(writer.index)
        && waitsUntil(writer.startCycle + latency - timing.startLatency());
  }

  private long earliestInMode(VectorOp op) {
    return op.op().isMultiplyType()
        ? vectors.lastAddStart() + timing.addToMultiplySwitch()
        : vectors.lastMultiplyStart() + timing.multiplyToAddSwitch();
  }

  private @Nullable StallCause checkStore(Store store, long cycle) {
    if (blocked(stores.running(cycle))) {
      until = stores.busyEnd();
      return StallCause.STORE_BUSY;
    }
    if (execBusy(cycle)) {
      blocker = lastExecuted();
      until = Math.max(blocks.busyEnd(), vectors.busyEnd());
      return StallCause.EXEC_BUSY;
    }
    if (blocked(ledger.lateWord(store.words() / dmpus, cycle))) {
      return StallCause.DMB_DATA;
    }
    long earliest = stores.earliestBeat(cycle, store);
    long firstBeat = output.firstBeatOf(earliest);
    long beats = (long) store.words() * stores.wordBytes(store.mode()) / beatBytes;
    if (Math.min(beats, firstBeat - earliest) > outputFifoBeats) {
      return StallCause.OUTPUT;
    }
    int from = memory.locate(ExternalMemory.Space.YZ, store.address(), store.bytes());
    if (blocked(
        Math.max(
            moverX.readerAfter(from, store.bytes(), firstBeat, cycle),
            moverY.readerAfter(from, store.bytes(), firstBeat, cycle)))) {
      return StallCause.MEMORY_ORDER;
    }
    return null;
  }
}
