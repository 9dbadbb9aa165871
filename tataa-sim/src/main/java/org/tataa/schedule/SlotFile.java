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
  private long clock;

  SlotFile(int slots) {
    uses = new int[slots];
    tag = new long[slots];
    lastUse = new long[slots];
    Arrays.fill(tag, NONE);
  }

  /** A slot that holds the vector at an address, taken for use; NONE if there is none. */
  int reuse(long address) {
    for (int slot = 0; slot < tag.length; slot++) {
      if (tag[slot] == address) {
        take(slot);
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

  /** One use of a slot less. */
  void release(int slot) {
    uses[slot]--;
    lastUse[slot] = ++clock;
  }
}
