package org.tataa.tensor;

import java.util.concurrent.atomic.AtomicLong;
import org.tataa.numeric.PackedMac;
import org.tataa.numeric.Requantizer;
import org.tataa.sim.HostThreads;
import org.tataa.simd.RequantiseKernel;

/** Conversions of bfloat16 to int8, in chunks that stay in the first-level cache. */
final class QuantiseKernel {
  private static final int CHUNK = 1024;
  private static final int CHUNKS_PER_JOB = 32;

  private final Scale scale;
  private final Machine machine;

  QuantiseKernel(Scale scale, Machine machine) {
    this.scale = scale;
    this.machine = machine;
  }

  /**
   * Converts all elements.
   *
   * @param result receives int8 values
   * @return what happened
   */
  OpCounts run(short[] operand, short[] result) {
    int job = CHUNK * CHUNKS_PER_JOB;
    // Saturated results, plus 2^32 times the number of NaN; there are fewer than 2^31 elements.
    AtomicLong events = new AtomicLong();
    HostThreads.forEach(
        (result.length + job - 1) / job,
        machine.threads,
        i -> {
          int end = (int) Math.min(result.length, (i + 1L) * job);
          events.addAndGet(convert(operand, result, i * job, end));
        });
    return new OpCounts(events.get() & 0xffffffffL, events.get() >>> 32, 0, 0);
  }

  private long convert(short[] operand, short[] result, int from, int end) {
    RequantiseKernel kernel = machine.requantise();
    int[] patterns = new int[CHUNK];
    byte[] bytes = new byte[CHUNK];
    long events = 0;
    for (int at = from; at < end; at += CHUNK) {
      int count = Math.min(CHUNK, end - at);
      for (int i = 0; i < count; i++) {
        patterns[i] = operand[at + i];
      }
      events +=
          kernel.bf16ToInt8(patterns, 0, count, scale.mantissa(), scale.rightShift(), bytes, 0);
      for (int i = 0; i < count; i++) {
        result[at + i] = bytes[i];
      }
    }
    return events;
  }

  /** Codes after a product with the identity: neighbours along an axis share an accumulator. */
  void pass(short[] codes, int[] shape, int axis) {
    Requantizer requantizer = new Requantizer(machine.profile);
    int inner = 1;
    for (int i = axis + 1; i < shape.length; i++) {
      inner *= shape[i];
    }
    for (int lo = 0; machine.isPaired && lo < codes.length; lo++) {
      int index = lo / inner % shape[axis];
      if (index % 2 == 0 && index + 1 < shape[axis]) {
        int hi = lo + inner;
        int high = machine.isPacked ? PackedMac.effectiveHi(codes[hi], codes[lo]) : codes[hi];
        int read = machine.readout.hi(codes[lo], high);
        codes[lo] = (byte) requantizer.accToInt8(machine.readout.lo(codes[lo], high), 1, 0);
        codes[hi] = (byte) requantizer.accToInt8(read, 1, 0);
      }
    }
  }
}
