package org.tataa.memory;

import org.tataa.config.TataaConfig;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;

/**
 * The dual-mode buffers of all DMPUs: per DMPU a FIFO of words with one {hi, lo} pair per column
 * (architecture.md). int8 drains and vector results write all of them at once, a STORE empties DMPU
 * 0 first. A bfloat16 value is the low half of its column; its high half is zero.
 */
public final class DualModeBuffer {
  private final int dmpus;
  private final int columns;
  private final int depth;
  private final int[][] lo;
  private final int[][] hi;
  private final long[] pushed;
  private final long[] popped;
  private final long[] lastPopCycle;

  /** All FIFOs empty. */
  public DualModeBuffer(TataaConfig config) {
    dmpus = config.geometry().dmpus();
    columns = config.geometry().columns();
    depth = config.buffers().dmbDepth();
    lo = new int[dmpus][depth * columns];
    hi = new int[dmpus][depth * columns];
    pushed = new long[dmpus];
    popped = new long[dmpus];
    lastPopCycle = new long[dmpus];
    reset();
  }

  /** All FIFOs empty. */
  public void reset() {
    for (int dmpu = 0; dmpu < dmpus; dmpu++) {
      pushed[dmpu] = 0;
      popped[dmpu] = 0;
      lastPopCycle[dmpu] = -1;
    }
  }

  /** Words one FIFO holds at most. */
  public int depth() {
    return depth;
  }

  /** Words a FIFO holds. */
  public int occupancy(int dmpu) {
    return (int) (pushed[dmpu] - popped[dmpu]);
  }

  /** Words ever taken from a FIFO before {@code cycle}. */
  public long poppedBefore(int dmpu, long cycle) {
    return popped[dmpu] - (lastPopCycle[dmpu] >= cycle ? 1 : 0);
  }

  /** Appends a word of {@code [columns]} pairs. */
  public void push(int dmpu, int[] wordLo, int[] wordHi) {
    int at = claim(dmpu);
    System.arraycopy(wordLo, 0, lo[dmpu], at, columns);
    System.arraycopy(wordHi, 0, hi[dmpu], at, columns);
  }

  /** Appends a word of bfloat16 lanes, {@code lanes[dmpu * columns ..]}. */
  public void pushLanes(int dmpu, int[] lanes) {
    int at = claim(dmpu);
    System.arraycopy(lanes, dmpu * columns, lo[dmpu], at, columns);
    java.util.Arrays.fill(hi[dmpu], at, at + columns, 0);
  }

  private int claim(int dmpu) {
    if (occupancy(dmpu) == depth) {
      throw new IllegalStateException("dmb[" + dmpu + "] overflows its " + depth + " words");
    }
    return (int) (pushed[dmpu]++ % depth) * columns;
  }

  /**
   * Takes the oldest word of a FIFO.
   *
   * @param wordLo receives {@code [columns]} low halves
   * @param wordHi receives {@code [columns]} high halves
   */
  public void pop(int dmpu, long cycle, int[] wordLo, int[] wordHi) {
    if (occupancy(dmpu) == 0) {
      throw new IllegalStateException("dmb[" + dmpu + "] is read while empty");
    }
    int at = (int) (popped[dmpu]++ % depth) * columns;
    lastPopCycle[dmpu] = cycle;
    System.arraycopy(lo[dmpu], at, wordLo, 0, columns);
    System.arraycopy(hi[dmpu], at, wordHi, 0, columns);
  }

  /** The FIFO of a DMPU, oldest word first, in the form a waveform viewer would show. */
  public String describe(int dmpu) {
    StringBuilder text = new StringBuilder();
    text.append("dmb[").append(dmpu).append("] ").append(occupancy(dmpu)).append('/').append(depth);
    for (long word = popped[dmpu]; word < pushed[dmpu]; word++) {
      int at = (int) (word % depth) * columns;
      text.append(System.lineSeparator()).append("  ").append(word - popped[dmpu]).append(':');
      for (int column = 0; column < columns; column++) {
        text.append(
            String.format(" {%04x,%04x}", hi[dmpu][at + column], lo[dmpu][at + column] & 0xffff));
      }
    }
    return text.toString();
  }

  /**
   * Passes a chain over the words in the FIFOs.
   *
   * @throws ScanException if more words are restored than fit
   */
  public void scan(ScanChain chain) {
    for (int dmpu = 0; dmpu < dmpus; dmpu++) {
      pushed[dmpu] = chain.scan("dmb.pushed", pushed[dmpu]);
      popped[dmpu] = chain.scan("dmb.popped", popped[dmpu]);
      lastPopCycle[dmpu] = chain.scan("dmb.lastPop", lastPopCycle[dmpu]);
      long words = pushed[dmpu] - popped[dmpu];
      if (popped[dmpu] < 0 || words < 0 || words > depth) {
        throw new ScanException("dmb[" + dmpu + "] holds " + words + " of " + depth + " words");
      }
      for (long word = popped[dmpu]; word < pushed[dmpu]; word++) {
        int at = (int) (word % depth) * columns;
        chain.scan("dmb.lo", lo[dmpu], at, columns);
        chain.scan("dmb.hi", hi[dmpu], at, columns);
      }
    }
  }
}
