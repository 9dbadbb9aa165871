package org.tataa.control;

import org.jspecify.annotations.Nullable;
import org.tataa.clock.ClockedUnit;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.isa.Program;
import org.tataa.isa.Store;
import org.tataa.isa.StoreMode;
import org.tataa.memory.DualModeBuffer;
import org.tataa.memory.OutputPort;
import org.tataa.numeric.Requantizer;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.Counters;
import org.tataa.observe.InstructionStats;
import org.tataa.observe.UnitKind;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;

/**
 * Runs STOREs: pops DMB words, requantises them with the live scale, transposes if asked, and hands
 * the bytes to the output port.
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
  private final int columns;
  private final int outputs;
  private final int rows;
  private final int beatBytes;
  private final boolean narrow;
  private final DualModeBuffer dmb;
  private final OutputPort output;
  private final Counters counters;
  private final Requantizer requantizer;
  private final int[] wordLo;
  private final int[] wordHi;
  private InstructionStats stats = new InstructionStats(0);
  private int mantissa = 1;
  private int rightShift;
  private @Nullable Store store;
  private int index;
  private long start;
  private long ringPosition;
  private int wordsRead;
  private @Nullable CoreObserver observer;

  /** An idle unit with scale 1. */
  public StoreUnit(TataaConfig config, DualModeBuffer dmb, OutputPort output, Counters counters) {
    timing = config.timing();
    dmpus = config.geometry().dmpus();
    columns = config.geometry().columns();
    outputs = config.geometry().outputs();
    rows = config.geometry().rows();
    beatBytes = config.memory().portBytes();
    narrow = config.profiles().accumulator() == AccumulatorKind.PACKED_INT16;
    this.dmb = dmb;
    this.output = output;
    this.counters = counters;
    requantizer = new Requantizer(config.profiles().arithmetic());
    wordLo = new int[columns];
    wordHi = new int[columns];
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

  /** Bytes one DMB word becomes in memory. */
  int wordBytes(StoreMode mode) {
    return switch (mode) {
      case ACC_TO_INT8, BF16_TO_INT8 -> outputs;
      case ACC_TO_BF16 -> 2 * outputs;
      case BF16_TO_BF16 -> 2 * columns;
    };
  }

  private int beatLatency(Store instruction) {
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
  long earliestBeat(long cycle, Store instruction) {
    return cycle + timing.startLatency() + beatLatency(instruction) + timing.outputLatency();
  }

  /** Enters a STORE accepted in {@code cycle} that writes to {@code target} in memory. */
  void accept(long cycle, int storeIndex, Store instruction, int target) {
    store = instruction;
    index = storeIndex;
    start = cycle + timing.startLatency();
    wordsRead = 0;
    int beats = instruction.words() * wordBytes(instruction.mode()) / beatBytes;
    ringPosition = output.open(storeIndex, target, beats, earliestBeat(cycle, instruction));
  }

  /** Whether the store busy flag is high in {@code cycle}. */
  boolean isBusy(long cycle) {
    return store != null && cycle < done(store) + timing.busyClearLatency();
  }

  /** Index of the running store, or -1. */
  int running(long cycle) {
    return isBusy(cycle) ? index : -1;
  }

  private long done(Store instruction) {
    return start + instruction.words() + timing.storeDoneLatency();
  }

  @Override
  public void evaluate(long cycle) {
    Store current = store;
    if (current == null) {
      return;
    }
    if (observer != null) {
      report(cycle, current, observer);
    }
    if (cycle >= start + timing.storeReadLatency() && wordsRead < current.words()) {
      requantise(current, cycle);
      wordsRead++;
    }
    if (cycle >= done(current) + timing.busyClearLatency()) {
      store = null;
    }
  }

  private void report(long cycle, Store current, CoreObserver listener) {
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

  private void requantise(Store current, long cycle) {
    dmb.pop(wordsRead / (current.words() / dmpus), cycle, wordLo, wordHi);
    int saturated = 0;
    int nan = 0;
    int perColumn =
        current.mode() == StoreMode.BF16_TO_BF16 || current.mode() == StoreMode.BF16_TO_INT8
            ? 1
            : outputs / columns;
    boolean wide =
        current.mode() == StoreMode.ACC_TO_BF16 || current.mode() == StoreMode.BF16_TO_BF16;
    for (int column = 0; column < columns; column++) {
      for (int part = 0; part < perColumn; part++) {
        int result = convert(current.mode(), part == 0 ? wordLo[column] : wordHi[column]);
        saturated += (result & Requantizer.SATURATED) != 0 ? 1 : 0;
        nan += (result & Requantizer.NAN) != 0 ? 1 : 0;
        place(current, column * perColumn + part, result, wide);
      }
    }
    if (current.mode() == StoreMode.BF16_TO_INT8) {
      for (int empty = columns; empty < outputs; empty++) {
        place(current, empty, 0, false);
      }
    }
    counters.countRequantised(saturated, nan);
    stats.countStore(index, saturated, nan);
  }

  private int convert(StoreMode mode, int value) {
    return switch (mode) {
      case ACC_TO_INT8 -> requantizer.accToInt8(sum(value), mantissa, rightShift);
      case ACC_TO_BF16 -> requantizer.accToBf16(sum(value), mantissa, rightShift);
      case BF16_TO_INT8 -> requantizer.bf16ToInt8(value & 0xffff, mantissa, rightShift);
      case BF16_TO_BF16 -> requantizer.bf16ToBf16(value & 0xffff);
    };
  }

  // The prototype's words have 16 bits a sum; they may hold a vector, whose patterns are unsigned.
  private int sum(int value) {
    return narrow ? (short) value : value;
  }

  private void place(Store current, int element, int value, boolean wide) {
    if (wide) {
      long at = ringPosition + (long) wordsRead * wordBytes(current.mode()) + 2L * element;
      output.put(at, value);
      output.put(at + 1, value >> 8);
    } else if (current.transpose()) {
      int block = wordsRead / rows;
      int byteInRow = rows - 1 - wordsRead % rows;
      output.put(ringPosition + ((long) block * rows + element) * rows + byteInRow, value);
    } else {
      output.put(ringPosition + (long) wordsRead * outputs + element, value);
    }
  }

  @Override
  public long steadyUntil(long cycle) {
    Store current = store;
    if (current == null) {
      return NEVER;
    }
    long read = start + timing.storeReadLatency();
    if (cycle < read) {
      return read;
    }
    return wordsRead < current.words()
        ? cycle + current.words() - wordsRead
        : done(current) + timing.busyClearLatency();
  }

  @Override
  public void advance(long from, long to) {
    Store current = store;
    if (current == null || from < start + timing.storeReadLatency()) {
      return;
    }
    for (long cycle = from; cycle < to && wordsRead < current.words(); cycle++) {
      requantise(current, cycle);
      wordsRead++;
    }
  }

  /** First cycle in which the store busy flag is low again. */
  long busyEnd() {
    Store current = store;
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
    if (!(program.instruction(running) instanceof Store known)) {
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
    Store current = store;
    return current == null
        ? "store unit idle"
        : "store unit #" + index + " word " + wordsRead + "/" + current.words();
  }
}
