package org.tataa.tile;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.tensor.Scale;

/**
 * What every nest must satisfy: loops that run, accesses within their buffers, from the first byte
 * of a beat of the port, of buffers an earlier step has written, and none of what the nest itself
 * writes, since loads run ahead of stores.
 */
final class NestRules {
  private record Access(String what, Buffer buffer, ByteRanges ranges) {}

  private final TataaConfig config;
  private final WrittenBytes written;
  private final Consumer<String> problems;
  private final List<Access> reads = new ArrayList<>();
  private final List<Access> writes = new ArrayList<>();
  private int[] loops = {};

  NestRules(TataaConfig config, WrittenBytes written, Consumer<String> problems) {
    this.config = config;
    this.written = written;
    this.problems = problems;
  }

  /** Reports a problem. */
  void expected(String what, Object found) {
    problems.accept("expected " + what + ", found " + found);
  }

  /** Takes the loops of the nest; whether they run. */
  boolean loops(List<Integer> iterations) {
    long product = 1;
    for (int count : iterations) {
      product = count < 1 ? 0 : Math.min(product, Integer.MAX_VALUE) * count;
    }
    boolean runs = product >= 1 && product <= Integer.MAX_VALUE;
    if (!runs) {
      expected("loops of at least 1 and together less than 2^31 iterations", iterations);
    }
    loops = iterations.stream().mapToInt(Integer::intValue).toArray();
    return runs;
  }

  /** Iterations of the loops. */
  int[] loops() {
    return loops;
  }

  /** A scale must be one the machine can be set to. */
  void scale(Scale scale) {
    if (scale.mantissa() != (short) scale.mantissa()
        || scale.rightShift() < 0
        || scale.rightShift() > 31) {
      expected("a scale of a 16-bit mantissa and a right shift of 0..31", scale);
    }
  }

  /** A read of some bytes in every iteration. */
  void reads(String what, Address address, long bytes) {
    reads(what, address, loops, bytes);
  }

  /** A read of some bytes in every iteration of loops other than the nest's. */
  void reads(String what, Address address, int[] counts, long bytes) {
    ByteRanges ranges = ranges(what, address, counts, bytes);
    if (ranges != null) {
      reads.add(new Access(what, address.buffer(), ranges));
    }
  }

  /** A write of some bytes in every iteration. */
  void writes(String what, Address address, long bytes) {
    if (address.buffer().isConstant()) {
      expected(what + " to a buffer that is no constant", address.buffer());
      return;
    }
    ByteRanges ranges = ranges(what, address, loops, bytes);
    if (ranges != null) {
      writes.add(new Access(what, address.buffer(), ranges));
    }
  }

  // Null if they are not as they must be.
  private @Nullable ByteRanges ranges(String what, Address address, int[] counts, long bytes) {
    if (address.strides().length != counts.length) {
      expected(what + " with " + counts.length + " strides", address);
      return null;
    }
    ByteRanges ranges;
    try {
      ranges = ByteRanges.of(address, counts, bytes);
    } catch (ArithmeticException e) {
      expected(what + " within " + address.buffer(), address);
      return null;
    }
    if (ranges.from() < 0 || ranges.end() > address.buffer().bytes()) {
      expected(
          what + " within " + address.buffer(),
          address + ", bytes " + ranges.from() + " to " + (ranges.end() - 1));
      return null;
    }
    boolean aligned = isAligned(address.base());
    for (int loop = 0; loop < counts.length; loop++) {
      aligned &= counts[loop] == 1 || isAligned(address.strides()[loop]);
    }
    if (!aligned) {
      expected(what + " at multiples of " + config.memory().portBytes() + " bytes", address);
      return null;
    }
    return ranges;
  }

  private boolean isAligned(long bytes) {
    return bytes % config.memory().portBytes() == 0;
  }

  /**
   * Checks the reads against the writes of this nest and of earlier steps, and notes the writes.
   */
  void finish() {
    Set<Buffer> targets = Collections.newSetFromMap(new IdentityHashMap<>());
    writes.forEach(write -> targets.add(write.buffer()));
    WrittenBytes own = new WrittenBytes();
    if (reads.stream().anyMatch(read -> targets.contains(read.buffer()))) {
      writes.forEach(write -> own.write(write.buffer(), write.ranges()));
    }
    for (Access read : reads) {
      if (!written.isTouched(read.buffer())) {
        expected(read.what() + " of what an earlier step writes", read.buffer());
        continue;
      }
      written.read(read.buffer(), read.ranges());
      if (targets.contains(read.buffer()) && own.isAnyWritten(read.buffer(), read.ranges())) {
        expected(read.what() + " of bytes the nest does not write", read.buffer());
      }
    }
    for (Access write : writes) {
      long padding = written.write(write.buffer(), write.ranges());
      if (padding >= 0) {
        expected(
            write.what() + " before its bytes are read",
            "byte " + padding + " of " + write.buffer());
      }
    }
  }
}
