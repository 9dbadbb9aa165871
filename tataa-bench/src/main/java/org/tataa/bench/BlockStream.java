package org.tataa.bench;

import org.tataa.core.TataaCore;
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.StoreMode;
import org.tataa.memory.ExternalMemory;

/** A double-buffered stream of int8 blocks for one u280 core: load, MATMUL, store. */
final class BlockStream {
  private static final int WORD = 32;

  private BlockStream() {}

  /**
   * Fills the memory with a fixed pattern.
   *
   * @param cycles cycles the program lasts at least
   * @return the program
   */
  static Program load(TataaCore core, int depth, int cycles) {
    byte[] operands = new byte[2 * WORD * depth];
    for (int i = 0; i < operands.length; i++) {
      operands[i] = (byte) (i * 37 + (i >> 5) * 11);
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
