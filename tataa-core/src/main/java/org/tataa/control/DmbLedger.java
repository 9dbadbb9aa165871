package org.tataa.control;

import org.tataa.config.TataaConfig;
import org.tataa.memory.DualModeBuffer;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;

/**
 * The controller's book on the dual-mode buffers: which words have been promised to them and when
 * they arrive. Words arrive in all DMPUs at once; a STORE takes the same number from each, DMPU 0
 * first.
 */
final class DmbLedger {
  private final DualModeBuffer dmb;
  private final int dmpus;
  private final int depth;
  private final int readOffset;
  private final long[] arrival;
  private final int[] producer;
  private long promised;
  private long claimed;

  DmbLedger(TataaConfig config, DualModeBuffer dmb) {
    this.dmb = dmb;
    dmpus = config.geometry().dmpus();
    depth = dmb.depth();
    readOffset = config.timing().startLatency() + config.timing().storeReadLatency();
    arrival = new long[depth];
    producer = new int[depth];
  }

  void reset() {
    promised = 0;
    claimed = 0;
  }

  /** Whether {@code words} more words per DMPU fit, counting every promised word not yet popped. */
  boolean hasSpace(int words, long cycle) {
    return promised + words - dmb.poppedBefore(dmpus - 1, cycle) <= depth;
  }

  /** A word will be written to every DMB in {@code cycle}. */
  void promise(long cycle, int index) {
    arrival[(int) (promised % depth)] = cycle;
    producer[(int) (promised % depth)] = index;
    promised++;
  }

  /** Words per DMPU that no STORE has claimed. */
  long unclaimed() {
    return promised - claimed;
  }

  /**
   * Whether a STORE accepted in {@code cycle} reads every word after its arrival. Word i is read at
   * accept + start latency + read latency + i (isa.md, Hazards).
   */
  boolean arriveInTime(int wordsPerDmpu, long cycle) {
    return lateWord(wordsPerDmpu, cycle) < 0;
  }

  /** Index of the instruction whose word would be late, or -1. */
  int lateWord(int wordsPerDmpu, long cycle) {
    for (int word = 0; word < wordsPerDmpu; word++) {
      int at = (int) ((claimed + word) % depth);
      if (arrival[at] >= cycle + readOffset + word) {
        return producer[at];
      }
    }
    return -1;
  }

  /** A STORE takes the next words of every DMPU. */
  void claim(int wordsPerDmpu) {
    claimed += wordsPerDmpu;
  }

  void scan(ScanChain chain) {
    promised = chain.scan("ledger.promised", promised);
    claimed = chain.scan("ledger.claimed", claimed);
    if (claimed < 0 || promised < claimed || promised - claimed > depth) {
      throw new ScanException("words " + claimed + ".." + promised + " of a DMB are promised");
    }
    for (long word = claimed; word < promised; word++) {
      int at = (int) (word % depth);
      arrival[at] = chain.scan("ledger.arrival", arrival[at]);
      producer[at] = chain.scan("ledger.producer", producer[at]);
    }
  }
}
