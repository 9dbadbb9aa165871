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

  /** Adds read-outs by the MATMUL at {@code index}. */
  public void countReadouts(int index, int sums, int wrapped, int borrowed, long largest) {
    int row = rows[index];
    readouts[row] += sums;
    wraps[row] += wrapped;
    borrows[row] += borrowed;
    if (largest > maxAbsSum[row]) {
      maxAbsSum[row] = largest;
    }
  }

  /** Adds requantiser events of the STORE at {@code index}. */
  public void countStore(int index, int saturated, int nan) {
    saturations[rows[index]] += saturated;
    nans[rows[index]] += nan;
  }

  private int at(int index, int[] table) {
    return rows[index] < 0 ? 0 : table[rows[index]];
  }

  /** Sums read out by the MATMUL at {@code index}, two per PE where packed. */
  public int readouts(int index) {
    return at(index, readouts);
  }

  /** Read-outs whose true sum does not fit the accumulator's field. */
  public int wraps(int index) {
    return at(index, wraps);
  }

  /** Read-outs whose high field differs from the true high sum. */
  public int borrows(int index) {
    return at(index, borrows);
  }

  /** Largest magnitude of a true sum read out. */
  public long maxAbsSum(int index) {
    return rows[index] < 0 ? 0 : maxAbsSum[rows[index]];
  }

  /** int8 results clipped by the STORE at {@code index}. */
  public int saturations(int index) {
    return at(index, saturations);
  }

  /** NaN inputs turned into 0 by the STORE at {@code index}. */
  public int nans(int index) {
    return at(index, nans);
  }

  /** Passes a chain over the statistics of all instructions. */
  public void scan(ScanChain chain) {
    chain.scan("stats.readouts", readouts);
    chain.scan("stats.wraps", wraps);
    chain.scan("stats.borrows", borrows);
    chain.scan("stats.maxAbsSum", maxAbsSum);
    chain.scan("stats.saturations", saturations);
    chain.scan("stats.nans", nans);
  }
}
