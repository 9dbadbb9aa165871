package org.tataa.compiler;

import java.util.List;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.TataaConfig;
import org.tataa.isa.BufferStore;
import org.tataa.isa.Instruction;
import org.tataa.isa.LoadM;
import org.tataa.isa.LoadV;
import org.tataa.isa.MatMul;
import org.tataa.isa.Operand;
import org.tataa.isa.Program;
import org.tataa.isa.StoreSlots;
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

  /** What programs read and write together. */
  static ProgramTraffic of(TataaConfig config, List<Program> programs) {
    ArrayGeometry shape = config.geometry();
    long x = 0;
    long y = 0;
    long vectors = 0;
    long buffered = 0;
    long stored = 0;
    for (Program program : programs) {
      for (int i = 0; i < program.size(); i++) {
        Instruction instruction = program.instruction(i);
        if (instruction instanceof MatMul product) {
          x += (long) product.depth() * shape.rows();
          y += (long) product.depth() * shape.outputs();
          buffered += product.drain() ? shape.rows() : 0;
        } else if (instruction instanceof VectorOp op) {
          int slots = (op.readsA() ? 1 : 0) + (op.readsB() ? 1 : 0) + (op.writeBack() ? 1 : 0);
          vectors += (long) slots * shape.vectorBytes();
          buffered += op.writeBack() ? 0 : shape.dmpus();
        } else if (instruction instanceof LoadM load) {
          x += load.operand() == Operand.X ? load.bytes() : 0;
          y += load.operand() == Operand.Y ? load.bytes() : 0;
        } else if (instruction instanceof LoadV load) {
          vectors += load.bytes();
        } else if (instruction instanceof BufferStore store) {
          stored += store.words();
          vectors +=
              store instanceof StoreSlots ? store.words() * store.mode().wordBytes(shape) : 0;
        }
      }
    }
    return new ProgramTraffic(x, y, vectors, buffered, stored);
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
