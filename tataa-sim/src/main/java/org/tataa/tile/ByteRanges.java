package org.tataa.tile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The bytes an address covers over all iterations of its loops: runs of the same length. Loops that
 * repeat or extend a run are part of it, so that there are few of them.
 */
final class ByteRanges {
  /** Hears of runs. */
  interface Visitor {
    /**
     * A run of bytes.
     *
     * @return whether to go on
     */
    boolean run(int from, int to);
  }

  // A loop: bytes from an iteration to the next, and iterations.
  private record Step(long stride, long count) {}

  private final long from;
  private final long end;
  private final long length;
  private final List<Step> steps;

  private ByteRanges(long from, long end, long length, List<Step> steps) {
    this.from = from;
    this.end = end;
    this.length = length;
    this.steps = steps;
  }

  /**
   * The bytes of an address.
   *
   * @param loops iterations of each stride of the address, at least 1
   * @param bytes bytes of an access, more than 0
   * @throws ArithmeticException if an offset does not fit 64 bits
   */
  static ByteRanges of(Address address, int[] loops, long bytes) {
    long[] strides = address.strides();
    List<Step> steps = new ArrayList<>();
    long from = address.base();
    long last = from;
    for (int loop = 0; loop < loops.length; loop++) {
      long way = Math.multiplyExact(strides[loop], loops[loop] - 1L);
      from = Math.addExact(from, Math.min(0, way));
      last = Math.addExact(last, Math.max(0, way));
      if (way != 0) {
        steps.add(new Step(Math.absExact(strides[loop]), loops[loop]));
      }
    }
    steps.sort(Comparator.comparingLong(Step::stride));
    long length = bytes;
    int merged = 0;
    while (merged < steps.size() && steps.get(merged).stride() <= length) {
      length = Math.addExact(length, steps.get(merged).stride() * (steps.get(merged).count() - 1));
      merged++;
    }
    return new ByteRanges(
        from, Math.addExact(last, bytes), length, steps.subList(merged, steps.size()));
  }

  /** First byte. */
  long from() {
    return from;
  }

  /** The byte behind the last. */
  long end() {
    return end;
  }

  /**
   * Visits runs until the visitor has seen enough; within a buffer of less than 2 GiB.
   *
   * @return whether it wanted all of them
   */
  boolean visit(Visitor visitor) {
    long[] index = new long[steps.size()];
    long at = from;
    while (true) {
      if (!visitor.run((int) at, (int) (at + length))) {
        return false;
      }
      int loop = 0;
      while (loop < index.length && ++index[loop] == steps.get(loop).count()) {
        at -= steps.get(loop).stride() * (index[loop] - 1);
        index[loop] = 0;
        loop++;
      }
      if (loop == index.length) {
        return true;
      }
      at += steps.get(loop).stride();
    }
  }
}
