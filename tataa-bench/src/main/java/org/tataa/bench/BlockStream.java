package org.tataa.bench;

import java.util.Random;
import org.tataa.core.TataaCore;
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.StoreMode;
import org.tataa.memory.ExternalMemory;

/** A double-buffered stream of int8 blocks for one u280 core: load, MATMUL, store. */
final class BlockStream {
  private static final int WORD = 32;
  private static final double STANDARD_DEVIATION = 32;

  private BlockStream() {}

  /**
   * Fills the memory with seeded operands, spread as quantised weights and activations are: sums
   * fit the accumulator.
   *
   * @param cycles cycles the program lasts at least
   * @return the program
   */
  static Program load(TataaCore core, int depth, int cycles) {
    Random random = new Random(1);
    byte[] operands = new byte[2 * WORD * depth];
    for (int i = 0; i < operands.length; i++) {
      long value = Math.round(STANDARD_DEVIATION * random.nextGaussian());
      operands[i] = (byte) Math.max(Byte.MIN_VALUE, Math.min(Byte.MAX_VALUE, value));
    }
    core.memory().write(ExternalMemory.Space.YZ, 0, operands);
    ProgramBuilder builder = new ProgramBuilder().configScale(1, 8);
    int bytes = WORD * depth;
    builder.loadMX(0, depth, 0, bytes).loadMY(0, depth, bytes, bytes);
    for (int block = 0; block < cycles / (depth + 64) + 2; block++) {
      int tile = block & 1;
      builder.matmul(tile, tile, depth, true, true);
      builder.loadMX(1 - tile, depth, 0, bytes).loadMY(1 - tile, depth, bytes, bytes);
      builder.store(StoreMode.ACC_TO_INT8, false, WORD, 1 << 20, WORD * WORD);
    }
    return builder.build();
  }
}
