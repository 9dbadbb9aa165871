package org.tataa.observe;

import org.tataa.state.ScanChain;

/** Numeric events of each instruction of a program, by instruction index. */
public final class InstructionStats {
  private final int[] readouts;
  private final int[] wraps;
  private final int[] borrows;
  private final long[] maxAbsSum;
  private final int[] saturations;
  private final int[] nans;

  /** Statistics for a program of {@code size} instructions, all zero. */
  public InstructionStats(int size) {
    readouts = new int[size];
    wraps = new int[size];
    borrows = new int[size];
    maxAbsSum = new long[size];
    saturations = new int[size];
    nans = new int[size];
  }

  /** Adds the read-out of one PE by the MATMUL at {@code index}. */
  public void countReadout(int index, int sums, int wrapped, boolean borrow, long absSum) {
    readouts[index] += sums;
    wraps[index] += wrapped;
    if (borrow) {
      borrows[index]++;
    }
    if (absSum > maxAbsSum[index]) {
      maxAbsSum[index] = absSum;
    }
  }

  /** Adds requantiser events of the STORE at {@code index}. */
  public void countStore(int index, int saturated, int nan) {
    saturations[index] += saturated;
    nans[index] += nan;
  }

  /** Sums read out by the MATMUL at {@code index}, two per PE where packed. */
  public int readouts(int index) {
    return readouts[index];
  }

  /** Read-outs whose true sum does not fit the accumulator's field. */
  public int wraps(int index) {
    return wraps[index];
  }

  /** Read-outs whose high field differs from the true high sum. */
  public int borrows(int index) {
    return borrows[index];
  }

  /** Largest magnitude of a true sum read out. */
  public long maxAbsSum(int index) {
    return maxAbsSum[index];
  }

  /** int8 results clipped by the STORE at {@code index}. */
  public int saturations(int index) {
    return saturations[index];
  }

  /** NaN inputs turned into 0 by the STORE at {@code index}. */
  public int nans(int index) {
    return nans[index];
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
