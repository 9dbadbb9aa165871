package org.tataa.observe;

import org.tataa.state.ScanChain;

/** Numeric events of each instruction of a program, by instruction index. */
public final class InstructionStats {
  private final int[] rows;
  private final int[] readouts;
  private final int[] wraps;
  private final int[] borrows;
  private final long[] maxAbsSum;
  private final int[] saturations;
  private final int[] nans;

  /**
   * Statistics of a program, all zero.
   *
   * @param rows for each instruction its row in the table, or -1 if it can have no events
   * @param count rows of the table
   */
  public InstructionStats(int[] rows, int count) {
    this.rows = rows;
    readouts = new int[count];
    wraps = new int[count];
    borrows = new int[count];
    maxAbsSum = new long[count];
    saturations = new int[count];
    nans = new int[count];
  }

  /**
   * Adds read-outs by the MATMUL at {@code index}.
   *
   * @param index number of the instruction in the program
   * @param sums how many sums
   * @param wrapped how many do not fit their fields
   * @param borrowed how many high fields differ from their true sums
   * @param largest largest magnitude of a true sum
   */
  public void countReadouts(int index, int sums, int wrapped, int borrowed, long largest) {
    int row = rows[index];
    readouts[row] += sums;
    wraps[row] += wrapped;
    borrows[row] += borrowed;
    if (largest > maxAbsSum[row]) {
      maxAbsSum[row] = largest;
    }
  }

  /**
   * Adds requantiser events of the STORE at {@code index}.
   *
   * @param index number of the instruction in the program
   * @param saturated values that were clipped
   * @param nan values that were not a number
   */
  public void countStore(int index, int saturated, int nan) {
    saturations[rows[index]] += saturated;
    nans[rows[index]] += nan;
  }

  private int at(int index, int[] table) {
    return rows[index] < 0 ? 0 : table[rows[index]];
  }

  /**
   * {@return sums read out by the MATMUL at {@code index}, two per PE where packed}
   *
   * @param index number of the instruction in the program
   */
  public int readouts(int index) {
    return at(index, readouts);
  }

  /**
   * {@return read-outs whose true sum does not fit the accumulator's field}
   *
   * @param index number of the instruction in the program
   */
  public int wraps(int index) {
    return at(index, wraps);
  }

  /**
   * {@return read-outs whose high field differs from the true high sum}
   *
   * @param index number of the instruction in the program
   */
  public int borrows(int index) {
    return at(index, borrows);
  }

  /**
   * {@return largest magnitude of a true sum read out}
   *
   * @param index number of the instruction in the program
   */
  public long maxAbsSum(int index) {
    return rows[index] < 0 ? 0 : maxAbsSum[rows[index]];
  }

  /**
   * {@return int8 results clipped by the STORE at {@code index}}
   *
   * @param index number of the instruction in the program
   */
  public int saturations(int index) {
    return at(index, saturations);
  }

  /**
   * {@return NaN inputs turned into 0 by the STORE at {@code index}}
   *
   * @param index number of the instruction in the program
   */
  public int nans(int index) {
    return at(index, nans);
  }

  /**
   * Passes a chain over the statistics of all instructions.
   *
   * @param chain reads or writes the state
   */
  public void scan(ScanChain chain) {
    chain.scan("stats.readouts", readouts);
    chain.scan("stats.wraps", wraps);
    chain.scan("stats.borrows", borrows);
    chain.scan("stats.maxAbsSum", maxAbsSum);
    chain.scan("stats.saturations", saturations);
    chain.scan("stats.nans", nans);
  }
}
