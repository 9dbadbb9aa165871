package org.tataa.control;

import org.jspecify.annotations.Nullable;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.memory.DataMover;
import org.tataa.memory.OutputPort;
import org.tataa.memory.ResultPath;
import org.tataa.memory.SlotScoreboard;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;
import org.tataa.state.ScanChain;

/**
 * The hazard rules (isa.md, Hazards): whether an instruction can be accepted in a cycle, and if not
 * why. After {@link #check} said no, {@link #blocker()} is the instruction it waits for.
 */
final class IssueRules {
  private final TimingConfig timing;
  private final boolean pipelinedMode;
  private final int vectorSlots;
  private final SlotScoreboard scoreboard;
  private final DataMover moverX;
  private final DataMover moverY;
  private final BlockUnit blocks;
  private final VectorUnit vectors;
  private final StoreUnit stores;
  private final OutputPort output;
  private final ResultPath path;
  private final DmbReservations reservations;
  private final int outputFifoBeats;
  private final int beatBytes;
  private int lastTileX = -1;
  private int lastTileY = -1;
  private int blocker = -1;
  private long until;

  IssueRules(
      TataaConfig config,
      SlotScoreboard scoreboard,
      DataMover moverX,
      DataMover moverY,
      BlockUnit blocks,
      VectorUnit vectors,
      StoreUnit stores,
      OutputPort output,
      ResultPath path,
      DmbReservations reservations) {
    timing = config.timing();
    pipelinedMode = config.pipelinedMode();
    vectorSlots = config.buffers().vectorSlots();
    outputFifoBeats = config.buffers().outputFifoBeats();
    beatBytes = config.memory().portBytes();
    this.scoreboard = scoreboard;
    this.moverX = moverX;
    this.moverY = moverY;
    this.blocks = blocks;
    this.vectors = vectors;
    this.stores = stores;
    this.output = output;
    this.path = path;
    this.reservations = reservations;
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
  void executes(MicroOp matmul) {
    lastTileX = matmul.xTile;
    lastTileY = matmul.tile;
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
  @Nullable StallCause check(MicroOp op, long cycle) {
    blocker = -1;
    until = cycle + 1;
    return switch (op.kind) {
      case VECTOR -> checkVector(op, cycle);
      case LOAD_VECTOR -> checkLoadV(op, cycle);
      case MATMUL -> checkMatMul(op, cycle);
      case LOAD_TILE_X -> checkLoadX(op, cycle);
      case LOAD_TILE_Y -> checkLoadY(op, cycle);
      case STORE -> checkStore(op, cycle);
      case SCALE ->
          blocked(stores.running(cycle)) && waitsUntil(stores.busyEnd())
              ? StallCause.SCALE_LIVE
              : null;
      case NOP, CONSTANT, HALT -> null;
    };
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
    return Math.max(blocks.lastIndex(), vectors.lastIndex());
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

  private @Nullable StallCause checkPort(DataMover mover, MicroOp op, long cycle) {
    if (mover.isFull(cycle)) {
      blocker = mover.oldestWaiting(cycle);
      until = mover.placeFreeAfter(cycle) + 1;
      return StallCause.MOVER_QUEUE;
    }
    long firstBeat = mover.firstBeatIfAccepted(cycle);
    if (blocked(output.writerAfter(op.address, op.bytes, firstBeat))) {
      waitsForFirstBeatAfter(output.lastWriteTo(op.address, op.bytes), mover, cycle);
      return StallCause.MEMORY_ORDER;
    }
    return null;
  }

  private void waitsForFirstBeatAfter(long date, DataMover mover, long cycle) {
    until = Math.max(cycle + 1, date + 1 - mover.firstBeatLatency());
  }

  private @Nullable StallCause checkLoadX(MicroOp op, long cycle) {
    if (tileExecuting(true, op.tile, cycle)) {
      return StallCause.TILE_EXECUTING;
    }
    if (blocked(moverX.loadingX(op.tile, cycle))) {
      until = moverX.loadingXUntil(op.tile, cycle);
      return StallCause.TILE_LOADING;
    }
    return checkPort(moverX, op, cycle);
  }

  private @Nullable StallCause checkLoadY(MicroOp op, long cycle) {
    if (tileExecuting(false, op.tile, cycle)) {
      return StallCause.TILE_EXECUTING;
    }
    if (loadingY(op.tile, op.words, cycle)) {
      return StallCause.TILE_LOADING;
    }
    long firstBeat = moverY.firstBeatIfAccepted(cycle);
    int user = -1;
    long lastUse = Long.MIN_VALUE;
    for (int slot = Math.min(op.words, vectorSlots) - 1; slot >= 0; slot--) {
      user = Math.max(user, scoreboard.userAfter(op.tile, slot, firstBeat));
      lastUse = Math.max(lastUse, scoreboard.lastUse(op.tile, slot));
    }
    if (blocked(user)) {
      waitsForFirstBeatAfter(lastUse, moverY, cycle);
      return StallCause.SLOT_IN_USE;
    }
    return checkPort(moverY, op, cycle);
  }

  private @Nullable StallCause checkLoadV(MicroOp op, long cycle) {
    int bank = op.tile;
    boolean isX = bank == 0;
    DataMover mover = isX ? moverX : moverY;
    if (blocked(blocks.executing(false, bank, op.slot, cycle))) {
      until = blocks.executingUntil(false, bank, op.slot);
      return StallCause.TILE_EXECUTING;
    }
    long firstBeat = mover.firstBeatIfAccepted(cycle);
    for (int slot = op.slot; slot < op.slot + op.words; slot++) {
      // Loads through the same port arrive in order; only what comes another way can overtake.
      if (scoreboard.isLoading(bank, slot, cycle)
          && scoreboard.loadedThrough(bank, slot) != op.unit) {
        blocker = scoreboard.loader(bank, slot);
        until = scoreboard.loadEnd(bank, slot);
        return StallCause.TILE_LOADING;
      }
    }
    for (int slot = op.slot; slot < op.slot + op.words; slot++) {
      if (blocked(scoreboard.userAfter(bank, slot, firstBeat))) {
        waitsForFirstBeatAfter(scoreboard.lastUse(bank, slot), mover, cycle);
        return StallCause.SLOT_IN_USE;
      }
    }
    return checkPort(mover, op, cycle);
  }

  // Words 0..count-1 of a tile, or the slots that share their storage.
  private boolean loadingY(int tile, int count, long cycle) {
    int load =
        Math.max(moverX.loadingY(tile, 0, count, cycle), moverY.loadingY(tile, 0, count, cycle));
    if (!blocked(Math.max(load, path.loading(tile, 0, count, cycle)))) {
      return false;
    }
    long loaded =
        Math.max(
            moverX.loadingYUntil(tile, 0, count, cycle),
            moverY.loadingYUntil(tile, 0, count, cycle));
    return waitsUntil(Math.max(loaded, path.loadingUntil(tile, 0, count, cycle)));
  }

  private @Nullable StallCause checkMatMul(MicroOp op, long cycle) {
    long start = cycle + timing.startLatency();
    long earliest = blocks.earliestStart(op.words, op.drain);
    if (vectors.isBusy(cycle) || start < earliest) {
      blocker = lastExecuted();
      until = Math.max(vectors.busyEnd(), earliest - timing.startLatency());
      return StallCause.EXEC_BUSY;
    }
    if ((blocked(moverX.loadingX(op.xTile, cycle))
            && waitsUntil(moverX.loadingXUntil(op.xTile, cycle)))
        || loadingY(op.tile, op.words, cycle)) {
      return StallCause.OPERAND_LOAD;
    }
    if (start < vectors.lastStart() + timing.vectorToBlockSwitch()) {
      blocker = vectors.lastIndex();
      until = vectors.lastStart() + timing.vectorToBlockSwitch() - timing.startLatency();
      return StallCause.MODE_SWITCH;
    }
    if (op.drain && !reservations.hasSpace(ArrayGeometry.ROWS_PER_DMPU, cycle)) {
      blocker = lastExecuted();
      until = reservations.spaceAt(ArrayGeometry.ROWS_PER_DMPU);
      return StallCause.DMB_SPACE;
    }
    return null;
  }

  private @Nullable StallCause checkVector(MicroOp op, long cycle) {
    long start = cycle + timing.startLatency();
    if (slotLoading(0, op.readA, cycle)
        || slotLoading(1, op.readB, cycle)
        || slotLoading(op.destBank, op.destSlot, cycle)) {
      return StallCause.OPERAND_LOAD;
    }
    if (awaitsResult(0, op.readA, start) || awaitsResult(1, op.readB, start)) {
      return StallCause.RESULT_LATENCY;
    }
    if (start < blocks.lastDone() + timing.blockToVectorSwitch()) {
      blocker = blocks.lastIndex();
      until = blocks.lastDone() + timing.blockToVectorSwitch() - timing.startLatency();
      return StallCause.MODE_SWITCH;
    }
    if (!pipelinedMode && start < earliestInMode(op)) {
      blocker = vectors.lastIndex();
      until = earliestInMode(op) - timing.startLatency();
      return StallCause.MODE_SWITCH;
    }
    if (op.destBank < 0 && !reservations.hasSpace(1, cycle)) {
      blocker = lastExecuted();
      until = reservations.spaceAt(1);
      return StallCause.DMB_SPACE;
    }
    return null;
  }

  private boolean slotLoading(int bank, int slot, long cycle) {
    if (slot < 0 || !scoreboard.isLoading(bank, slot, cycle)) {
      return false;
    }
    blocker = scoreboard.loader(bank, slot);
    return waitsUntil(scoreboard.loadEnd(bank, slot));
  }

  private boolean awaitsResult(int bank, int slot, long start) {
    if (slot < 0 || start >= scoreboard.resultReady(bank, slot)) {
      return false;
    }
    blocker = scoreboard.writer(bank, slot);
    return waitsUntil(scoreboard.resultReady(bank, slot) - timing.startLatency());
  }

  private long earliestInMode(MicroOp op) {
    return op.multiplyType
        ? vectors.lastAddStart() + timing.addToMultiplySwitch()
        : vectors.lastMultiplyStart() + timing.multiplyToAddSwitch();
  }

  private @Nullable StallCause checkStore(MicroOp op, long cycle) {
    if (blocked(stores.running(cycle))) {
      until = stores.busyEnd();
      return StallCause.STORE_BUSY;
    }
    if (execBusy(cycle)) {
      blocker = lastExecuted();
      until = Math.max(blocks.busyEnd(), vectors.busyEnd());
      return StallCause.EXEC_BUSY;
    }
    if (blocked(reservations.lateWord(op.words, cycle))) {
      until = reservations.inTimeAt(op.words);
      return StallCause.DMB_DATA;
    }
    long earliest = stores.earliestBeat(cycle, op);
    long firstBeat = output.firstBeatOf(earliest);
    if (Math.min(op.bytes / beatBytes, firstBeat - earliest) > outputFifoBeats) {
      until = cycle + firstBeat - earliest - outputFifoBeats;
      return StallCause.OUTPUT;
    }
    long room = output.roomAt(op.bytes);
    if (room > cycle) {
      until = room;
      return StallCause.OUTPUT;
    }
    return op.slots > 0
        ? checkSlots(op, cycle, earliest, firstBeat)
        : checkReaders(op, cycle, earliest, firstBeat);
  }

  // A STORE must not overwrite what a load still reads.
  private @Nullable StallCause checkReaders(MicroOp op, long cycle, long earliest, long firstBeat) {
    if (blocked(
        Math.max(
            moverX.readerAfter(op.address, op.bytes, firstBeat, cycle),
            moverY.readerAfter(op.address, op.bytes, firstBeat, cycle)))) {
      long lastRead =
          Math.max(
              moverX.lastReadOf(op.address, op.bytes), moverY.lastReadOf(op.address, op.bytes));
      until = Math.max(cycle + 1, cycle + lastRead + 1 - earliest);
      return StallCause.MEMORY_ORDER;
    }
    return null;
  }

  // Slots of a STORE must be done with before its first beat. Loads could come after it; other
  // STOREs come before it.
  private @Nullable StallCause checkSlots(MicroOp op, long cycle, long earliest, long firstBeat) {
    for (int slot = op.destSlot; slot < op.destSlot + op.slots; slot++) {
      if (scoreboard.isLoading(op.destBank, slot, cycle)
          && scoreboard.loadedThrough(op.destBank, slot) != UnitKind.OUTPUT) {
        blocker = scoreboard.loader(op.destBank, slot);
        until = scoreboard.loadEnd(op.destBank, slot);
        return StallCause.TILE_LOADING;
      }
    }
    for (int slot = op.destSlot; slot < op.destSlot + op.slots; slot++) {
      if (blocked(scoreboard.userAfter(op.destBank, slot, firstBeat))) {
        long lastUse = scoreboard.lastUse(op.destBank, slot);
        until = Math.max(cycle + 1, cycle + lastUse + 1 - earliest);
        return StallCause.SLOT_IN_USE;
      }
    }
    return null;
  }
}
