package org.tataa.observe;

import java.util.Arrays;
import org.tataa.state.ScanChain;

/**
 * Counters of one core. Plain fields, written by the units, read by anybody between two ticks.
 *
 * <p>Cycles close: for every unit busy + stalled (by cause) + idle equals {@link #cycles()}.
 */
public final class Counters {
  private static final int UNITS = UnitKind.values().length;
  private static final int CAUSES = StallCause.values().length;

  private final long[] busyCycles = new long[UNITS];
  private final long[] idleCycles = new long[UNITS];
  private final long[] stallCycles = new long[UNITS * CAUSES];
  private final long[] instructions = new long[InstructionKind.values().length];
  private long cycles;
  private long macs;
  private long laneOperations;
  private long vectorOperations;
  private long modeSwitches;
  private long readouts;
  private long wraps;
  private long borrows;
  private long maxAbsSum;
  private long saturations;
  private long nans;
  private long bytesLoadedX;
  private long bytesLoadedY;
  private long bytesStored;
  private long columns;
  private long activates;

  /** Counters at zero. */
  public Counters() {}

  /** Back to zero. */
  public void clear() {
    copyFrom(new Counters());
  }

  /**
   * Counts clock cycles.
   *
   * @param count how many
   */
  public void countCycles(long count) {
    cycles += count;
  }

  /**
   * The unit did useful work in that many cycles.
   *
   * @param unit the unit
   * @param count how many
   */
  public void countBusy(UnitKind unit, long count) {
    busyCycles[unit.ordinal()] += count;
  }

  /**
   * The unit had nothing to do in that many cycles.
   *
   * @param unit the unit
   * @param count how many
   */
  public void countIdle(UnitKind unit, long count) {
    idleCycles[unit.ordinal()] += count;
  }

  /**
   * The unit lost that many cycles.
   *
   * @param unit the unit
   * @param cause what it waits for
   * @param count how many
   */
  public void countStall(UnitKind unit, StallCause cause, long count) {
    stallCycles[unit.ordinal() * CAUSES + cause.ordinal()] += count;
  }

  /**
   * An instruction was accepted.
   *
   * @param kind the kind
   */
  public void countInstruction(InstructionKind kind) {
    instructions[kind.ordinal()]++;
  }

  /**
   * A MATMUL started with that many multiply-accumulates.
   *
   * @param count how many
   */
  public void countMacs(long count) {
    macs += count;
  }

  /**
   * A vector operation started on that many lanes.
   *
   * @param lanes lanes of the vector
   */
  public void countVectorOperation(int lanes) {
    vectorOperations++;
    laneOperations += lanes;
  }

  /** The array changed its mode. */
  public void countModeSwitch() {
    modeSwitches++;
  }

  /**
   * Partial sums were read out.
   *
   * @param sums how many sums
   * @param wrapped how many of them do not fit their fields
   * @param borrowed in how many PEs the low sum disturbed the high one
   * @param largest largest magnitude
   */
  public void countReadouts(int sums, int wrapped, int borrowed, long largest) {
    readouts += sums;
    wraps += wrapped;
    borrows += borrowed;
    if (largest > maxAbsSum) {
      maxAbsSum = largest;
    }
  }

  /**
   * The requantiser clipped or found NaN.
   *
   * @param saturated values that were clipped
   * @param nan values that were not a number
   */
  public void countRequantised(int saturated, int nan) {
    saturations += saturated;
    nans += nan;
  }

  /**
   * Bytes arrived through the X port.
   *
   * @param bytes how many bytes
   */
  public void countLoadedX(int bytes) {
    bytesLoadedX += bytes;
  }

  /**
   * Bytes arrived through the YZ port.
   *
   * @param bytes how many bytes
   */
  public void countLoadedY(int bytes) {
    bytesLoadedY += bytes;
  }

  /**
   * Bytes left through the YZ port.
   *
   * @param bytes how many bytes
   */
  public void countStored(int bytes) {
    bytesStored += bytes;
  }

  /** A pseudo-channel read or wrote a column for the core. */
  public void countColumn() {
    columns++;
  }

  /** A pseudo-channel opened a row for the core. */
  public void countActivate() {
    activates++;
  }

  /** {@return clock cycles simulated} */
  public long cycles() {
    return cycles;
  }

  /**
   * {@return cycles in which the unit did useful work}
   *
   * @param unit the unit
   */
  public long busy(UnitKind unit) {
    return busyCycles[unit.ordinal()];
  }

  /**
   * {@return cycles in which the unit had nothing to do}
   *
   * @param unit the unit
   */
  public long idle(UnitKind unit) {
    return idleCycles[unit.ordinal()];
  }

  /**
   * {@return cycles the unit lost to one cause}
   *
   * @param unit the unit
   * @param cause what it waits for
   */
  public long stalled(UnitKind unit, StallCause cause) {
    return stallCycles[unit.ordinal() * CAUSES + cause.ordinal()];
  }

  /**
   * {@return cycles the unit lost to all causes}
   *
   * @param unit the unit
   */
  public long stalled(UnitKind unit) {
    long sum = 0;
    for (int cause = 0; cause < CAUSES; cause++) {
      sum += stallCycles[unit.ordinal() * CAUSES + cause];
    }
    return sum;
  }

  /**
   * {@return instructions accepted of one kind}
   *
   * @param kind the kind
   */
  public long instructions(InstructionKind kind) {
    return instructions[kind.ordinal()];
  }

  /** {@return instructions accepted} */
  public long instructions() {
    long sum = 0;
    for (long count : instructions) {
      sum += count;
    }
    return sum;
  }

  /** {@return int8 multiply-accumulates, including those on padding} */
  public long macs() {
    return macs;
  }

  /** {@return bfloat16 operations summed over lanes} */
  public long laneOperations() {
    return laneOperations;
  }

  /** {@return vector instructions executed} */
  public long vectorOperations() {
    return vectorOperations;
  }

  /** {@return changes between int8, multiply-type and add-type operation} */
  public long modeSwitches() {
    return modeSwitches;
  }

  /** {@return partial sums read out} */
  public long readouts() {
    return readouts;
  }

  /** {@return read-outs whose true sum does not fit the accumulator's field} */
  public long wraps() {
    return wraps;
  }

  /** {@return read-outs whose high field differs from the true high sum} */
  public long borrows() {
    return borrows;
  }

  /** {@return largest magnitude of a true sum read out} */
  public long maxAbsSum() {
    return maxAbsSum;
  }

  /** {@return requantised values that were clipped} */
  public long saturations() {
    return saturations;
  }

  /** {@return NaN inputs the requantiser turned into 0} */
  public long nans() {
    return nans;
  }

  /** {@return bytes read through the X port} */
  public long bytesLoadedX() {
    return bytesLoadedX;
  }

  /** {@return bytes read through the YZ port} */
  public long bytesLoadedY() {
    return bytesLoadedY;
  }

  /** {@return bytes written through the YZ port} */
  public long bytesStored() {
    return bytesStored;
  }

  /** {@return columns that pseudo-channels read or wrote; 0 where memory has a fixed latency} */
  public long columns() {
    return columns;
  }

  /** {@return rows that pseudo-channels opened} */
  public long activates() {
    return activates;
  }

  /**
   * Takes over all values of other counters.
   *
   * @param other the other counters
   */
  public void copyFrom(Counters other) {
    clearArrays();
    zeroScalars();
    add(other);
  }

  /**
   * Adds the values of other counters: work adds up, {@link #maxAbsSum()} is the maximum.
   *
   * @param other the other counters
   */
  public void add(Counters other) {
    combine(other, 1);
    maxAbsSum = Math.max(maxAbsSum, other.maxAbsSum);
  }

  /**
   * {@return these counters minus an earlier copy of them: what happened since} The largest sum
   * cannot be undone and stays as it is.
   *
   * @param earlier a copy of an earlier cycle
   */
  public Counters since(Counters earlier) {
    Counters difference = new Counters();
    difference.copyFrom(this);
    difference.combine(earlier, -1);
    return difference;
  }

  /**
   * {@return a copy without what instructions did} What is left passed with time: cycles of units,
   * instructions accepted, and what pseudo-channels did.
   */
  public Counters timeOnly() {
    Counters time = new Counters();
    time.copyFrom(this);
    time.zeroWork();
    return time;
  }

  /**
   * Passes a chain over all counters.
   *
   * @param chain reads or writes the state
   */
  public void scan(ScanChain chain) {
    chain.scan("counter.busy", busyCycles);
    chain.scan("counter.idle", idleCycles);
    chain.scan("counter.stall", stallCycles);
    chain.scan("counter.instructions", instructions);
    cycles = chain.scan("counter.cycles", cycles);
    macs = chain.scan("counter.macs", macs);
    laneOperations = chain.scan("counter.laneOperations", laneOperations);
    vectorOperations = chain.scan("counter.vectorOperations", vectorOperations);
    modeSwitches = chain.scan("counter.modeSwitches", modeSwitches);
    readouts = chain.scan("counter.readouts", readouts);
    wraps = chain.scan("counter.wraps", wraps);
    borrows = chain.scan("counter.borrows", borrows);
    maxAbsSum = chain.scan("counter.maxAbsSum", maxAbsSum);
    saturations = chain.scan("counter.saturations", saturations);
    nans = chain.scan("counter.nans", nans);
    bytesLoadedX = chain.scan("counter.bytesLoadedX", bytesLoadedX);
    bytesLoadedY = chain.scan("counter.bytesLoadedY", bytesLoadedY);
    bytesStored = chain.scan("counter.bytesStored", bytesStored);
  }

  /**
   * Passes a chain over the counters of pseudo-channels.
   *
   * @param chain reads or writes the state
   */
  public void scanChannels(ScanChain chain) {
    columns = chain.scan("counter.columns", columns);
    activates = chain.scan("counter.activates", activates);
  }

  private void combine(Counters other, int sign) {
    addScaled(busyCycles, other.busyCycles, sign);
    addScaled(idleCycles, other.idleCycles, sign);
    addScaled(stallCycles, other.stallCycles, sign);
    addScaled(instructions, other.instructions, sign);
    cycles += sign * other.cycles;
    macs += sign * other.macs;
    laneOperations += sign * other.laneOperations;
    vectorOperations += sign * other.vectorOperations;
    modeSwitches += sign * other.modeSwitches;
    readouts += sign * other.readouts;
    wraps += sign * other.wraps;
    borrows += sign * other.borrows;
    saturations += sign * other.saturations;
    nans += sign * other.nans;
    bytesLoadedX += sign * other.bytesLoadedX;
    bytesLoadedY += sign * other.bytesLoadedY;
    bytesStored += sign * other.bytesStored;
    columns += sign * other.columns;
    activates += sign * other.activates;
  }

  private static void addScaled(long[] target, long[] source, int sign) {
    for (int i = 0; i < target.length; i++) {
      target[i] += sign * source[i];
    }
  }

  private void clearArrays() {
    Arrays.fill(busyCycles, 0);
    Arrays.fill(idleCycles, 0);
    Arrays.fill(stallCycles, 0);
    Arrays.fill(instructions, 0);
  }

  private void zeroScalars() {
    cycles = 0;
    columns = 0;
    activates = 0;
    zeroWork();
  }

  private void zeroWork() {
    macs = 0;
    laneOperations = 0;
    vectorOperations = 0;
    modeSwitches = 0;
    readouts = 0;
    wraps = 0;
    borrows = 0;
    maxAbsSum = 0;
    saturations = 0;
    nans = 0;
    bytesLoadedX = 0;
    bytesLoadedY = 0;
    bytesStored = 0;
  }
}
