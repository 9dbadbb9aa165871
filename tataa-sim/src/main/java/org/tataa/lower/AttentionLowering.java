package org.tataa.lower;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.function.LaneProgram;
import org.tataa.graph.Node;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.Movement;
import org.tataa.tensor.Scale;
import org.tataa.tensor.Value;

/**
 * Attention as a whole. Scores are in units of ln 2, weights int8, and the result is divided by the
 * sum of the weights as they were rounded.
 */
final class AttentionLowering {
  /** The attention a product completes, or null if it completes none. */
  @Nullable Expression lower(LoweringContext context, Node node, String output) {
    if (context.isHost(node.input(1))) {
      return null;
    }
    AttentionPattern pattern = AttentionPattern.find(context, node.input(0));
    int rank = context.shape(output).length;
    if (pattern == null
        || rank != context.shape(pattern.scores).length
        || context.shape(node.input(1)).length != rank) {
      return null;
    }
    String valueName = node.input(1);
    Heads query = Heads.find(context, pattern.query, 2);
    AttentionKeys keys = AttentionKeys.find(context, pattern, valueName);
    int heads = rank >= 3 ? context.shape(output)[rank - 3] : 1;
    int[] slots = keys.slots(heads);
    int most = keys.most(context, pattern);
    AttentionScales ranges = new AttentionScales(context, pattern, valueName, slots, most);
    if (!context.options.isExtended()) {
      // Whether it fits depends on ranges that calibration has yet to find.
      MatMulLowering.request(context, node);
      MatMulLowering.request(context, pattern.product());
    }
    boolean fits =
        context.options.isExtended()
            ? ranges.weightTarget() >= most
            : PublishedExponential.fits(ranges.largestScore() * Math.abs(pattern.scale));
    if (!fits) {
      return null;
    }
    DirectKeys direct = DirectKeys.find(context, keys.made(context, output), ranges);
    AttentionScales scales = direct == null ? ranges : ranges.with(direct);
    double[][] steps = new double[heads][];
    Arrays.setAll(steps, scales::query);
    Value q =
        new AttentionOperand(
                context,
                pattern.query,
                query,
                2,
                Heads.name(context, query, pattern.query, output, "/q"))
            .codes(steps, null);
    double[][] keySteps = new double[heads][];
    Arrays.setAll(keySteps, scales::key);
    Value k = keys.keys(context, keySteps, scales, direct, output);
    double[][] valueSteps = new double[heads][];
    Arrays.setAll(valueSteps, scales::value);
    Value v = keys.values(context, valueSteps, scales, output);
    Value scores = scores(context, pattern, scales, slots, keys, q, k);
    Value codes = AttentionWeights.codes(context, output, pattern, scales, scores);
    return mean(context, output, scales, codes, keys, v, valueSteps);
  }

  // One scale for all heads, or one for each.
  private static Value scores(
      LoweringContext context,
      AttentionPattern pattern,
      AttentionScales scales,
      int[] slots,
      AttentionKeys keys,
      Value q,
      Value k) {
    int[] shape = context.shape(pattern.scores);
    Value a = keys.grouped(context, q);
    int group = a.rank() == shape.length ? 1 : a.dim(-3);
    List<Scale> list = new ArrayList<>();
    for (int head = 0; head < slots.length; head += group) {
      list.add(Scale.of(scales.scoreUnit(slots[head]) * pattern.scale / Math.log(2)));
    }
    boolean same = list.stream().distinct().count() == 1;
    int[] own = a.shape();
    own[own.length - 1] = k.dim(-1);
    int before = keys.before(context);
    Value result = context.value(pattern.scores + "/ln 2", Element.BF16, own);
    context.add(
        new ContractOp(
            a,
            k,
            ContractOp.Columns.M,
            same ? list.subList(0, 1) : list,
            same ? -1 : shape.length - 3,
            result));
    return before == 0
        ? context.reshaped(result, shape)
        : context.sliced(result, shape.length - 1, before, shape);
  }

  // Weights times V, divided by the sum of the weights, in V's steps, plus V's mean.
  private static Expression mean(
      LoweringContext context,
      String output,
      AttentionScales scales,
      Value codes,
      AttentionKeys keys,
      Value v,
      double[][] valueSteps) {
    int[] shape = context.shape(output);
    int rank = shape.length;
    int width = shape[rank - 1];
    Value a = keys.grouped(context, codes);
    int[] own = a.shape();
    own[own.length - 1] = width;
    Value all = context.value(output + "/products", Element.BF16, own);
    context.add(ContractOp.of(a, v, ContractOp.Columns.N, Scale.ONE, all));
    Value products = context.reshaped(all, shape);
    Value inverse = inverse(context, output, codes, shape);
    int heads = valueSteps.length;
    float[] factor = new float[heads * width];
    float[] centre = new float[heads * width];
    for (int head = 0; head < heads; head++) {
      double[] exact = Codes.exact(Codes.inverses(valueSteps[head]));
      for (int i = 0; i < width; i++) {
        factor[head * width + i] = (float) exact[i];
        centre[head * width + i] = scales.valueCenter(head, i);
      }
    }
    int[] perHead = new int[rank];
    Arrays.fill(perHead, 1);
    perHead[rank - 1] = width;
    if (rank >= 3) {
      perHead[rank - 3] = heads;
    }
    LaneProgram.Builder p = LaneProgram.builder("mean of values", 4);
    LaneProgram.Value result = p.add(p.mul(p.mul(p.input(0), p.input(1)), p.input(2)), p.input(3));
    return Expression.apply(
        p.build(result),
        shape,
        List.of(
            Expression.of(products),
            Expression.of(inverse),
            Expression.of(context.constant(output + "/steps", factor, perHead)),
            Expression.of(context.constant(output + "/centre", centre, perHead))));
  }

  // 1 over the sum of each row's weights, for every channel of V. What makes whole blocks of the
  // array is computed for one block only.
  private static Value inverse(LoweringContext context, String output, Value codes, int[] shape) {
    int rank = shape.length;
    int width = shape[rank - 1];
    int outputs = context.options.config().geometry().outputs();
    int computed = width % outputs == 0 ? outputs : width;
    int keys = codes.dim(-1);
    int[] dims = new int[rank];
    Arrays.fill(dims, 1);
    dims[rank - 2] = keys;
    dims[rank - 1] = computed;
    short[] ones = new short[keys * computed];
    Arrays.fill(ones, (short) 1);
    Value all = context.constant(output + "/ones", Element.INT8, ones, dims);
    int[] block = shape.clone();
    block[rank - 1] = computed;
    Value sums = context.value(output + "/sums of weights", Element.BF16, block);
    context.add(ContractOp.of(codes, all, ContractOp.Columns.N, Scale.ONE, sums));
    LaneProgram.Builder p = LaneProgram.builder("inverse", 1);
    // All weights of a row are zero where its exponentials are, or where it is padding.
    LaneProgram.Value sum =
        context.options.isExtended() ? p.max(p.input(0), p.constant(1)) : p.input(0);
    Value inverse =
        context.materialise(
            output + "/inverse",
            Expression.apply(
                p.build(p.apply(FunctionLowering.positiveReciprocal(context, output), sum)),
                block,
                List.of(Expression.of(sums))));
    if (computed == width) {
      return inverse;
    }
    int[] split = Arrays.copyOf(shape, rank + 1);
    split[rank - 1] = 1;
    split[rank] = computed;
    int[] repeated = split.clone();
    repeated[rank - 1] = width / computed;
    return context.reshaped(
        context.viewed(new Movement.Broadcast(), context.reshaped(inverse, split), repeated),
        shape);
  }
}
