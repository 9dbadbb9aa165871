package org.tataa.kernel;

import org.tataa.config.TataaConfig;
import org.tataa.isa.ProgramBuilder;
import org.tataa.numeric.LaneOp;

/** Emits element-wise products of vectors in memory with a few vectors that stay in registers. */
public final class ElementwiseEmitter {
  private final TataaConfig config;
  private final VectorEmitter emitter;

  /** An emitter that appends to a program. */
  public ElementwiseEmitter(TataaConfig config, ProgramBuilder program) {
    this.config = config;
    emitter = new VectorEmitter(config, program);
  }

  /**
   * Multiplies groups of vectors by the same factors.
   *
   * @param x first input vector; groups follow each other
   * @param groups number of groups
   * @param count vectors of a group and factors; at most half of the vector slots
   * @param factors first factor vector
   * @param target result; each group DMPU by DMPU, see {@link #inputOrder}
   * @throws IllegalArgumentException if the registers cannot hold two groups and the factors
   */
  public void multiplyBy(long x, int groups, int count, long factors, long target) {
    if (2 * count > config.buffers().vectorSlots() || count > config.buffers().dmbDepth()) {
      throw new IllegalArgumentException(
          "groups of "
              + count
              + " vectors need "
              + 2 * count
              + " slots and "
              + count
              + " DMB words, found "
              + config.buffers().vectorSlots()
              + " and "
              + config.buffers().dmbDepth());
    }
    long bytes = (long) count * config.geometry().vectorBytes();
    for (int i = 0; i < count; i++) {
      emitter.load(VectorEmitter.b(i), factors + i * (long) config.geometry().vectorBytes());
    }
    prefetch(x, 0, count);
    emitter.flushLoads();
    for (int group = 0; group < groups; group++) {
      if (group + 1 < groups) {
        prefetch(x + (group + 1) * bytes, (group + 1) % 2 * count, count);
      }
      for (int i = 0; i < count; i++) {
        emitter.opToDmb(LaneOp.MUL, VectorEmitter.a(group % 2 * count + i), VectorEmitter.b(i));
      }
      emitter.flushLoads();
      emitter.store(count, target + group * bytes);
    }
  }

  private void prefetch(long address, int base, int count) {
    for (int i = 0; i < count; i++) {
      emitter.prefetch(
          VectorEmitter.a(base + i), address + i * (long) config.geometry().vectorBytes());
    }
  }

  /** Puts a stored group of {@code count} vectors back into the order of its input. */
  public static byte[] inputOrder(TataaConfig config, byte[] stored, int count) {
    return RowGroups.byVector(stored, config.geometry().dmpus(), count);
  }
}
