package org.tataa.control;

import java.util.Arrays;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Instruction;
import org.tataa.isa.Program;
import org.tataa.isa.WordTable;
import org.tataa.memory.ExternalMemory;
import org.tataa.memory.RegisterFileY;
import org.tataa.observe.InstructionStats;

/** A program decoded for one machine, with every check that needs no state made once. */
final class DecodedProgram {
  private final TataaConfig config;
  private final MicroOp[] ops;
  private final int[] statsRows;
  private final int statsCount;
  private final boolean cleanFromReset;

  /**
   * Decodes a program.
   *
   * @param vectors vector operations by their words, which come again and again; added to
   */
  DecodedProgram(
      Program program, TataaConfig config, ExternalMemory memory, WordTable<MicroOp> vectors) {
    this.config = config;
    ProgramChecks checks = new ProgramChecks(config, memory);
    ops = new MicroOp[program.size()];
    statsRows = new int[ops.length];
    int rows = 0;
    for (int i = 0; i < ops.length; i++) {
      MicroOp known = vectors.get(program.word(i));
      ops[i] = known == null ? decode(program.instruction(i), checks, memory) : known;
      if (known == null && ops[i].kind == MicroOp.Kind.VECTOR) {
        vectors.put(program.word(i), ops[i]);
      }
      boolean counts = ops[i].kind == MicroOp.Kind.MATMUL || ops[i].kind == MicroOp.Kind.STORE;
      statsRows[i] = counts ? rows++ : -1;
    }
    statsCount = rows;
    cleanFromReset = isClean(new boolean[2][slots()], new boolean[2][slots()]);
  }

  private MicroOp decode(Instruction instruction, ProgramChecks checks, ExternalMemory memory) {
    return new MicroOp(instruction, checks.problem(instruction), config, memory);
  }

  private int slots() {
    return config.buffers().vectorSlots();
  }

  MicroOp op(int index) {
    return ops[index];
  }

  int size() {
    return ops.length;
  }

  /** An empty table of the numeric events of MATMULs and STOREs. */
  InstructionStats newStats() {
    return new InstructionStats(statsRows, statsCount);
  }

  /**
   * Whether no instruction of the program can raise an error or wait for ever when it starts on a
   * core after reset.
   */
  boolean isCleanFromReset() {
    return cleanFromReset;
  }

  /** As {@link #isCleanFromReset}, starting with what a register file holds. */
  boolean isCleanFrom(RegisterFileY rfy) {
    boolean[][] matrix = new boolean[2][slots()];
    boolean[][] vector = new boolean[2][slots()];
    for (int bank = 0; bank < 2; bank++) {
      for (int slot = 0; slot < slots(); slot++) {
        matrix[bank][slot] = rfy.use(bank, slot) == RegisterFileY.Use.MATRIX;
        vector[bank][slot] = rfy.use(bank, slot) == RegisterFileY.Use.VECTOR;
      }
    }
    return isClean(matrix, vector);
  }

  // What a word holds, how many words the DMBs hold and whether sums are intact when an instruction
  // is executed depends on the instructions before it, never on cycles: the hazard rules see to it.
  private boolean isClean(boolean[][] matrix, boolean[][] vector) {
    int depth = config.buffers().dmbDepth();
    int queued = 0;
    boolean sumsOverwritten = false;
    for (MicroOp op : ops) {
      if (!op.problem.isEmpty()) {
        return false;
      }
      int shared = Math.min(op.words, slots());
      switch (op.kind) {
        case LOAD_TILE_Y -> {
          Arrays.fill(matrix[op.tile], 0, shared, true);
          Arrays.fill(vector[op.tile], 0, shared, false);
        }
        case LOAD_VECTOR -> {
          Arrays.fill(matrix[op.tile], op.slot, op.slot + op.words, false);
          Arrays.fill(vector[op.tile], op.slot, op.slot + op.words, true);
        }
        case MATMUL -> {
          for (int word = 0; word < shared; word++) {
            if (vector[op.tile][word]) {
              return false;
            }
          }
          queued += op.drain ? ArrayGeometry.ROWS_PER_DMPU : 0;
          if (queued > depth || (!op.clear && sumsOverwritten)) {
            return false;
          }
          sumsOverwritten = false;
        }
        case VECTOR -> {
          if ((op.readA >= 0 && matrix[0][op.readA]) || (op.readB >= 0 && matrix[1][op.readB])) {
            return false;
          }
          sumsOverwritten = true;
          if (op.destBank < 0) {
            if (++queued > depth) {
              return false;
            }
          } else {
            matrix[op.destBank][op.destSlot] = false;
            vector[op.destBank][op.destSlot] = true;
          }
        }
        case STORE -> {
          queued -= op.words;
          if (queued < 0) {
            return false;
          }
          if (op.slots > 0) {
            int end = op.destSlot + op.slots;
            Arrays.fill(matrix[op.destBank], op.destSlot, end, false);
            Arrays.fill(vector[op.destBank], op.destSlot, end, true);
          }
        }
        case HALT -> {
          return true;
        }
        default -> {}
      }
    }
    return true;
  }
}
