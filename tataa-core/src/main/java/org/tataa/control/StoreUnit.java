package org.tataa.control;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.clock.ClockedUnit;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.isa.BufferStore;
import org.tataa.isa.Program;
import org.tataa.isa.StoreMode;
import org.tataa.memory.DualModeBuffer;
import org.tataa.memory.OutputPort;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.Counters;
import org.tataa.observe.InstructionStats;
import org.tataa.observe.UnitKind;
import org.tataa.simd.RequantiseKernel;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;

/**
 * Runs STOREs: pops DMB words, requantises them with the live scale, transposes if asked, and hands
 * the bytes to the output port, on their way to memory or to vector slots.
 *
 * <pre>
 *  start  +3          +2+w         first beat at the output FIFO:
 *  |      DMB reads   store_done   +7 bf16->bf16, +9 ->int8, +11 acc->bf16, +41 transposed
 * </pre>
 *
 * <p>Layout (architecture.md, Data layout): words leave DMPU 0 first, {@code words / dmpus} each.
 * An int8 or bf16 word of sums has one value per output, low lane before high lane. A bf16 word has
 * one lane per column; as int8 its bytes fill the lower half of the word and the upper half is
 * zero.
 */
public final class StoreUnit implements ClockedUnit {
  private final TimingConfig timing;
  private final int dmpus;
  private final ArrayGeometry geometry;
  private final int columns;
  private final int outputs;
  private final int rows;
  private final int beatBytes;
  private final DualModeBuffer dmb;
  private final OutputPort output;
  private final Counters counters;
  private final RequantiseKernel kernel;
  private final byte[] word;
  private InstructionStats stats = new InstructionStats(new int[0], 0);
  private int mantissa = 1;
  private int rightShift;
  private @Nullable BufferStore store;
  private int index;
  private long start;
  private long ringPosition;
  private int wordsRead;
  private @Nullable CoreObserver observer;

  /** An idle unit with scale 1. */
  public StoreUnit(
      TataaConfig config,
      RequantiseKernel kernel,
      DualModeBuffer dmb,
      OutputPort output,
      Counters counters) {
    timing = config.timing();
    geometry = config.geometry();
    dmpus = geometry.dmpus();
    columns = geometry.columns();
    outputs = geometry.outputs();
    rows = geometry.rows();
    beatBytes = config.memory().portBytes();
    this.dmb = dmb;
    this.output = output;
    this.counters = counters;
    this.kernel = kernel;
    word = new byte[2 * outputs];
  }

  /** Forgets the running store and sets the scale to 1. */
  public void reset(InstructionStats newStats) {
    stats = newStats;
    store = null;
    mantissa = 1;
    rightShift = 0;
  }

  /** Sets who hears of events, or null. */
  public void observe(@Nullable CoreObserver value) {
    observer = value;
  }

  /** Sets the live scale {@code mantissa * 2^-rightShift}. */
  void setScale(int newMantissa, int newRightShift) {
    mantissa = newMantissa;
    rightShift = newRightShift;
  }

  /** Scale mantissa in force, signed 16 bit. */
  public int scaleMantissa() {
    return mantissa;
  }

  /** Scale right shift in force, 0..31. */
  public int scaleRightShift() {
    return rightShift;
  }

  private int beatLatency(BufferStore instruction) {
    if (instruction.transpose()) {
      return timing.transposeStoreLatency();
    }
    return switch (instruction.mode()) {
      case ACC_TO_INT8, BF16_TO_INT8 -> timing.int8StoreLatency();
      case ACC_TO_BF16 -> timing.accToBf16StoreLatency();
      case BF16_TO_BF16 -> timing.bf16StoreLatency();
    };
  }

  /** Cycle in which the first beat of a store accepted in {@code cycle} could reach memory. */
  long earliestBeat(long cycle, MicroOp op) {
    return cycle + timing.startLatency() + beatLatency(op.store()) + timing.outputLatency();
  }

  /** Enters a STORE accepted in {@code cycle}. */
  void accept(long cycle, int storeIndex, MicroOp op) {
    store = op.store();
    index = storeIndex;
    start = cycle + timing.startLatency();
    wordsRead = 0;
    long earliest = earliestBeat(cycle, op);
    int beats = op.bytes / beatBytes;
    ringPosition =
        op.slots == 0
            ? output.open(cycle, storeIndex, op.address, beats, earliest)
            : output.openSlots(
                cycle, storeIndex, op.destBank, op.destSlot, op.slots, beats, earliest);
  }

  /** Whether the store busy flag is high in {@code cycle}. */
  boolean isBusy(long cycle) {
    return store != null && cycle < done(store) + timing.busyClearLatency();
  }

  /** Index of the running store, or -1. */
  int running(long cycle) {
    return isBusy(cycle) ? index : -1;
  }

  private long done(BufferStore instruction) {
    return start + instruction.words() + timing.storeDoneLatency();
  }

  @Override
  public void evaluate(long cycle) {
    BufferStore current = store;
    if (current == null) {
      return;
    }
    if (observer != null) {
      report(cycle, current, observer);
    }
    if (cycle >= start + timing.storeReadLatency() && wordsRead < current.words()) {
      requantise(current);
    }
    settle(cycle);
  }

  private void report(long cycle, BufferStore current, CoreObserver listener) {
    if (cycle == start - timing.startLatency() + timing.storeCommandLatency()) {
      listener.onStoreCommand(cycle, index);
    }
    if (cycle == start) {
      listener.onStart(cycle, index, UnitKind.STORE);
    }
    if (cycle == done(current)) {
      listener.onDone(cycle, index, UnitKind.STORE);
    }
  }

  // The next word, into bytes of the scratch word.
  private void requantise(BufferStore current) {
    int at = dmb.pop(wordsRead / (current.words() / dmpus));
    long clipped = convert(current.mode(), at, word, 0);
    if (current.transpose()) {
      int block = wordsRead / rows;
      int byteInRow = rows - 1 - wordsRead % rows;
      for (int element = 0; element < outputs; element++) {
        output.put(
            ringPosition + ((long) block * rows + element) * rows + byteInRow, word[element]);
      }
    } else {
      int bytes = current.mode().wordBytes(geometry);
      output.put(ringPosition + (long) wordsRead * bytes, word, bytes);
    }
    count((int) clipped, (int) (clipped >> 32));
    wordsRead++;
  }

  private void count(int saturated, int nans) {
    counters.countRequantised(saturated, nans);
    stats.countStore(index, saturated, nans);
  }

  // Saturated results, plus 2^32 times the NaN.
  private long convert(StoreMode mode, int at, byte[] out, int to) {
    int[] lo = dmb.lo();
    int[] hi = dmb.hi();
    int perColumn = outputs / columns;
    switch (mode) {
      case ACC_TO_INT8 -> {
        return kernel.accToInt8(lo, hi, at, columns, perColumn, mantissa, rightShift, out, to);
      }
      case ACC_TO_BF16 -> {
        kernel.accToBf16(lo, hi, at, columns, perColumn, mantissa, rightShift, out, to);
        return 0;
      }
      case BF16_TO_INT8 -> {
        Arrays.fill(out, to + columns, to + outputs, (byte) 0);
        return kernel.bf16ToInt8(lo, at, columns, mantissa, rightShift, out, to);
      }
      default -> {
        for (int column = 0; column < columns; column++) {
          out[to + 2 * column] = (byte) lo[at + column];
          out[to + 2 * column + 1] = (byte) (lo[at + column] >> 8);
        }
        return 0;
      }
    }
  }

  /** Does the work of the running store that falls before a cycle. */
  public void forward(long to) {
    BufferStore current = store;
    if (current == null) {
      return;
    }
    long read = start + timing.storeReadLatency();
    if (wordsRead == 0
        && to > read + current.words()
        && to > output.lastBeat()
        && output.onlyYoungestIncomplete()
        && output.youngestGoesToMemory()) {
      storeAtOnce(current);
    } else {
      while (wordsRead < current.words() && read + wordsRead < to) {
        requantise(current);
      }
    }
  }

  // All words are read and all beats sent before anybody looks.
  private void storeAtOnce(BufferStore current) {
    byte[] memory = output.memory();
    int target = output.youngestAddress();
    int each = current.words() / dmpus;
    int bytes = current.mode().wordBytes(geometry);
    long clipped = 0;
    for (int dmpu = 0; dmpu < dmpus; dmpu++) {
      for (int i = 0; i < each; i++) {
        int at = dmb.pop(dmpu);
        if (current.transpose()) {
          clipped += convert(current.mode(), at, word, 0);
          int to = target + wordsRead / rows * rows * outputs + rows - 1 - wordsRead % rows;
          for (int element = 0; element < outputs; element++) {
            memory[to + element * rows] = word[element];
          }
        } else {
          clipped += convert(current.mode(), at, memory, target + wordsRead * bytes);
        }
        wordsRead++;
      }
    }
    count((int) clipped, (int) (clipped >> 32));
    output.skip();
  }

  /** Forgets what has passed, as evaluating a cycle does. */
  public void settle(long cycle) {
    if (store != null && cycle >= done(store) + timing.busyClearLatency()) {
      store = null;
    }
  }

  /** Whether a store is in the unit. */
  public boolean isRunning() {
    return store != null;
  }

  /** Instruction index of the store in the unit; meaningful while there is one. */
  public int index() {
    return index;
  }

  /** Cycle in which the store in the unit reads its first word. */
  public long firstRead() {
    return start + timing.storeReadLatency();
  }

  /** Words of the store in the unit; 0 if there is none. */
  public int words() {
    return store == null ? 0 : store.words();
  }

  /** First cycle in which nothing of the store in the unit is left to happen. */
  public long quietAt() {
    return store == null ? Long.MIN_VALUE : busyEnd() + 1;
  }

  /** First cycle in which the store busy flag is low again. */
  public long busyEnd() {
    BufferStore current = store;
    return current == null ? Long.MIN_VALUE : done(current) + timing.busyClearLatency();
  }

  /** Whether a DMB word is read in this (evaluated) cycle. */
  public boolean isReading(long cycle) {
    return store != null
        && wordsRead > 0
        && cycle == start + timing.storeReadLatency() + wordsRead - 1;
  }

  @Override
  public long nextEvent(long cycle) {
    return store == null ? NEVER : cycle;
  }

  /**
   * Passes a chain over the scale and the running store.
   *
   * @throws ScanException if a restored index is not that of a STORE
   */
  public void scan(ScanChain chain, Program program) {
    mantissa = chain.scan("store.mantissa", mantissa);
    rightShift = chain.scanChoice("store.rightShift", rightShift, 32);
    int running = chain.scanChoice("store.index", store == null ? -1 : index, program.size());
    if (running < 0) {
      store = null;
      return;
    }
    if (!(program.instruction(running) instanceof BufferStore known)) {
      throw new ScanException("instruction " + running + " is not a STORE");
    }
    store = known;
    index = running;
    start = chain.scan("store.start", start);
    ringPosition = chain.scan("store.ringPosition", ringPosition);
    wordsRead = chain.scanChoice("store.wordsRead", wordsRead, known.words() + 1);
  }

  @Override
  public String toString() {
    BufferStore current = store;
    return current == null
        ? "store unit idle"
        : "store unit #" + index + " word " + wordsRead + "/" + current.words();
  }
}
