package org.tataa.lower;

import java.util.Arrays;
import java.util.List;
import org.tataa.function.LaneProgram;
import org.tataa.graph.Node;
import org.tataa.tensor.ReduceOp;
import org.tataa.tensor.Value;

/**
 * LayerNorm and RMSNorm over the last axis: the variance is taken in a second pass around the mean,
 * the inverse root has two Newton steps.
 */
final class NormalisationLowering implements OperatorLowering {
  @Override
  public boolean fits(LoweringContext context, Node node) {
    int[] shape = context.shape(node.input(0));
    long axis = node.integer("axis", -1);
    return shape.length > 0
        && (axis == -1 || axis == shape.length - 1)
        && (node.outputs().size() == 1)
        && context.channelRow(node.input(1), shape) != null
        && (node.input(2).isEmpty() || context.channelRow(node.input(2), shape) != null);
  }

  @Override
  public Expression lower(LoweringContext context, Node node, String output) {
    int[] shape = context.shape(output);
    int axis = shape.length - 1;
    int features = shape[axis];
    Value x = context.materialised(node.input(0));
    Expression rest = Expression.of(x);
    int[] one = shape.clone();
    one[axis] = 1;
    if (node.op().equals("LayerNormalization")) {
      Value sum = ReductionLowering.reduce(context, ReduceOp.Kind.SUM, axis, x, output + "/mean");
      // Minus the mean: what is subtracted can be in one bank only, what is added in either.
      Value shift =
          context.materialise(
              output + "/shift", Expression.of(sum).times(new float[] {-1f / features}));
      LaneProgram.Builder p = LaneProgram.builder("centre", 2);
      rest =
          Expression.apply(
              p.build(p.add(p.input(0), p.input(1))),
              shape,
              List.of(Expression.of(x), Expression.of(shift)));
    }
    LaneProgram.Builder square = LaneProgram.builder("square", 1);
    Value squares =
        context.materialise(
            output + "/squares",
            Expression.apply(
                square.build(square.mul(square.input(0), square.input(0))), shape, List.of(rest)));
    Value sum =
        ReductionLowering.reduce(context, ReduceOp.Kind.SUM, axis, squares, output + "/variance");
    LaneProgram.Builder p = LaneProgram.builder("inverse deviation", 1);
    LaneProgram.Value variance =
        p.add(
            p.mul(p.input(0), p.constant(1.0 / features)),
            p.constant(node.number("epsilon", 1e-5f)));
    LaneProgram inverse =
        p.build(p.apply(FunctionLowering.program(context, "InverseRoot", output), variance));
    Value deviation =
        context.materialise(
            output + "/deviation", Expression.apply(inverse, one, List.of(Expression.of(sum))));
    LaneProgram.Builder product = LaneProgram.builder("normalise", 2);
    Expression result =
        Expression.apply(
            product.build(product.mul(product.input(0), product.input(1))),
            shape,
            List.of(rest, Expression.of(deviation)));
    float[] gamma = context.channelRow(node.input(1), shape);
    float[] ones = new float[features];
    Arrays.fill(ones, 1);
    result = gamma == null || Arrays.equals(gamma, ones) ? result : result.times(gamma);
    float[] beta = node.input(2).isEmpty() ? null : context.channelRow(node.input(2), shape);
    return beta == null ? result : result.plus(beta);
  }
}
