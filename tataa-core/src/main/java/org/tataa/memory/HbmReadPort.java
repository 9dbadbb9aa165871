package org.tataa.memory;

import org.tataa.clock.ClockedUnit;
import org.tataa.config.HbmConfig;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;

/**
 * A read port of the channels: bursts are cut into columns, which are asked for in order, as many
 * ahead as the port may have outstanding, and taken in order, whatever order they come in.
 */
final class HbmReadPort {
  private final Hbm hbm;
  private final int number;

  /** Where the memory of the core begins in the channels. */
  private final long base;

  /** By column of the port, modulo their number: the cycle of the channels in which it is there. */
  private final long[] there;

  /** Bursts that are not wholly asked for, the oldest first. */
  private final long[] next;

  private final long[] end;
  private final long[] arrival;
  private int bursts;
  private long asked;
  private long taken;
  private long known;

  /**
   * A port.
   *
   * @param mostBursts bursts it may have been given at once
   */
  HbmReadPort(Hbm hbm, int number, long base, int mostBursts) {
    this.hbm = hbm;
    this.number = number;
    this.base = base;
    there = new long[hbm.config().outstandingColumns()];
    next = new long[mostBursts];
    end = new long[mostBursts];
    arrival = new long[mostBursts];
  }

  void reset() {
    bursts = 0;
    asked = 0;
    taken = 0;
    known = 0;
  }

  /**
   * A burst is commanded.
   *
   * @param now cycle of the core
   * @param command cycle of the core in which the channels get it, later than now
   * @return number of its first column
   */
  long read(long now, long command, int address, int bytes) {
    hbm.advance(now);
    long first = (base + address) / HbmConfig.COLUMN_BYTES;
    long last = (base + address + bytes - 1) / HbmConfig.COLUMN_BYTES;
    next[bursts] = first;
    end[bursts] = last + 1;
    arrival[bursts] = hbm.cycleAt(command);
    bursts++;
    long number = known;
    known += last + 1 - first;
    return number;
  }

  /**
   * Whether a byte of a burst is there.
   *
   * @param first number of the burst's first column
   * @param address where the burst begins
   * @param last offset of the byte
   */
  boolean isThere(long now, long first, int address, int last) {
    hbm.advance(now);
    long column = column(first, address, last);
    return column < asked && there[(int) (column % there.length)] <= hbm.cycleAt(now);
  }

  private long column(long first, int address, int offset) {
    int inFirst = (int) ((base + address) % HbmConfig.COLUMN_BYTES);
    return first + (inFirst + offset) / HbmConfig.COLUMN_BYTES;
  }

  /** Bytes of a burst have been taken; the columns before the next byte are free. */
  void take(long first, int address, int bytes, int of) {
    long column = column(first, address, bytes);
    taken = Math.max(taken, bytes == of ? column(first, address, bytes - 1) + 1 : column);
  }

  /** Bursts that are not wholly asked for. */
  int waiting() {
    return bursts;
  }

  /** The first cycle of the channels in which there is a burst to ask for, if nothing is taken. */
  long nextAsking() {
    return bursts == 0 || asked - taken == there.length ? ClockedUnit.NEVER : arrival[0];
  }

  /** Asks for what can be asked for in a cycle of the channels. */
  void ask(long cycle) {
    while (bursts > 0 && arrival[0] <= cycle && asked - taken < there.length) {
      there[(int) (asked % there.length)] = ClockedUnit.NEVER;
      hbm.ask(next[0]++, number, asked++, cycle);
      if (next[0] == end[0]) {
        bursts--;
        System.arraycopy(next, 1, next, 0, bursts);
        System.arraycopy(end, 1, end, 0, bursts);
        System.arraycopy(arrival, 1, arrival, 0, bursts);
      }
    }
  }

  /** A column will be there in a cycle. */
  void comes(long column, long cycle) {
    there[(int) (column % there.length)] = cycle;
  }

  void scan(ScanChain chain) {
    bursts = Math.max(0, chain.scanChoice("bursts", bursts, next.length + 1));
    asked = chain.scan("asked", asked);
    taken = chain.scan("taken", taken);
    known = chain.scan("known", known);
    for (int i = 0; i < bursts; i++) {
      next[i] = chain.scan("next", next[i]);
      end[i] = chain.scan("end", end[i]);
      arrival[i] = chain.scan("arrival", arrival[i]);
    }
    if (taken < 0 || asked < taken || asked - taken > there.length) {
      throw new ScanException("columns " + taken + ".." + asked + " of a port are under way");
    }
    for (long column = taken; column < asked; column++) {
      int at = (int) (column % there.length);
      there[at] = chain.scan("there", there[at]);
    }
  }
}
