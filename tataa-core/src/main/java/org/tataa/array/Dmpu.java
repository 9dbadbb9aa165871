package org.tataa.array;

import org.jspecify.annotations.Nullable;
import org.tataa.config.ArrayGeometry;
import org.tataa.numeric.ColumnStages;
import org.tataa.numeric.LaneOp;
import org.tataa.state.ScanChain;

/**
 * One dual-mode processing unit: {@value #ROWS} rows of PEs (architecture.md, core).
 *
 * <pre>
 *  int8: a part of the systolic array          bfloat16: every column is one unit
 *
 *      y0    y1    y2  (down, from the             a, b of lane 0      a, b of lane 1
 *       v     v     v   DMPU above)                   v  v                v  v
 *  x0 > PE -> PE -> PE -> ...                   S0 [ L  R | M | P ]  [ L  R | M | P ]
 *       v     v     v                                 v--------'        v--------'
 *  x1 > PE -> PE -> PE -> ...                   S1 [ L  R | M | P ]  [ L  R | M | P ]
 *       v     v     v                                 v--------'        v--------'
 *  x2 > PE -> PE -> PE -> ...                   S2 [ L  R | M | P ]  [ L  R | M | P ]
 *       v     v     v                                 v--------'        v--------'
 *  x3 > PE -> PE -> PE -> ...                   S3 [ L  R | M | P ]  [ L  R | M | P ]
 *       v     v     v                                            v                 v
 *      (to the DMPU below)                              result of lane 0  result of lane 1
 * </pre>
 *
 * <p>In int8 mode L goes right and R goes down, and every P keeps its sum. In bfloat16 mode nothing
 * goes right; P of a row goes into L and R of the row below, and the last P is the result. Each row
 * holds up to three operations, one in L and R, one in M, one in P.
 *
 * <p>Clocked in two phases like its PEs: all DMPUs read, then all write.
 */
public final class Dmpu {
  /** Rows: the stages of a bfloat16 unit. */
  public static final int ROWS = ArrayGeometry.ROWS_PER_DMPU;

  private final int columns;
  private final ProcessingElement[][] pe;

  Dmpu(int number, int columns, ColumnStages stages) {
    this.columns = columns;
    pe = new ProcessingElement[ROWS][columns];
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < columns; column++) {
        pe[row][column] = new ProcessingElement(number, row, column, stages);
      }
    }
  }

  /** One of its PEs. */
  ProcessingElement pe(int row, int column) {
    return pe[row][column];
  }

  /**
   * First phase, int8.
   *
   * @param left activations at the left edge of the core, those of this DMPU from {@code from} on
   * @param topHi high operands above row 0; those below the last row afterwards
   * @param topLo low operands
   */
  void readInt8(int[] left, int from, int[] topHi, int[] topLo) {
    for (int row = 0; row < ROWS; row++) {
      int fromLeft = left[from + row];
      for (int column = 0; column < columns; column++) {
        ProcessingElement one = pe[row][column];
        one.readInt8(fromLeft, topHi[column], topLo[column]);
        fromLeft = one.l;
        topHi[column] = one.rHi;
        topLo[column] = one.rLo;
      }
    }
  }

  /** Second phase, int8. */
  void writeInt8() {
    for (ProcessingElement[] row : pe) {
      for (ProcessingElement one : row) {
        one.writeInt8();
      }
    }
  }

  /**
   * First phase, bfloat16.
   *
   * @param entering the operation whose operands stand above S0, or null
   * @param at the operations by position, null where there is none
   * @param lane first lane of this DMPU
   */
  void readBf16(VectorPipeline.@Nullable Operation entering, @Nullable LaneOp[] at, int lane) {
    for (int row = 0; row < ROWS; row++) {
      boolean enters = at[VectorPipeline.position(row, 0) - 1] != null;
      for (int column = 0; column < columns; column++) {
        ProcessingElement one = pe[row][column];
        if (!enters) {
          one.readNothing();
        } else if (row > 0) {
          one.readStage(pe[row - 1][column]);
        } else if (entering != null) {
          one.readOperands(entering.operandA[lane + column], entering.operandB[lane + column]);
        }
      }
    }
  }

  /** First phase, bfloat16: the result that leaves P of S3. */
  void readResult(int[] result, int lane) {
    for (int column = 0; column < columns; column++) {
      result[lane + column] = (int) pe[ROWS - 1][column].pLo;
    }
  }

  /**
   * Second phase, bfloat16.
   *
   * @param at the operations by position, as for {@link #readBf16}
   */
  void writeBf16(@Nullable LaneOp[] at) {
    for (int row = 0; row < ROWS; row++) {
      LaneOp inR = at[VectorPipeline.position(row, 0)];
      LaneOp inM = at[VectorPipeline.position(row, 1)];
      boolean leavesP = at[VectorPipeline.position(row, 2)] != null;
      for (ProcessingElement one : pe[row]) {
        one.writeBf16(inR, inM, leavesP);
      }
    }
  }

  /** All registers to zero. */
  void reset() {
    for (ProcessingElement[] row : pe) {
      for (ProcessingElement one : row) {
        one.reset();
      }
    }
  }

  /** Passes a chain over the registers of all PEs, row by row. */
  void scan(ScanChain chain) {
    for (ProcessingElement[] row : pe) {
      for (ProcessingElement one : row) {
        one.scan(chain);
      }
    }
  }
}
