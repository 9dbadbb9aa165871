package org.tataa.tensor;

import java.util.concurrent.atomic.AtomicLong;
import org.tataa.numeric.LaneOp;
import org.tataa.sim.HostThreads;
import org.tataa.simd.LaneKernel;

/**
 * Reductions along an axis, many at a time: the elements of one index along the axis are lanes of a
 * row, rows lie in the order of the parts, and the trees combine rows.
 */
final class ReduceKernel {
  private static final int ELEMENTS = 1 << 16;

  private final ReduceOp op;
  private final Machine machine;
  private final int length;
  private final int inner;
  private final int lanesPerBlock;
  // Position of an index along the axis among the rows, and where the parts begin.
  private final int[] rowOf;
  private final int[] partFrom;

  ReduceKernel(ReduceOp op, Machine machine) {
    this.op = op;
    this.machine = machine;
    length = op.operand().dim(op.axis());
    int steps = 1;
    for (int axis = op.axis() + 1; axis < op.operand().rank(); axis++) {
      steps *= op.operand().dim(axis);
    }
    inner = steps;
    lanesPerBlock = Math.max(16, Math.min(1024, ELEMENTS / length));
    rowOf = new int[length];
    partFrom = new int[op.order().parts() + 1];
    for (int part = 0; part < op.order().parts(); part++) {
      int row = partFrom[part];
      for (int index : op.order().part(part)) {
        rowOf[index] = row++;
      }
      partFrom[part + 1] = row;
    }
  }

  /**
   * Computes all reductions.
   *
   * @param result receives the patterns
   * @return results that are not numbers
   */
  long run(short[] operand, short[] result) {
    AtomicLong nans = new AtomicLong();
    HostThreads.forEach(
        (result.length + lanesPerBlock - 1) / lanesPerBlock,
        machine.threads,
        block -> {
          int from = block * lanesPerBlock;
          int count = Math.min(lanesPerBlock, result.length - from);
          short[] rows = new short[length * count];
          load(operand, from, count, rows);
          combine(machine.lanes(), rows, count);
          System.arraycopy(rows, 0, result, from, count);
          nans.addAndGet(machine.nans(result, from, count));
        });
    return nans.get();
  }

  private void load(short[] operand, int from, int count, short[] rows) {
    for (int lane = 0; lane < count; ) {
      int at = (from + lane) / inner * length * inner + (from + lane) % inner;
      int run = Math.min(count - lane, inner - (from + lane) % inner);
      for (int index = 0; index < length; index++) {
        int to = rowOf[index] * count + lane;
        if (run == 1) {
          rows[to] = operand[at];
        } else {
          System.arraycopy(operand, at, rows, to, run);
        }
        at += inner;
      }
      lane += run;
    }
  }

  private void combine(LaneKernel lanes, short[] rows, int count) {
    LaneOp combine = op.kind() == ReduceOp.Kind.SUM ? LaneOp.ADD : LaneOp.MAX;
    int parts = partFrom.length - 1;
    for (int part = 0; part < parts; part++) {
      int from = partFrom[part];
      tree(lanes, combine, rows, from, partFrom[part + 1] - from, count);
      System.arraycopy(rows, from * count, rows, part * count, count);
    }
    tree(lanes, combine, rows, 0, parts, count);
    if (op.kind() == ReduceOp.Kind.SUM) {
      lanes.apply(LaneOp.ADD, rows, 0, 0, new short[count], 0, 0, rows, 0, count);
    }
  }

  /** The pairwise tree of {@link ReductionOrder} over rows of lanes. */
  private static void tree(
      LaneKernel lanes, LaneOp combine, short[] rows, int from, int height, int count) {
    int base = from * count;
    for (int left = height; left > 1; left = (left + 1) / 2) {
      for (int i = 0; i < left / 2; i++) {
        int first = base + 2 * i * count;
        lanes.apply(combine, rows, first, 0, rows, first + count, 0, rows, base + i * count, count);
      }
      if (left % 2 == 1) {
        System.arraycopy(rows, base + (left - 1) * count, rows, base + left / 2 * count, count);
      }
    }
  }
}
