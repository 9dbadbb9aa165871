package org.tataa.compiler;

import org.tataa.config.ArrayGeometry;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Instruction;
import org.tataa.isa.LoadM;
import org.tataa.isa.LoadV;
import org.tataa.isa.MatMul;
import org.tataa.isa.Operand;
import org.tataa.isa.Store;
import org.tataa.isa.VectorOp;

/**
 * What programs read and write of the on-chip memories of a core. Programs have no branches, so
 * this is exact for every run to the end.
 *
 * @param xTileBytes bytes written into and read from the X tiles (RFX)
 * @param yTileBytes bytes written into and read from the Y tiles (RFY)
 * @param vectorBytes bytes of bfloat16 vectors written into and read from both banks (RFY)
 * @param bufferWords words of one DMPU written into dual-mode buffers
 * @param storedWords words of one DMPU read from them and requantised
 */
public record ProgramTraffic(
    long xTileBytes, long yTileBytes, long vectorBytes, long bufferWords, long storedWords) {
  /** Nothing. */
  public static final ProgramTraffic NONE = new ProgramTraffic(0, 0, 0, 0, 0);

  /** What one instruction reads and writes. */
  public static ProgramTraffic of(TataaConfig config, Instruction instruction) {
    ArrayGeometry shape = config.geometry();
    if (instruction instanceof MatMul product) {
      long drained = product.drain() ? shape.rows() : 0;
      return new ProgramTraffic(
          (long) product.depth() * shape.rows(),
          (long) product.depth() * shape.outputs(),
          0,
          drained,
          0);
    } else if (instruction instanceof VectorOp op) {
      int slots = (op.readsA() ? 1 : 0) + (op.readsB() ? 1 : 0) + (op.writeBack() ? 1 : 0);
      long words = op.writeBack() ? 0 : shape.dmpus();
      return new ProgramTraffic(0, 0, (long) slots * shape.vectorBytes(), words, 0);
    } else if (instruction instanceof LoadM load) {
      return load.operand() == Operand.X
          ? new ProgramTraffic(load.bytes(), 0, 0, 0, 0)
          : new ProgramTraffic(0, load.bytes(), 0, 0, 0);
    } else if (instruction instanceof LoadV load) {
      return new ProgramTraffic(0, 0, load.bytes(), 0, 0);
    } else if (instruction instanceof Store store) {
      return new ProgramTraffic(0, 0, 0, 0, store.words());
    }
    return NONE;
  }

  /** What this and other work read and write together. */
  public ProgramTraffic plus(ProgramTraffic other) {
    return new ProgramTraffic(
        xTileBytes + other.xTileBytes,
        yTileBytes + other.yTileBytes,
        vectorBytes + other.vectorBytes,
        bufferWords + other.bufferWords,
        storedWords + other.storedWords);
  }
}
