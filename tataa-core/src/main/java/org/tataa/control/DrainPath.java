package org.tataa.control;

import org.jspecify.annotations.Nullable;
import org.tataa.array.PeArray;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.TataaConfig;
import org.tataa.memory.DualModeBuffer;
import org.tataa.numeric.AccumulatorReadout;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.Counters;
import org.tataa.observe.InstructionStats;

/**
 * The way of the sums from the PEs into the DMBs: one row of every DMPU per cycle, the last one
 * first, read out as the accumulator does it and counted.
 */
final class DrainPath {
  private static final int ROWS = ArrayGeometry.ROWS_PER_DMPU;

  private final ArrayGeometry geometry;
  private final boolean shadowed;
  private final PeArray array;
  private final DualModeBuffer dmb;
  private final Counters counters;
  private final AccumulatorReadout readout;
  private final int[] rowLo;
  private final int[] rowHi;
  private InstructionStats stats = new InstructionStats(new int[0], 0);
  private @Nullable CoreObserver observer;

  DrainPath(TataaConfig config, PeArray array, DualModeBuffer dmb, Counters counters) {
    geometry = config.geometry();
    shadowed = config.overlappedDrain();
    this.array = array;
    this.dmb = dmb;
    this.counters = counters;
    readout = AccumulatorReadout.of(config.profiles().accumulator());
    rowLo = new int[geometry.columns()];
    rowHi = new int[geometry.columns()];
  }

  void reset(InstructionStats newStats) {
    stats = newStats;
  }

  void observe(@Nullable CoreObserver value) {
    observer = value;
  }

  /**
   * Drains the rows whose turn is in the cycles {@code from..to-1}; not with shadow sums.
   *
   * @param index the MATMUL
   * @param first cycle of the first row
   */
  void drain(int index, long first, long from, long to) {
    long last = first + ROWS - 1;
    if (from <= first && last < to) {
      long largestLo = array.largestLo();
      long largestHi = array.largestHi();
      if (readout.isPlain(largestLo, largestHi)) {
        drainAll(index, Math.max(largestLo, largestHi));
        return;
      }
    }
    for (long cycle = Math.max(from, first); cycle <= last && cycle < to; cycle++) {
      drainRow(index, (int) (last - cycle), cycle);
    }
  }

  // Every sum is read out as it is: even the largest fits, so that copySums cannot refuse.
  private void drainAll(int index, long largest) {
    for (int row = ROWS - 1; row >= 0; row--) {
      int word = dmb.push();
      for (int dmpu = 0; dmpu < geometry.dmpus(); dmpu++) {
        int to = word + dmpu * geometry.columns();
        array.copySums(dmpu * ROWS + row, dmb.lo(), dmb.hi(), to);
      }
    }
    count(index, geometry.rows() * geometry.outputs(), 0, 0, largest);
  }

  private void count(int index, int sums, int wrapped, int borrows, long largest) {
    counters.countReadouts(sums, wrapped, borrows, largest);
    stats.countReadouts(index, sums, wrapped, borrows, largest);
  }

  /** Drains one row of every DMPU. */
  void drainRow(int index, int rowOfDmpu, long cycle) {
    int columns = rowLo.length;
    int word = dmb.push();
    for (int dmpu = 0; dmpu < geometry.dmpus(); dmpu++) {
      int row = dmpu * ROWS + rowOfDmpu;
      if (shadowed || !drainPlain(index, row)) {
        readOut(index, row);
      }
      System.arraycopy(rowLo, 0, dmb.lo(), word + dmpu * columns, columns);
      System.arraycopy(rowHi, 0, dmb.hi(), word + dmpu * columns, columns);
      if (observer != null) {
        observer.onDrainWrite(cycle, index, dmpu, rowOfDmpu, rowLo, rowHi);
      }
    }
  }

  private boolean drainPlain(int index, int row) {
    if (!array.copySums(row, rowLo, rowHi, 0)) {
      return false;
    }
    int largestLo = array.largest(rowLo, rowLo.length);
    int largestHi = array.largest(rowHi, rowHi.length);
    if (!readout.isPlain(largestLo, largestHi)) {
      return false;
    }
    int sums = rowLo.length * geometry.outputsPerColumn();
    count(index, sums, 0, 0, Math.max(largestLo, largestHi));
    return true;
  }

  private void readOut(int index, int row) {
    boolean two = geometry.outputsPerColumn() == 2;
    int wrapped = 0;
    int borrows = 0;
    long largest = 0;
    for (int column = 0; column < rowLo.length; column++) {
      long lo = shadowed ? array.shadowLo(row, column) : array.sumLo(row, column);
      long hi = shadowed ? array.shadowHi(row, column) : array.sumHi(row, column);
      rowLo[column] = readout.lo(lo, hi);
      rowHi[column] = readout.hi(lo, hi);
      wrapped += (readout.wrapsLo(lo) ? 1 : 0) + (two && readout.wrapsHi(hi) ? 1 : 0);
      borrows += readout.borrow(lo, hi) ? 1 : 0;
      largest = Math.max(largest, Math.max(Math.abs(lo), Math.abs(hi)));
    }
    count(index, rowLo.length * geometry.outputsPerColumn(), wrapped, borrows, largest);
  }
}
