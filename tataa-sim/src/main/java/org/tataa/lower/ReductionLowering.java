package org.tataa.lower;

import java.util.Arrays;
import java.util.List;
import org.tataa.function.LaneProgram;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.tensor.Element;
import org.tataa.tensor.ReduceOp;
import org.tataa.tensor.ReductionOrder;
import org.tataa.tensor.Value;

/** Sums, means, maxima and norms along any axes, one axis after the other. */
final class ReductionLowering implements OperatorLowering {
  @Override
  public boolean fits(LoweringContext context, Node node) {
    boolean known = node.input(1).isEmpty() || context.graph.constant(node.input(1)) != null;
    return known
        && context.shape(node.input(0)).length > 0
        && (context.options.isExtended() || !node.op().equals("ReduceMax"));
  }

  @Override
  public Expression lower(LoweringContext context, Node node, String output) {
    int[] shape = context.shape(node.input(0));
    boolean[] reduced = axes(context, node, shape.length);
    ReduceOp.Kind kind = node.op().equals("ReduceMax") ? ReduceOp.Kind.MAX : ReduceOp.Kind.SUM;
    Value value = context.materialised(node.input(0));
    if (node.op().equals("ReduceSumSquare") || node.op().equals("ReduceL2")) {
      LaneProgram.Builder p = LaneProgram.builder("square", 1);
      value =
          context.materialise(
              output + "/squares",
              context.apply(p.build(p.mul(p.input(0), p.input(0))), shape, node.input(0)));
    }
    long count = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      if (reduced[axis]) {
        count *= shape[axis];
        value = reduce(context, kind, axis, value, output);
      }
    }
    Expression result = Expression.of(value);
    int[] kept = value.shape();
    if (node.op().equals("ReduceMean") || node.op().equals("GlobalAveragePool")) {
      float[] row = new float[kept[kept.length - 1]];
      Arrays.fill(row, 1f / count);
      result = result.times(row);
    } else if (node.op().equals("ReduceL2")) {
      result =
          Expression.apply(
              FunctionLowering.program(context, "Sqrt", output), kept, List.of(result));
    }
    return result;
  }

  private static boolean[] axes(LoweringContext context, Node node, int rank) {
    boolean[] reduced = new boolean[rank];
    if (node.op().equals("GlobalAveragePool")) {
      Arrays.fill(reduced, 2, rank, true);
      return reduced;
    }
    long[] axes = node.integers("axes");
    if (!node.input(1).isEmpty()) {
      NdTensor constant = context.graph.constant(node.input(1));
      axes = constant == null ? null : constant.longs();
    }
    if (axes == null || axes.length == 0) {
      Arrays.fill(reduced, node.integer("noop_with_empty_axes", 0) == 0);
      return reduced;
    }
    for (long axis : axes) {
      reduced[Math.floorMod((int) axis, rank)] = true;
    }
    return reduced;
  }

  /** A reduction along one axis, which stays with length 1. */
  static Value reduce(
      LoweringContext context, ReduceOp.Kind kind, int axis, Value operand, String name) {
    int[] shape = operand.shape();
    int length = shape[axis];
    shape[axis] = 1;
    Value result = context.value(name + "/reduced", Element.BF16, shape);
    context.add(new ReduceOp(kind, axis, ReductionOrder.natural(length), operand, result));
    return result;
  }
}
