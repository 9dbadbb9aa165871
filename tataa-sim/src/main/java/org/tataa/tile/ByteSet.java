package org.tataa.tile;

import org.jspecify.annotations.Nullable;

/**
 * A set of the bytes of a buffer. Searches stop at the end of their range; pages of a large buffer
 * of which nothing was added take no memory.
 */
final class ByteSet {
  /** Bytes of a page, as a power of two. */
  private static final int PAGE = 12;

  private static final int WORDS = 1 << PAGE - 6;
  private static final long[] NOTHING = new long[WORDS];

  private final long[] @Nullable [] pages;
  private boolean isEmpty = true;

  /** An empty set of bytes below a number. */
  ByteSet(int bytes) {
    pages = new long[(bytes >> PAGE) + 1][];
  }

  /** Whether nothing was added. */
  boolean isEmpty() {
    return isEmpty;
  }

  /** Adds a range. */
  void add(int from, int to) {
    isEmpty &= from >= to;
    for (int at = from; at < to; at = (at | 63) + 1) {
      long[] page = pages[at >> PAGE];
      if (page == null) {
        page = new long[WORDS];
        pages[at >> PAGE] = page;
      }
      page[at >> 6 & WORDS - 1] |= mask(at, to);
    }
  }

  /** The first byte of a range that is in the set, or -1. */
  int firstIn(int from, int to) {
    return isEmpty ? -1 : first(from, to, 0);
  }

  /** The first byte of a range that is not in the set, or -1. */
  int firstNotIn(int from, int to) {
    return first(from, to, -1L);
  }

  private int first(int from, int to, long flip) {
    for (int at = from; at < to; at = (at | 63) + 1) {
      long[] page = pages[at >> PAGE];
      long word = (page == null ? NOTHING : page)[at >> 6 & WORDS - 1];
      long bits = (word ^ flip) & mask(at, to);
      if (bits != 0) {
        return (at & ~63) + Long.numberOfTrailingZeros(bits);
      }
    }
    return -1;
  }

  // Bits of the word of a byte, from that byte up to the end of a range.
  private static long mask(int at, int to) {
    long upper = to >= (at | 63) + 1 ? -1L : (1L << to) - 1;
    return -1L << at & upper;
  }
}
