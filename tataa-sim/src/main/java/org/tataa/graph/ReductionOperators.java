package org.tataa.graph;

import java.util.Map;

/** Operators that combine elements along axes. */
final class ReductionOperators {
  private ReductionOperators() {}

  static void register(Map<String, OperatorFunction> table) {
    reduce(table, "ReduceMean", Reductions.Kind.MEAN);
    reduce(table, "ReduceSum", Reductions.Kind.SUM);
    reduce(table, "ReduceMax", Reductions.Kind.MAX);
    reduce(table, "ReduceMin", Reductions.Kind.MIN);
    reduce(table, "ReduceProd", Reductions.Kind.PRODUCT);
    reduce(table, "ReduceSumSquare", Reductions.Kind.SUM_OF_SQUARES);
    reduce(table, "ReduceL1", Reductions.Kind.NORM1);
    reduce(table, "ReduceL2", Reductions.Kind.NORM2);
    reduce(table, "ReduceLogSum", Reductions.Kind.LOG_OF_SUM);
    reduce(table, "ReduceLogSumExp", Reductions.Kind.LOG_OF_EXPONENTIALS);
    Operators.single(table, (node, in) -> cumulative(node, in, false), "CumSum");
    Operators.single(table, (node, in) -> cumulative(node, in, true), "CumProd");
  }

  private static void reduce(
      Map<String, OperatorFunction> table, String name, Reductions.Kind kind) {
    Operators.single(
        table,
        (node, in) ->
            Reductions.reduce(
                in.get(0),
                kind,
                MovementOperators.axes(node, in),
                node.integer("keepdims", 1) != 0,
                node.integer("noop_with_empty_axes", 0) != 0),
        name);
  }

  private static NdTensor cumulative(Node node, Arguments in, boolean isProduct) {
    NdTensor x = in.get(0);
    int axis = DataMovement.axis((long) in.known(1, "the axis").at(0), x.rank());
    boolean isExclusive = node.integer("exclusive", 0) != 0;
    boolean isReversed = node.integer("reverse", 0) != 0;
    if (!x.isKnown()) {
      return x;
    }
    int count = x.dim(axis);
    int inner = DataMovement.strides(x.shape())[axis];
    boolean isFloat = x.type() == ElementType.FLOAT;
    float[] floats = new float[isFloat ? x.size() : 0];
    long[] longs = new long[isFloat ? 0 : x.size()];
    for (int lane = 0; count > 0 && lane < x.size() / count; lane++) {
      int base = lane / inner * inner * count + lane % inner;
      double sum = isProduct ? 1 : 0;
      long whole = isProduct ? 1 : 0;
      for (int i = 0; i < count; i++) {
        int at = base + (isReversed ? count - 1 - i : i) * inner;
        double before = sum;
        long wholeBefore = whole;
        sum = isProduct ? sum * x.at(at) : sum + x.at(at);
        if (isFloat) {
          floats[at] = (float) (isExclusive ? before : sum);
        } else {
          whole = isProduct ? whole * x.longs()[at] : whole + x.longs()[at];
          longs[at] = isExclusive ? wholeBefore : whole;
        }
      }
    }
    return isFloat ? NdTensor.of(floats, x.shape()) : NdTensor.ofLongs(x.type(), longs, x.shape());
  }
}
