package org.tataa.lower;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.tataa.function.LaneProgram;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.quant.CalibrationRequest;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.Movement;
import org.tataa.tensor.Scale;
import org.tataa.tensor.Value;

/**
 * Products with constant weights {@code [in][out]}: int8 codes of the operand, int8 weights that
 * take up the codes' steps, a factor for every result that is a bfloat16 number, and the bias.
 */
final class LinearLowering implements OperatorLowering {
  @Override
  public boolean fits(LoweringContext context, Node node) {
    NdTensor weights = context.graph.constant(node.input(1));
    int[] shape = context.shape(node.input(0));
    return weights != null
        && weights.rank() == 2
        && shape.length >= 1
        && (node.input(2).isEmpty()
            || context.channelRow(node.input(2), context.shape(node.output())) != null);
  }

  @Override
  public Expression lower(LoweringContext context, Node node, String output) {
    NdTensor weights = Objects.requireNonNull(context.graph.constant(node.input(1)));
    int[] all = new int[weights.dim(1)];
    Arrays.setAll(all, i -> i);
    return select(context, node, all, output);
  }

  /**
   * Some results of a product.
   *
   * @param results numbers of the results, in the order in which they are wanted
   */
  Expression select(LoweringContext context, Node node, int[] results, String name) {
    String operand = node.input(0);
    NdTensor matrix = Objects.requireNonNull(context.graph.constant(node.input(1)));
    int in = matrix.dim(0);
    int[] shape = context.shape(operand);
    noteWeights(context, node, matrix);
    Value input = context.codes.of(context, operand);
    double[] steps = context.codes.steps(operand);
    float[] bias =
        node.input(2).isEmpty()
            ? null
            : context.channelRow(node.input(2), context.shape(node.output()));
    int[] resultShape = shape.clone();
    resultShape[shape.length - 1] = results.length;
    int depth = context.options.quantization().splitDepth();
    int parts = depth == 0 || in <= depth ? 1 : (in + depth - 1) / depth;
    int each = (in + parts - 1) / parts;
    float[] range = range(context, node, matrix, each);
    Weights weights =
        context.ranges.areAsked
            ? Weights.unknown(in, results.length)
            : context.known.of(
                name, matrix, steps, results, range, parts == 1 ? bias : null, context.options);
    List<Expression> sums = new ArrayList<>();
    for (int from = 0; from < in; from += each) {
      int count = Math.min(each, in - from);
      Value part = parts == 1 ? input : slice(context, input, from, count);
      sums.add(Expression.of(product(context, part, weights, from, count, resultShape, name)));
    }
    Expression total = sums.get(0);
    for (Expression sum : sums.subList(1, sums.size())) {
      LaneProgram.Builder p = LaneProgram.builder("sum of parts", 2);
      total =
          Expression.apply(
              p.build(p.add(p.input(0), p.input(1))), resultShape, List.of(total, sum));
    }
    Expression scaled = total.times(weights.factor());
    if (bias == null) {
      return scaled;
    }
    float[] picked = new float[results.length];
    for (int i = 0; i < picked.length; i++) {
      picked[i] = bias[results[i]];
    }
    return scaled.plus(picked);
  }

  private static float[] range(LoweringContext context, Node node, NdTensor matrix, int depth) {
    int rank = context.shape(node.output()).length;
    CalibrationRequest request =
        depth == matrix.dim(0)
            ? CalibrationRequest.range(node.output(), rank - 1)
            : CalibrationRequest.sums(
                node.input(0),
                rank - 1,
                new CalibrationRequest.Product(node.output(), matrix, depth));
    return context.ranges.entry(request, matrix.dim(1)).range();
  }

  private static Value slice(LoweringContext context, Value codes, int from, int count) {
    int[] shape = codes.shape();
    int[] starts = new int[shape.length];
    int[] steps = new int[shape.length];
    Arrays.fill(steps, 1);
    starts[shape.length - 1] = from;
    shape[shape.length - 1] = count;
    return context.viewed(new Movement.Slice(starts, steps), codes, shape);
  }

  private static Value product(
      LoweringContext context,
      Value codes,
      Weights weights,
      int from,
      int count,
      int[] shape,
      String name) {
    int rank = Math.max(2, shape.length);
    int[] dims = new int[rank];
    Arrays.fill(dims, 1);
    dims[rank - 2] = count;
    dims[rank - 1] = weights.results();
    Value constant =
        context.constant(name + "/weights", Element.INT8, weights.rows(from, count), dims);
    int[] padded = shape.length == 1 ? new int[] {1, shape[0]} : shape;
    Value operand = shape.length == 1 ? context.reshaped(codes, 1, count) : codes;
    Value sums = context.value(name + "/sums", Element.BF16, padded);
    context.add(ContractOp.of(operand, constant, ContractOp.Columns.N, Scale.ONE, sums));
    return context.reshaped(sums, shape);
  }

  private static void noteWeights(LoweringContext context, Node node, NdTensor matrix) {
    Node source = context.graph.producer(node.input(0));
    boolean afterNorm =
        source != null
            && (source.op().equals("LayerNormalization") || source.op().equals("RMSNormalization"));
    context.ranges.meets(
        node.input(0),
        matrix,
        afterNorm
            ? context.options.quantization().migrationAfterNorm()
            : context.options.quantization().migrationElsewhere());
  }
}
