package org.tataa.schedule;

import java.util.Arrays;

/**
 * The strands of a body: what is computed of a loaded vector, up to where it meets what is computed
 * of another. A strand is open from the first operation that reads its vector until none of its
 * registers is live. Vectors that many operations read belong to no strand.
 */
final class Strands {
  private static final int NONE = -1;

  private final boolean[] isStart;
  private final int[] strandOf;
  private final int[] live;
  private int open;

  /**
   * Strands of a body of which nothing is done.
   *
   * @param isStart registers whose first read begins a strand
   */
  Strands(boolean[] isStart) {
    this.isStart = isStart.clone();
    strandOf = new int[isStart.length];
    live = new int[isStart.length];
    Arrays.fill(strandOf, NONE);
  }

  /** Strands that are open. */
  int open() {
    return open;
  }

  /** Whether an operation with these operands, -1 for none, begins a strand. */
  boolean begins(int first, int second) {
    return (isFresh(first) || isFresh(second)) && !isPart(first) && !isPart(second);
  }

  private boolean isFresh(int register) {
    return register != NONE && isStart[register];
  }

  private boolean isPart(int register) {
    return register != NONE && strandOf[register] != NONE;
  }

  /** An operation reads two registers, -1 for none, and its result is read if it is live. */
  void operate(int result, boolean isLive, int first, int second) {
    int strand = isPart(first) ? strandOf[first] : isPart(second) ? strandOf[second] : NONE;
    if (strand == NONE) {
      strand = isFresh(first) ? first : isFresh(second) ? second : NONE;
      open += strand == NONE ? 0 : 1;
    }
    join(first, strand);
    join(second, strand);
    boolean meets = isPart(second) && strandOf[second] != strand;
    if (isLive && strand != NONE && !meets) {
      strandOf[result] = strand;
      live[strand]++;
    }
  }

  private void join(int register, int strand) {
    if (isFresh(register)) {
      isStart[register] = false;
      strandOf[register] = strand;
      live[strand]++;
    }
  }

  /** A register is read for the last time. */
  void end(int register) {
    if (isPart(register) && --live[strandOf[register]] == 0) {
      open--;
    }
  }
}
