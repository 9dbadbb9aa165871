package org.tataa.compiler;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Hands out ranges of a core's memory and takes them back; neighbours are joined. */
final class Memory {
  private static final int ALIGNMENT = 256;

  private final TreeMap<Long, Long> free = new TreeMap<>();
  private final Map<Object, long[]> taken = new HashMap<>();
  private long top;

  /** Reserves bytes for an owner: the first gap that is large enough, or the end. */
  long take(Object owner, long bytes) {
    long size = Math.max(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    long address = top;
    long gap = 0;
    for (Map.Entry<Long, Long> candidate : free.entrySet()) {
      if (candidate.getValue() >= size) {
        address = candidate.getKey();
        gap = candidate.getValue();
        break;
      }
    }
    if (gap == 0) {
      top += size;
    } else {
      free.remove(address);
      if (gap > size) {
        free.put(address + size, gap - size);
      }
    }
    if (taken.put(owner, new long[] {address, size}) != null) {
      throw new IllegalStateException("memory taken twice for " + owner);
    }
    return address;
  }

  /** Address of an owner. */
  long of(Object owner) {
    long[] range = taken.get(owner);
    if (range == null) {
      throw new IllegalStateException("no memory for " + owner);
    }
    return range[0];
  }

  /** Gives the memory of an owner back. */
  void release(Object owner) {
    long[] range = taken.remove(owner);
    if (range == null) {
      return;
    }
    long from = range[0];
    long size = range[1];
    Map.Entry<Long, Long> before = free.lowerEntry(from);
    if (before != null && before.getKey() + before.getValue() == from) {
      from = before.getKey();
      size += before.getValue();
      free.remove(from);
    }
    Long after = free.remove(from + size);
    if (after != null) {
      size += after;
    }
    free.put(from, size);
  }

  /** Bytes up to the highest range ever handed out. */
  long top() {
    return top;
  }
}
