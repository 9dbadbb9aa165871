package org.tataa.tile;

import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which bytes of which buffers steps have written so far; all of a constant. What nobody ever
 * writes of a buffer is padding, which may be read; what is written later may not.
 */
final class WrittenBytes {
  private static final class Bytes {
    final ByteSet written;
    // Read though not written.
    @Nullable ByteSet padding;

    Bytes(Buffer buffer) {
      written = new ByteSet((int) buffer.bytes());
      if (buffer.isState()) {
        written.add(0, (int) buffer.bytes());
      }
    }
  }

  private boolean readsPadding;
  private final IdentityHashMap<Buffer, Bytes> buffers = new IdentityHashMap<>();

  private Bytes of(Buffer buffer) {
    return buffers.computeIfAbsent(buffer, Bytes::new);
  }

  /**
   * Notes what a step writes; within the buffer.
   *
   * @return a byte that an earlier step has read as padding, or -1
   */
  int write(Buffer buffer, ByteRanges ranges) {
    Bytes bytes = of(buffer);
    ByteSet padding = bytes.padding;
    int[] read = {-1};
    ranges.visit(
        (from, to) -> {
          bytes.written.add(from, to);
          if (padding != null && read[0] < 0) {
            read[0] = padding.firstIn(from, to);
          }
          return true;
        });
    return read[0];
  }

  /** Notes what a step reads; within a buffer that is written. */
  void read(Buffer buffer, ByteRanges ranges) {
    if (buffer.isConstant()) {
      return;
    }
    Bytes bytes = of(buffer);
    ranges.visit(
        (from, to) -> {
          int missing = bytes.written.firstNotIn(from, to);
          while (missing >= 0) {
            int next = bytes.written.firstIn(missing, to);
            int end = next < 0 ? to : next;
            ByteSet padding =
                bytes.padding == null ? new ByteSet((int) buffer.bytes()) : bytes.padding;
            readsPadding = true;
            padding.add(missing, end);
            bytes.padding = padding;
            missing = bytes.written.firstNotIn(end, to);
          }
          return true;
        });
  }

  /** What was written of a buffer is not there any more. */
  void forget(Buffer buffer) {
    buffers.remove(buffer);
  }

  /** Whether any step has read padding. */
  boolean readsPadding() {
    return readsPadding;
  }

  /** Whether any byte of the ranges is written. */
  boolean isAnyWritten(Buffer buffer, ByteRanges ranges) {
    ByteSet written = of(buffer).written;
    return !ranges.visit((from, to) -> written.firstIn(from, to) < 0);
  }

  /** Whether all of some bytes are written. */
  boolean isWritten(Buffer buffer, int from, int count) {
    return buffer.isConstant() || of(buffer).written.firstNotIn(from, from + count) < 0;
  }

  /** Whether a step has written any byte of a buffer. */
  boolean isTouched(Buffer buffer) {
    return buffer.isConstant() || !of(buffer).written.isEmpty();
  }
}
