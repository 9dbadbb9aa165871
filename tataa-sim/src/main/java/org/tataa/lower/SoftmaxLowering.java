package org.tataa.lower;

import java.util.List;
import org.tataa.function.LaneProgram;
import org.tataa.graph.Node;
import org.tataa.tensor.ReduceOp;
import org.tataa.tensor.Value;

/**
 * SoftMax over any axis: maximum, exponentials, sum, quotient. An element far below the maximum,
 * minus infinity included, takes no part. Without V.MAX the host takes it.
 */
final class SoftmaxLowering implements OperatorLowering {
  /** Exponents below this give zero, and none so low that its remainder would be no number. */
  private static final double LOWEST = -200;

  @Override
  public boolean fits(LoweringContext context, Node node) {
    return context.options.isExtended() && context.shape(node.input(0)).length > 0;
  }

  @Override
  public Expression lower(LoweringContext context, Node node, String output) {
    int[] shape = context.shape(output);
    int axis = Math.floorMod((int) node.integer("axis", -1), shape.length);
    Value x = context.materialised(node.input(0));
    Value maximum =
        ReductionLowering.reduce(context, ReduceOp.Kind.MAX, axis, x, output + "/maximum");
    Value shift =
        context.materialise(output + "/shift", Expression.of(maximum).times(new float[] {-1}));
    LaneProgram.Builder p = LaneProgram.builder("exponential", 2);
    LaneProgram.Value t =
        p.max(
            p.mul(p.add(p.input(0), p.input(1)), p.constant(1 / Math.log(2))), p.constant(LOWEST));
    LaneProgram exponential =
        p.build(p.apply(FunctionLowering.program(context, "exp2", output), t));
    Value powers =
        context.materialise(
            output + "/exponentials",
            Expression.apply(exponential, shape, List.of(Expression.of(x), Expression.of(shift))));
    Value sum = ReductionLowering.reduce(context, ReduceOp.Kind.SUM, axis, powers, output + "/sum");
    Value inverse =
        context.materialise(
            output + "/inverse",
            Expression.apply(
                FunctionLowering.program(context, "Reciprocal", output),
                sum.shape(),
                List.of(Expression.of(sum))));
    LaneProgram.Builder product = LaneProgram.builder("quotient", 2);
    return Expression.apply(
        product.build(product.mul(product.input(0), product.input(1))),
        shape,
        List.of(Expression.of(powers), Expression.of(inverse)));
  }
}
