package org.tataa.memory;

import java.util.Arrays;
import org.tataa.observe.UnitKind;

/**
 * For every vector slot of both banks: until when a load, a read or a write keeps it busy. Dates
 * are cycles. Only the youngest of each is kept, which is the last to end: the hazard rules never
 * let a younger one overtake.
 */
public final class SlotScoreboard {
  private static final long LONG_AGO = Long.MIN_VALUE / 2;

  private final int slots;
  private final long[] loadEnd;
  private final int[] loader;
  private final UnitKind[] loadedThrough;
  private final long[] lastRead;
  private final int[] reader;
  private final long[] lastWrite;
  private final long[] resultReady;
  private final int[] writer;

  /**
   * All slots free.
   *
   * @param slots slots of a bank
   */
  public SlotScoreboard(int slots) {
    this.slots = slots;
    loadEnd = new long[2 * slots];
    loader = new int[2 * slots];
    loadedThrough = new UnitKind[2 * slots];
    Arrays.fill(loadedThrough, UnitKind.LOAD_X);
    lastRead = new long[2 * slots];
    reader = new int[2 * slots];
    lastWrite = new long[2 * slots];
    resultReady = new long[2 * slots];
    writer = new int[2 * slots];
    reset();
  }

  /** All slots free. */
  public void reset() {
    Arrays.fill(loadEnd, LONG_AGO);
    Arrays.fill(lastRead, LONG_AGO);
    Arrays.fill(lastWrite, LONG_AGO);
    Arrays.fill(resultReady, LONG_AGO);
  }

  /**
   * A load of slots {@code first..first+count-1}, or a STORE to them, was accepted.
   *
   * @param through the port it comes through; OUTPUT for a STORE
   * @param index its instruction index
   * @param end first cycle in which its busy flag is low
   */
  void loads(int bank, int first, int count, UnitKind through, int index, long end) {
    for (int i = bank * slots + first; count > 0; i++, count--) {
      if (end >= loadEnd[i]) {
        loadEnd[i] = end;
        loader[i] = index;
        loadedThrough[i] = through;
      }
    }
  }

  /** The end of a load has become known. */
  void loadEnds(int bank, int first, int count, int index, long end) {
    for (int i = bank * slots + first; count > 0; i++, count--) {
      if (loader[i] == index) {
        loadEnd[i] = end;
      }
    }
  }

  /**
   * An operation will read a slot in cycle {@code date}.
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param slot number of the slot
   * @param index number of the instruction in the program
   * @param date cycle in which it happens
   */
  public void reads(int bank, int slot, int index, long date) {
    lastRead[bank * slots + slot] = date;
    reader[bank * slots + slot] = index;
  }

  /**
   * An operation will write a slot.
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param slot number of the slot
   * @param index number of the instruction in the program
   * @param date cycle of the write
   * @param ready first exec_start of an operation that may read the result
   */
  public void writes(int bank, int slot, int index, long date, long ready) {
    lastWrite[bank * slots + slot] = date;
    resultReady[bank * slots + slot] = ready;
    writer[bank * slots + slot] = index;
  }

  /**
   * {@return whether a load of the slot keeps it busy in {@code cycle}}
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param slot number of the slot
   * @param cycle clock cycle, from 0
   */
  public boolean isLoading(int bank, int slot, long cycle) {
    return cycle < loadEnd[bank * slots + slot];
  }

  /**
   * {@return the port the youngest load of the slot came through; OUTPUT if it was a STORE}
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param slot number of the slot
   */
  public UnitKind loadedThrough(int bank, int slot) {
    return loadedThrough[bank * slots + slot];
  }

  /**
   * {@return first cycle in which no load keeps the slot busy}
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param slot number of the slot
   */
  public long loadEnd(int bank, int slot) {
    return loadEnd[bank * slots + slot];
  }

  /**
   * {@return instruction index of the youngest load of the slot}
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param slot number of the slot
   */
  public int loader(int bank, int slot) {
    return loader[bank * slots + slot];
  }

  /**
   * {@return first exec_start of an operation that may read the slot}
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param slot number of the slot
   */
  public long resultReady(int bank, int slot) {
    return resultReady[bank * slots + slot];
  }

  /**
   * {@return instruction index of the youngest operation that writes the slot}
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param slot number of the slot
   */
  public int writer(int bank, int slot) {
    return writer[bank * slots + slot];
  }

  /**
   * {@return the last cycle in which an accepted operation reads or writes the slot}
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param slot number of the slot
   */
  public long lastUse(int bank, int slot) {
    return Math.max(lastRead[bank * slots + slot], lastWrite[bank * slots + slot]);
  }

  /**
   * The youngest operation that reads or writes the slot in or after {@code cycle}.
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param slot number of the slot
   * @param cycle clock cycle, from 0
   * @return its instruction index, or -1
   */
  public int userAfter(int bank, int slot, long cycle) {
    int i = bank * slots + slot;
    int user = lastRead[i] >= cycle ? reader[i] : -1;
    return lastWrite[i] >= cycle ? Math.max(user, writer[i]) : user;
  }
}
