package org.tataa.schedule;

import java.util.Arrays;

/**
 * The slots of one bank while instructions are emitted: which are in use, and what vectors of
 * memory those not in use still hold.
 */
final class SlotFile {
  static final int NONE = -1;

  private final int[] uses;
  private final long[] tag;
  private final long[] lastUse;
  private final boolean[] isHeld;
  private int held;
  private long clock;

  SlotFile(int slots) {
    uses = new int[slots];
    tag = new long[slots];
    lastUse = new long[slots];
    isHeld = new boolean[slots];
    Arrays.fill(tag, NONE);
  }

  /** A vector that is put into a slot before its use begins; it stays until then. */
  void hold(int slot, long address) {
    take(slot);
    tag[slot] = address;
    isHeld[slot] = true;
    held++;
  }

  /** Slots whose vectors wait for their use to begin. */
  int held() {
    return held;
  }

  /** A slot that holds the vector at an address, taken for use; NONE if there is none. */
  int reuse(long address) {
    for (int slot = 0; slot < tag.length; slot++) {
      if (tag[slot] == address) {
        if (isHeld[slot]) {
          isHeld[slot] = false;
          held--;
        } else {
          take(slot);
        }
        return slot;
      }
    }
    return NONE;
  }

  private void take(int slot) {
    uses[slot]++;
    lastUse[slot] = ++clock;
  }

  /** The slot not used for longest, taken for a result; NONE if all are in use. */
  int take() {
    int best = NONE;
    for (int slot = 0; slot < uses.length; slot++) {
      if (uses[slot] == 0
          && (best == NONE
              || (tag[slot] == NONE && tag[best] != NONE)
              || ((tag[slot] == NONE) == (tag[best] == NONE) && lastUse[slot] < lastUse[best]))) {
        best = slot;
      }
    }
    if (best != NONE) {
      tag[best] = NONE;
      take(best);
    }
    return best;
  }

  /** A slot for a vector of memory, as {@link #take()}. */
  int takeFor(long address) {
    int slot = take();
    if (slot != NONE) {
      tag[slot] = address;
    }
    return slot;
  }

  /**
   * Slots one after the other for vectors that follow each other in memory, all taken for use; the
   * run whose last use is longest ago.
   *
   * @param address of the first
   * @param bytes of a vector
   * @return the first slot, or NONE if there is no such run
   */
  int takeRun(long address, int bytes, int count) {
    int best = NONE;
    long bestUse = Long.MAX_VALUE;
    for (int first = 0; first + count <= uses.length; first++) {
      long use = lastUseOfFree(first, count);
      if (use < bestUse) {
        best = first;
        bestUse = use;
      }
    }
    for (int i = 0; best != NONE && i < count; i++) {
      tag[best + i] = address + (long) i * bytes;
      take(best + i);
    }
    return best;
  }

  // The last use of any of some slots; the largest number if one is in use.
  private long lastUseOfFree(int first, int count) {
    long latest = Long.MIN_VALUE;
    for (int slot = first; slot < first + count; slot++) {
      if (uses[slot] > 0) {
        return Long.MAX_VALUE;
      }
      latest = Math.max(latest, tag[slot] == NONE ? Long.MIN_VALUE : lastUse[slot]);
    }
    return latest;
  }

  /** Whether a slot holds the vector at an address. */
  boolean holds(long address) {
    for (long known : tag) {
      if (known == address) {
        return true;
      }
    }
    return false;
  }

  /** One use of a slot less. */
  void release(int slot) {
    uses[slot]--;
    lastUse[slot] = ++clock;
  }
}
