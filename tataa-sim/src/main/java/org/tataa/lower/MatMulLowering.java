package org.tataa.lower;

import java.util.Arrays;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.quant.CalibrationRequest;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.Scale;
import org.tataa.tensor.Value;

/**
 * Products of two values of any rank from 2: each quantised with one step, the sums scaled to fit.
 * Attention is taken as a whole where it is found; a matrix of weights has a step per result.
 */
final class MatMulLowering implements OperatorLowering {
  private final AttentionLowering attention = new AttentionLowering();
  private final LinearLowering linear = new LinearLowering();

  @Override
  public boolean fits(LoweringContext context, Node node) {
    return context.shape(node.input(0)).length >= 2 && context.shape(node.input(1)).length >= 2;
  }

  @Override
  public Expression lower(LoweringContext context, Node node, String output) {
    if (context.options.isEnabled(LoweringOptions.ATTENTION)) {
      Expression whole = attention.lower(context, node, output);
      if (whole != null) {
        return whole;
      }
    }
    if (linear.fits(context, node)) {
      return linear.lower(context, node, output);
    }
    int[] shape = context.shape(output);
    int rank = shape.length;
    double limit = context.options.sumLimit();
    float largest = context.ranges.entry(CalibrationRequest.range(output), 1).range()[0];
    double stepA = step(context, node.input(0));
    double stepB = step(context, node.input(1));
    double excess = largest / (stepA * stepB) / limit;
    if (excess > 1) {
      stepA *= Math.sqrt(excess);
      stepB *= Math.sqrt(excess);
    }
    float inverseA = Codes.inverse(stepA);
    float inverseB = Codes.inverse(stepB);
    Value a = operand(context, node.input(0), inverseA, rank);
    Value b = operand(context, node.input(1), inverseB, rank);
    Value sums = context.value(output + "/sums", Element.BF16, shape);
    context.add(ContractOp.of(a, b, ContractOp.Columns.N, Scale.ONE, sums));
    float[] factor = new float[shape[rank - 1]];
    Arrays.fill(factor, (float) (1.0 / inverseA / inverseB));
    return Expression.of(sums).times(factor);
  }

  /** Asks for the ranges of a product that may be lowered on its own, once ranges are known. */
  static void request(LoweringContext context, Node node) {
    context.ranges.entry(CalibrationRequest.range(node.output()), 1);
    node.inputs().forEach(input -> range(context, input));
  }

  private static double step(LoweringContext context, String value) {
    double range = range(context, value);
    return range == 0 ? 1 : range / 127;
  }

  private static double range(LoweringContext context, String value) {
    NdTensor constant = context.graph.constant(value);
    if (constant == null) {
      return context.ranges.entry(CalibrationRequest.range(value), 1).range()[0];
    }
    double largest = 0;
    for (float element : constant.floats()) {
      largest = Math.max(largest, Math.abs(element));
    }
    return largest;
  }

  private static Value operand(LoweringContext context, String value, float inverse, int rank) {
    Expression expression = context.expression(value);
    float[] row = new float[expression.channels()];
    Arrays.fill(row, inverse);
    Value codes = Codes.quantise(context, context.unique(value), expression.times(row));
    int[] shape = new int[rank];
    Arrays.fill(shape, 1);
    int[] own = codes.shape();
    System.arraycopy(own, 0, shape, rank - own.length, own.length);
    return context.reshaped(codes, shape);
  }
}
