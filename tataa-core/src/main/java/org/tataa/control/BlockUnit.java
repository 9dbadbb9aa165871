package org.tataa.control;

import org.jspecify.annotations.Nullable;
import org.tataa.array.PeArray;
import org.tataa.clock.ClockedUnit;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.isa.MatMul;
import org.tataa.isa.Program;
import org.tataa.memory.DualModeBuffer;
import org.tataa.memory.RegisterFileX;
import org.tataa.memory.RegisterFileY;
import org.tataa.observe.ArrayMode;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.Counters;
import org.tataa.observe.InstructionStats;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;

/**
 * Runs MATMULs: feeds operand words into the array, and drains the sums into the DMBs.
 *
 * <pre>
 *  start  +2           +1+K            +K+52       +K+53..56   +K+57..60
 *  |      | operands    |  skew and      | done      | drain     | DMB writes:
 *  |      | read        |  PE pipeline   | (no drain)|  (done 56)| rows 3, 2, 1, 0
 * </pre>
 *
 * <p>Word k reaches row r of column 0 at start + 3 + k + r, and row 0 of column c at start + 3 + k
 * + c (timing.md). Normally one block is in the array at a time; with {@code overlappedDrain} the
 * next one follows its last operand, and sums move to shadow registers along the wavefront.
 */
public final class BlockUnit implements ClockedUnit {
  private static final int RING = 256;
  private static final long LONG_AGO = Long.MIN_VALUE / 2;

  /** A block in the unit, and the cycles in which something of it happens. */
  private static final class Block {
    int index;
    MatMul matmul = new MatMul(0, 0, 1, false, false);
    int depth;
    boolean drains;

    /** exec_start. */
    long start;

    /** The first operand word is read; the next ones follow. */
    long read;

    /** The sums are cleared, {@link #NEVER} if they are not. */
    long clear;

    /** The first word stands at the edges. */
    long enter;

    /** The array moves for this block before this cycle. */
    long stop;

    /** The first row is drained; the next ones follow. */
    long drain;

    /** exec_done. */
    long done;

    /** The busy flag is low and the last row drained. */
    long end;

    /** Last input the array's registers show; -1 before the first. */
    long input;
  }

  private final TimingConfig timing;
  private final boolean overlapped;
  private final int macsPerWord;
  private final int skew;
  private final PeArray array;
  private final RegisterFileX rfx;
  private final RegisterFileY rfy;
  private final ModeRegister mode;
  private final Counters counters;
  private final DrainPath drain;
  private final Block[] ring = new Block[RING];
  private int head;
  private int size;
  private int lastIndex = -1;
  private long lastDone = LONG_AGO;
  private long fedIn = -1;
  private @Nullable CoreObserver observer;

  /** An idle unit. */
  public BlockUnit(
      TataaConfig config,
      PeArray array,
      RegisterFileX rfx,
      RegisterFileY rfy,
      DualModeBuffer dmb,
      ModeRegister mode,
      Counters counters) {
    timing = config.timing();
    overlapped = config.overlappedDrain();
    macsPerWord = config.macsPerCycle();
    skew = config.geometry().skew();
    this.array = array;
    this.rfx = rfx;
    this.rfy = rfy;
    this.mode = mode;
    this.counters = counters;
    drain = new DrainPath(config, array, dmb, counters);
    for (int i = 0; i < RING; i++) {
      ring[i] = new Block();
    }
  }

  /** Forgets all blocks. */
  public void reset(InstructionStats newStats) {
    drain.reset(newStats);
    head = 0;
    size = 0;
    lastIndex = -1;
    lastDone = LONG_AGO;
    fedIn = -1;
  }

  /** Sets who hears of events, or null. */
  public void observe(@Nullable CoreObserver value) {
    observer = value;
    drain.observe(value);
  }

  private Block at(int i) {
    return ring[(head + i) & (RING - 1)];
  }

  /** Enters a MATMUL accepted in {@code cycle}. */
  void accept(long cycle, int index, MatMul matmul) {
    retire(cycle - 1);
    if (size == RING) {
      throw new IllegalStateException("block unit holds " + size + " blocks already");
    }
    Block block = at(size);
    size++;
    long start = cycle + timing.startLatency();
    long done =
        start + matmul.depth() + timing.matmulTail() + (matmul.drain() ? timing.drainCycles() : 0);
    set(block, index, matmul, start, done);
    block.input = -1;
    lastIndex = index;
    lastDone = block.done;
  }

  private void set(Block block, int index, MatMul matmul, long start, long done) {
    block.index = index;
    block.matmul = matmul;
    block.depth = matmul.depth();
    block.drains = matmul.drain();
    block.start = start;
    block.read = start + timing.operandReadLatency();
    block.clear = matmul.clear() && !overlapped ? start + timing.clearLatency() - 1 : NEVER;
    block.enter = start + timing.arrayInputLatency();
    block.stop = block.enter + lastInput(block) + 1;
    block.drain = start + block.depth + timing.drainWriteOffset();
    block.done = done;
    block.end =
        Math.max(done + timing.busyClearLatency(), block.drain + ArrayGeometry.ROWS_PER_DMPU);
  }

  /** exec_done of the youngest block ever accepted, or a cycle long past. */
  long lastDone() {
    return lastDone;
  }

  /** Earliest exec_start of a block of depth {@code depth} after those in the unit. */
  long earliestStart(int depth, boolean drain) {
    if (size == 0) {
      return 0;
    }
    Block last = at(size - 1);
    if (!overlapped) {
      return last.done + timing.busyClearLatency() + timing.startLatency();
    }
    long earliest = last.start + last.depth;
    for (int i = 0; drain && i < size; i++) {
      Block block = at(i);
      if (block.drains) {
        // The shadow sums of that block must have left before this one's arrive.
        long written = block.drain + ArrayGeometry.ROWS_PER_DMPU - 1;
        earliest = Math.max(earliest, written + 1 - depth - timing.arrayInputLatency() - 2);
      }
    }
    return earliest;
  }

  /** Index of the youngest block ever accepted, or -1. */
  int lastIndex() {
    return lastIndex;
  }

  /**
   * Youngest block still executing in {@code cycle} from a tile.
   *
   * @param operandX whether the tile is one of RFX
   * @param fromWord only blocks that read this word of the tile count
   * @return its instruction index, or -1
   */
  int executing(boolean operandX, int tile, int fromWord, long cycle) {
    for (int i = size - 1; i >= 0; i--) {
      Block block = at(i);
      int used = operandX ? block.matmul.xTile() : block.matmul.yTile();
      if (used == tile
          && block.depth > fromWord
          && cycle < block.done + timing.busyClearLatency()) {
        return block.index;
      }
    }
    return -1;
  }

  /** Whether a block keeps the array busy in {@code cycle}. */
  boolean isBusy(long cycle) {
    return cycle < lastDone + timing.busyClearLatency();
  }

  @Override
  public void evaluate(long cycle) {
    if (size == 0) {
      return;
    }
    for (int i = 0; i < size; i++) {
      Block block = at(i);
      begin(block, cycle);
      if (overlapped) {
        moveWavefront(block, cycle - block.enter - 2);
      }
    }
    move(cycle);
    for (int i = 0; i < size; i++) {
      finish(at(i), cycle);
    }
    retire(cycle);
  }

  // One clock of the array if a block moves in it. Of several, at most one has a word left.
  private void move(long cycle) {
    Block moving = null;
    for (int i = 0; i < size; i++) {
      Block block = at(i);
      if (cycle >= block.enter && cycle < block.stop) {
        block.input = cycle - block.enter;
        if (moving == null || block.input < block.depth) {
          moving = block;
        }
      }
    }
    if (moving != null) {
      shift(moving, moving.input);
    }
  }

  // One clock of the array with what a block lets enter: a word, or nothing after its last.
  private void shift(Block block, long input) {
    if (input < block.depth) {
      int word = (int) input;
      byte[] x = rfx.tile(block.matmul.xTile());
      byte[] y = rfy.tile(block.matmul.yTile());
      array.shift(x, word * array.rows(), y, word * rfy.wordBytes());
    } else {
      array.shift();
    }
  }

  /**
   * Does the work of a block that falls into the cycles {@code from..to-1}. Its operands stay where
   * they are until it has ended, so the registers of the array may lag behind: {@link #settleArray}
   * computes them. Not for blocks that overlap.
   *
   * @param i 0..{@link #inFlight()}-1, 0 the oldest
   */
  public void forward(int i, long from, long to) {
    Block block = at(i);
    if (from <= block.start && block.start < to) {
      start(block, block.start);
    }
    if (from <= block.clear && block.clear < to) {
      array.clearSums();
    }
    if (to > block.read) {
      fedIn = Math.max(fedIn, Math.min(to, block.read + block.depth) - 1);
    }
    if (to >= block.stop) {
      settle(block, to);
      if (block.drains) {
        drain.drain(block.index, block.drain, from, to);
      }
    }
  }

  // The last input that moves anything: all words have passed all PEs.
  private long lastInput(Block block) {
    return block.depth + skew + 1L;
  }

  /** Brings the registers of the array to what they hold before {@code cycle} is evaluated. */
  public void settleArray(long cycle) {
    for (int i = 0; i < size; i++) {
      settle(at(i), cycle);
    }
  }

  private void settle(Block block, long cycle) {
    long input = Math.min(cycle - 1 - block.enter, lastInput(block));
    if (input <= block.input) {
      return;
    }
    if (block.input < 0 && input == lastInput(block)) {
      byte[] x = rfx.tile(block.matmul.xTile());
      byte[] y = rfy.tile(block.matmul.yTile());
      array.accumulate(x, y, rfy.wordBytes(), block.depth);
    } else {
      for (long next = block.input + 1; next <= input; next++) {
        shift(block, next);
      }
    }
    block.input = input;
  }

  /** Forgets what has passed, as evaluating a cycle does. */
  public void settle(long cycle) {
    retire(cycle);
  }

  /** Blocks in the unit. */
  public int inFlight() {
    return size;
  }

  /** Instruction index of a block in the unit, 0 the oldest. */
  public int index(int i) {
    return at(i).index;
  }

  /** exec_start of the youngest block in the unit. */
  public long youngestStart() {
    return at(size - 1).start;
  }

  /** Depth of the youngest block in the unit. */
  public int youngestDepth() {
    return at(size - 1).depth;
  }

  /** exec_done of the youngest block in the unit. */
  public long youngestDone() {
    return at(size - 1).done;
  }

  /** First cycle in which nothing of the blocks accepted so far is left to happen. */
  public long quietAt() {
    return size == 0 ? Long.MIN_VALUE : at(size - 1).end + 1;
  }

  /** First cycle in which a block accepted at the end of all others could start. */
  long busyEnd() {
    return lastDone + timing.busyClearLatency();
  }

  /** First cycle in which no block executes from a tile any more. */
  long executingUntil(boolean operandX, int tile, int fromWord) {
    long until = Long.MIN_VALUE;
    for (int i = 0; i < size; i++) {
      Block block = at(i);
      int used = operandX ? block.matmul.xTile() : block.matmul.yTile();
      if (used == tile && block.depth > fromWord) {
        until = Math.max(until, block.done + timing.busyClearLatency());
      }
    }
    return until;
  }

  private void begin(Block block, long cycle) {
    if (cycle == block.start) {
      start(block, cycle);
    }
    if (cycle >= block.read && cycle < block.read + block.depth) {
      fedIn = cycle;
      if (cycle == block.read) {
        checkOperands(block, cycle);
      }
    }
    if (cycle == block.clear) {
      array.clearSums();
    }
  }

  private void start(Block block, long cycle) {
    mode.enter(cycle, ArrayMode.INT8);
    counters.countMacs((long) macsPerWord * block.depth);
    if (observer != null) {
      observer.onStart(cycle, block.index, UnitKind.EXEC);
    }
  }

  private void checkOperands(Block block, long cycle) {
    int tile = block.matmul.yTile();
    int shared = Math.min(block.depth, rfy.slots());
    for (int word = 0; word < shared; word++) {
      if (rfy.use(tile, word) == RegisterFileY.Use.VECTOR) {
        throw new ProgramException(
            cycle,
            block.index,
            block.matmul,
            "word "
                + word
                + " of Y tile "
                + tile
                + " was overwritten as vector slot "
                + word
                + " of bank "
                + (tile == 0 ? "A" : "B")
                + " by instruction "
                + rfy.writer(tile, word)
                + "; load the tile again");
      }
    }
  }

  private void moveWavefront(Block block, long updated) {
    long captured = updated - block.depth;
    if (block.drains && captured >= 0 && captured <= skew) {
      array.captureDiagonal((int) captured);
    }
    if (block.matmul.clear() && updated >= 0 && updated <= skew) {
      array.clearDiagonal((int) updated);
    }
  }

  private void finish(Block block, long cycle) {
    if (cycle == block.done && observer != null) {
      observer.onDone(cycle, block.index, UnitKind.EXEC);
    }
    if (block.drains && cycle >= block.drain) {
      int step = (int) (cycle - block.drain);
      if (step < ArrayGeometry.ROWS_PER_DMPU) {
        drain.drainRow(block.index, ArrayGeometry.ROWS_PER_DMPU - 1 - step, cycle);
      }
    }
  }

  private void retire(long cycle) {
    while (size > 0 && cycle >= at(0).end) {
      head = (head + 1) & (RING - 1);
      size--;
    }
  }

  @Override
  public long nextEvent(long cycle) {
    return size == 0 ? NEVER : cycle;
  }

  /** Whether operands were read for the array in this (evaluated) cycle. */
  public boolean isFeeding(long cycle) {
    return fedIn == cycle;
  }

  /** Whether sums leave the array in this cycle. */
  public boolean isDraining(long cycle) {
    for (int i = 0; i < size; i++) {
      long left = at(i).done - cycle;
      if (at(i).drains && left >= 0 && left < timing.drainCycles()) {
        return true;
      }
    }
    return false;
  }

  /** Why a block in the unit does not feed operands in this cycle; null if there is no block. */
  public @Nullable StallCause phase(long cycle) {
    boolean launching = false;
    for (int i = 0; i < size; i++) {
      long read = at(i).read;
      if (cycle >= read && cycle <= at(i).done) {
        return StallCause.FLUSH;
      }
      launching |= cycle < read || cycle < at(i).done + timing.busyClearLatency();
    }
    return launching ? StallCause.LAUNCH : null;
  }

  /**
   * Passes a chain over the blocks in the unit.
   *
   * @param cycle the next cycle to be evaluated
   * @throws ScanException if a restored index is not that of a MATMUL
   */
  public void scan(ScanChain chain, Program program, long cycle) {
    size = chain.scanChoice("block.size", size, RING + 1);
    lastIndex = chain.scan("block.last", lastIndex);
    lastDone = chain.scan("block.lastDone", lastDone);
    fedIn = chain.scan("block.fedIn", fedIn);
    for (int i = 0; i < size; i++) {
      Block block = at(i);
      chain.unit("block[" + i + "]");
      block.index = chain.scanChoice("index", block.index, program.size());
      if (block.index < 0 || !(program.instruction(block.index) instanceof MatMul matmul)) {
        throw new ScanException("instruction " + block.index + " is not a MATMUL");
      }
      long start = chain.scan("start", block.start);
      long done = chain.scan("done", block.done);
      set(block, block.index, matmul, start, done);
      block.input = Math.max(-1, Math.min(cycle - 1 - block.enter, lastInput(block)));
    }
    chain.unit("");
  }

  @Override
  public String toString() {
    return size == 0
        ? "block unit idle"
        : "block unit #" + at(0).index + " start=" + at(0).start + " done=" + at(0).done;
  }
}
