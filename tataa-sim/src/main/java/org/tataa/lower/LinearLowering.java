package org.tataa.lower;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
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
    int in = weights(context, node).dim(0);
    int parts = parts(context, in);
    int each = (in + parts - 1) / parts;
    List<Value> inputs = context.codes.all(context, node.input(0));
    Weights weights = weights(context, node, results, name, null);
    float[] bias = bias(context, node, results, weights);
    int[] resultShape = context.shape(node.input(0));
    resultShape[resultShape.length - 1] = results.length;
    List<Expression> sums = new ArrayList<>();
    for (Value input : inputs) {
      List<Expression> own = new ArrayList<>();
      for (int from = 0; from < in; from += each) {
        int count = Math.min(each, in - from);
        Value part = parts == 1 ? input : slice(context, input, from, count);
        own.add(Expression.of(product(context, part, weights, from, count, resultShape, name)));
      }
      sums.add(total(own, resultShape));
    }
    if (sums.size() > 1) {
      LaneProgram.Builder p = LaneProgram.builder("rest of the sums", 1);
      LaneProgram rest = p.build(p.mul(p.input(0), p.constant(1.0 / Codes.REST)));
      sums.set(1, Expression.apply(rest, resultShape, List.of(sums.get(1))));
    }
    Expression scaled = total(sums, resultShape).times(weights.factor());
    return bias == null ? scaled : scaled.plus(bias);
  }

  private static Expression total(List<Expression> sums, int[] shape) {
    Expression total = sums.get(0);
    for (Expression sum : sums.subList(1, sums.size())) {
      LaneProgram.Builder p = LaneProgram.builder("sum of parts", 2);
      total = Expression.apply(p.build(p.add(p.input(0), p.input(1))), shape, List.of(total, sum));
    }
    return total;
  }

  // The bias of some results, with what their rounded weights take from the mean of the operand.
  private static float @Nullable [] bias(
      LoweringContext context, Node node, int[] results, Weights weights) {
    float[] bias = bias(context, node);
    boolean corrects = context.options.quantization().correctsBias();
    if (bias == null && !corrects) {
      return null;
    }
    float[] picked = new float[results.length];
    for (int i = 0; i < picked.length && bias != null; i++) {
      picked[i] = bias[results[i]];
    }
    if (corrects) {
      float[] lost =
          weights.lost(
              weights(context, node),
              context.codes.steps(context, node.input(0)),
              results,
              context.ranges.mean(node.input(0), context.shape(node.input(0))));
      for (int i = 0; i < picked.length; i++) {
        picked[i] += lost[i];
      }
    }
    return picked;
  }

  /**
   * Codes of some results, without the bias, straight from their sums.
   *
   * @param results as in {@link #select}
   * @param least of the factors of the weights
   * @param scale from sums to codes
   */
  Value codes(
      LoweringContext context, Node node, int[] results, String name, float[] least, Scale scale) {
    Value input = context.codes.of(context, node.input(0));
    Weights weights = weights(context, node, results, name, least);
    int[] shape = context.shape(node.input(0));
    shape[shape.length - 1] = results.length;
    int[] dims = new int[shape.length];
    Arrays.fill(dims, 1);
    dims[dims.length - 2] = input.dim(-1);
    dims[dims.length - 1] = results.length;
    int in = input.dim(-1);
    Value constant = context.constant(name + "/weights", Element.INT8, weights.rows(0, in), dims);
    Value codes = context.value(name + "/int8", Element.INT8, shape);
    context.add(ContractOp.of(input, constant, ContractOp.Columns.N, scale, codes));
    return codes;
  }

  /** Whether sums of a product with rows of operands are made at once. */
  static boolean isWhole(LoweringContext context, Node node) {
    return context.shape(node.input(0)).length >= 2
        && parts(context, weights(context, node).dim(0)) == 1;
  }

  /** Weights of some results, with factors that are not smaller than some, if given. */
  static Weights weights(
      LoweringContext context, Node node, int[] results, String name, float @Nullable [] least) {
    NdTensor matrix = weights(context, node);
    int in = matrix.dim(0);
    noteWeights(context, node, matrix);
    double[] steps = context.codes.steps(context, node.input(0));
    int parts = parts(context, in);
    float[] range = range(context, node, matrix, (in + parts - 1) / parts);
    float[] bias = parts == 1 ? bias(context, node) : null;
    return context.ranges.areAsked
        ? Weights.unknown(in, results.length)
        : context.known.of(name, matrix, steps, results, range, bias, least, context.options);
  }

  private static NdTensor weights(LoweringContext context, Node node) {
    return Objects.requireNonNull(context.graph.constant(node.input(1)));
  }

  /** Addends of all results; null for none. */
  static float @Nullable [] bias(LoweringContext context, Node node) {
    return node.input(2).isEmpty()
        ? null
        : context.channelRow(node.input(2), context.shape(node.output()));
  }

  private static int parts(LoweringContext context, int in) {
    int depth = context.options.quantization().splitDepth();
    return depth == 0 || in <= depth ? 1 : (in + depth - 1) / depth;
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
