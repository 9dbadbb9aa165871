package org.tataa.control;

import org.tataa.clock.ClockedUnit;
import org.tataa.config.TataaConfig;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;

/**
 * The controller's reservations in the dual-mode buffers: which words have a place in them and when
 * they arrive. Words arrive in all DMPUs at once; a STORE takes the same number from each, DMPU 0
 * first.
 */
final class DmbReservations {
  private final int dmpus;
  private final int depth;
  private final int readOffset;
  private final long[] arrival;
  private final int[] producer;
  private long reserved;
  private long claimed;

  /** Places of the next word reserved and of the next word claimed. */
  private int reserveAt;

  private int claimAt;

  /** Words per DMPU that the youngest STORE pops, and the cycle of its first pop. */
  private int lastWords;

  private long lastPop;

  DmbReservations(TataaConfig config) {
    dmpus = config.geometry().dmpus();
    depth = config.buffers().dmbDepth();
    readOffset = config.timing().startLatency() + config.timing().storeReadLatency();
    arrival = new long[depth];
    producer = new int[depth];
  }

  void reset() {
    reserved = 0;
    claimed = 0;
    reserveAt = 0;
    claimAt = 0;
    lastWords = 0;
    lastPop = 0;
  }

  /** Whether {@code words} more words per DMPU fit, counting every reserved word not yet popped. */
  boolean hasSpace(int words, long cycle) {
    return cycle >= spaceAt(words);
  }

  /**
   * The first cycle in which {@code words} more words per DMPU fit; NEVER if no STORE sees to it.
   */
  long spaceAt(int words) {
    // The last DMB is popped last; a STORE is accepted when the one before it has popped all.
    long missing = reserved + words - depth - (claimed - lastWords);
    if (missing <= 0) {
      return Long.MIN_VALUE;
    }
    return missing > lastWords
        ? ClockedUnit.NEVER
        : lastPop + (long) (dmpus - 1) * lastWords + missing;
  }

  /** A word will be written to every DMB in {@code cycle}. */
  void reserve(long cycle, int index) {
    arrival[reserveAt] = cycle;
    producer[reserveAt] = index;
    reserveAt = after(reserveAt, 1);
    reserved++;
  }

  private int after(int place, int words) {
    return place + words >= depth ? place + words - depth : place + words;
  }

  /** Words per DMPU that no STORE has claimed. */
  long unclaimed() {
    return reserved - claimed;
  }

  /**
   * The instruction whose word a STORE accepted in {@code cycle} would read before it arrives. Word
   * i is read at accept + start latency + read latency + i (isa.md, Hazards).
   *
   * @return its index, or -1
   */
  int lateWord(int wordsPerDmpu, long cycle) {
    for (int word = 0, at = claimAt; word < wordsPerDmpu; word++, at = after(at, 1)) {
      if (arrival[at] >= cycle + readOffset + word) {
        return producer[at];
      }
    }
    return -1;
  }

  /** The first cycle in which a STORE finds every word in time. */
  long inTimeAt(int wordsPerDmpu) {
    long first = Long.MIN_VALUE;
    for (int word = 0, at = claimAt; word < wordsPerDmpu; word++, at = after(at, 1)) {
      first = Math.max(first, arrival[at] - readOffset - word + 1);
    }
    return first;
  }

  /** A STORE accepted in {@code cycle} takes the next words of every DMPU. */
  void claim(int wordsPerDmpu, long cycle) {
    claimed += wordsPerDmpu;
    claimAt = after(claimAt, wordsPerDmpu);
    lastWords = wordsPerDmpu;
    lastPop = cycle + readOffset;
  }

  void scan(ScanChain chain) {
    reserved = chain.scan("dmb.reserved", reserved);
    claimed = chain.scan("dmb.claimed", claimed);
    lastWords = chain.scan("dmb.lastWords", lastWords);
    lastPop = chain.scan("dmb.lastPop", lastPop);
    if (claimed < 0 || reserved < claimed || reserved - claimed > depth) {
      throw new ScanException("words " + claimed + ".." + reserved + " of a DMB are reserved");
    }
    for (long word = claimed; word < reserved; word++) {
      int at = (int) (word % depth);
      chain.unit("dmb.word[" + (word - claimed) + "]");
      arrival[at] = chain.scan("arrival", arrival[at]);
      producer[at] = chain.scan("producer", producer[at]);
    }
    chain.unit("");
    reserveAt = (int) (reserved % depth);
    claimAt = (int) (claimed % depth);
  }
}
