package org.tataa.lower;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tataa.function.FunctionLibrary;
import org.tataa.function.LaneProgram;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.Movement;
import org.tataa.tensor.QuantiseOp;
import org.tataa.tensor.ReduceOp;
import org.tataa.tensor.Scale;
import org.tataa.tensor.Value;

/**
 * Attention as a whole. Scores are in units of ln 2, exponentials as they are, or relative to a
 * power of two not above the largest where calibration saw scores too far from zero; weights are
 * int8 with the largest of a row near 127, or at 63 to 127, and the result is divided by the sum of
 * the weights as they were rounded.
 */
final class AttentionLowering {
  /** Exponentials relative to a power of two below the largest are up to 2. */
  private static final Scale WEIGHT_SCALE = new Scale(127, 1);

  /** {@code (r + 1)^2 + 2.03} is this times {@code 2^r} within 0.8 %, roundings included. */
  private static final double PARABOLA_UNIT = 3.028;

  /** Scores are cut to this power of two, so that sums of exponentials are numbers. */
  private static final double LARGEST_POWER = 100;

  /** Powers of two calibration may see: half, so that others have room. */
  private static final double SEEN_POWER = LARGEST_POWER / 2;

  /** What sums and maxima are at least, so that they have a reciprocal. */
  private static final double SMALLEST_SUM = 0x1p-110;

  /** The largest weight relative to what is stored as 127, for the error of the reciprocal. */
  private static final double LARGEST_WEIGHT = 0.99;

  private static final List<String> KINDS = List.of("parabola", "cubic", "floor");

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
    AttentionScales ranges =
        new AttentionScales(context, pattern, valueName, slots, keys.most(context));
    if (!context.options.isExtended()) {
      // Whether it fits depends on ranges that calibration has yet to find.
      MatMulLowering.request(context, node);
      MatMulLowering.request(context, pattern.product());
    }
    boolean fits =
        context.options.isExtended()
            ? ranges.weightTarget() >= keys.most(context)
            : PublishedExponential.fits(ranges.largestScore() * Math.abs(pattern.scale));
    if (!fits) {
      return null;
    }
    DirectKeys direct = DirectKeys.find(context, keys.made(context, output + "/k"), ranges);
    AttentionScales scales = direct == null ? ranges : ranges.with(direct);
    double[][] steps = new double[heads][];
    Arrays.setAll(steps, scales::query);
    Value q =
        new AttentionOperand(context, pattern.query, query, 2, output + "/q").codes(steps, null);
    double[][] keySteps = new double[heads][];
    Arrays.setAll(keySteps, scales::key);
    Value k = keys.keys(context, keySteps, scales, direct, output + "/k");
    double[][] valueSteps = new double[heads][];
    Arrays.setAll(valueSteps, scales::value);
    Value v = keys.values(context, valueSteps, scales, output + "/v");
    Value scores = scores(context, pattern, scales, slots, keys, q, k);
    return context(context, output, pattern, scales, scores, keys, v, valueSteps);
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
    Value result = context.value(pattern.scores + "/ln 2", Element.BF16, own);
    context.add(
        new ContractOp(
            a,
            k,
            ContractOp.Columns.M,
            same ? list.subList(0, 1) : list,
            same ? -1 : shape.length - 3,
            result));
    return context.reshaped(result, shape);
  }

  private static Expression context(
      LoweringContext context,
      String output,
      AttentionPattern pattern,
      AttentionScales scales,
      Value scores,
      AttentionKeys keys,
      Value v,
      double[][] valueSteps) {
    int[] shape = scores.shape();
    boolean isExtended = context.options.isExtended();
    double largest = scales.largestScore() * Math.abs(pattern.scale);
    boolean isAbsolute = isExtended && largest / Math.log(2) <= SEEN_POWER;
    Value exponentials =
        isAbsolute
            ? context.materialise(
                output + "/exponentials",
                Expression.apply(
                    exponential(context, output, false),
                    shape,
                    List.of(masked(context, output, pattern, scores))))
            : isExtended
                ? exponentials(context, output, pattern, scores)
                : context.materialise(
                    output + "/exponentials",
                    PublishedExponential.of(
                        scores,
                        largest,
                        mask(context, output, pattern, shape, AttentionMask.Form.BIAS),
                        mask(context, output, pattern, shape, AttentionMask.Form.FACTOR)));
    Value factors =
        isAbsolute
            ? absoluteFactors(context, output, scales, exponentials)
            : factors(context, output, scales, exponentials);
    LaneProgram.Builder w = LaneProgram.builder("weights", 2);
    Value weights =
        context.materialise(
            output + "/weights",
            Expression.apply(
                w.build(w.mul(w.input(0), w.input(1))),
                shape,
                List.of(Expression.of(exponentials), Expression.of(factors))));
    Value codes = context.value(output + "/weights int8", Element.INT8, shape);
    context.add(new QuantiseOp(isExtended ? WEIGHT_SCALE : new Scale(127, 0), weights, codes));
    return mean(context, output, scales, codes, keys, v, valueSteps);
  }

  // What makes weights of exponentials: their sum no larger than it may be, and the largest 127 at
  // most.
  private static Value absoluteFactors(
      LoweringContext context, String output, AttentionScales scales, Value exponentials) {
    int axis = exponentials.rank() - 1;
    Value sum =
        ReductionLowering.reduce(context, ReduceOp.Kind.SUM, axis, exponentials, output + "/sum");
    Value maximum =
        ReductionLowering.reduce(
            context, ReduceOp.Kind.MAX, axis, exponentials, output + "/maximum");
    LaneProgram reciprocal = FunctionLowering.positiveReciprocal(context, output);
    LaneProgram.Builder f = LaneProgram.builder("weight factor", 2);
    LaneProgram.Value smallest = f.constant(SMALLEST_SUM);
    LaneProgram.Value bySum =
        f.mul(f.apply(reciprocal, f.max(f.input(0), smallest)), f.constant(weightTarget(scales)));
    LaneProgram.Value byMaximum =
        f.mul(f.apply(reciprocal, f.max(f.input(1), smallest)), f.constant(2 * LARGEST_WEIGHT));
    return context.materialise(
        output + "/factor",
        Expression.apply(
            f.build(f.min(bySum, byMaximum)),
            sum.shape(),
            List.of(Expression.of(sum), Expression.of(maximum))));
  }

  private static double weightTarget(AttentionScales scales) {
    return scales.weightTarget() / 127 * 2;
  }

  // The same for exponentials up to 2 units, or published ones.
  private static Value factors(
      LoweringContext context, String output, AttentionScales scales, Value exponentials) {
    Value sum =
        ReductionLowering.reduce(
            context, ReduceOp.Kind.SUM, exponentials.rank() - 1, exponentials, output + "/sum");
    LaneProgram.Builder f = LaneProgram.builder("weight factor", 1);
    LaneProgram.Value factor =
        f.apply(FunctionLowering.positiveReciprocal(context, output), f.input(0));
    if (context.options.isExtended()) {
      double unit = kind(context, output).equals("parabola") ? PARABOLA_UNIT : 1;
      factor = f.min(f.mul(factor, f.constant(weightTarget(scales))), f.constant(1 / unit));
    }
    return context.materialise(
        output + "/factor",
        Expression.apply(f.build(factor), sum.shape(), List.of(Expression.of(sum))));
  }

  // Relative to the power of two below the largest score of the row.
  private static Value exponentials(
      LoweringContext context, String output, AttentionPattern pattern, Value scores) {
    int[] shape = scores.shape();
    Expression masked = masked(context, output, pattern, scores);
    Value maximum =
        ReductionLowering.reduce(
            context,
            ReduceOp.Kind.MAX,
            shape.length - 1,
            context.materialise(output + "/masked", masked),
            output + "/maximum");
    // Minus the power: what is subtracted can be in one bank only, what is added in either.
    LaneProgram.Builder p = LaneProgram.builder("minus power below", 1);
    Value shift =
        context.materialise(
            output + "/shift",
            Expression.apply(
                p.build(p.mul(p.floor(p.input(0)), p.constant(-1))),
                maximum.shape(),
                List.of(Expression.of(maximum))));
    return context.materialise(
        output + "/exponentials",
        Expression.apply(
            exponential(context, output, true), shape, List.of(masked, Expression.of(shift))));
  }

  private static Expression masked(
      LoweringContext context, String output, AttentionPattern pattern, Value scores) {
    Value addend = mask(context, output, pattern, scores.shape(), AttentionMask.Form.ADDEND);
    if (addend == null) {
      return Expression.of(scores);
    }
    LaneProgram.Builder p = LaneProgram.builder("mask", 2);
    return Expression.apply(
        p.build(p.add(p.input(0), p.input(1))),
        scores.shape(),
        List.of(Expression.of(scores), Expression.of(addend)));
  }

  // Constant if the masks are, else given by the host for every run; null if there are none.
  private static @Nullable Value mask(
      LoweringContext context,
      String output,
      AttentionPattern pattern,
      int[] scores,
      AttentionMask.Form form) {
    if (pattern.masks.isEmpty()) {
      return null;
    }
    int[] shape = AttentionMask.shape(context, pattern.masks, scores);
    AttentionMask mask = new AttentionMask(output, pattern.masks, shape, form);
    String name = output + "/mask " + form.name().toLowerCase(Locale.ROOT);
    List<NdTensor> constants = new ArrayList<>();
    for (AttentionPattern.Mask part : pattern.masks) {
      NdTensor constant = context.graph.constant(part.value());
      if (constant != null) {
        constants.add(constant);
      }
    }
    if (constants.size() == pattern.masks.size()) {
      return context.constant(name, mask.apply(constants).get(0).floats(), shape);
    }
    List<Value> parts = new ArrayList<>();
    pattern.masks.forEach(part -> parts.add(context.host(part.value())));
    return context.uploaded(name, context.onHost(mask, parts, name + "/host", shape));
  }

  private static String kind(LoweringContext context, String output) {
    String chosen = context.options.approximation("Softmax", output);
    String kind = chosen.isEmpty() ? KINDS.get(0) : chosen;
    if (!KINDS.contains(kind)) {
      throw new IllegalArgumentException(
          "Softmax has no approximation `"
              + kind
              + "` for EXTENDED, expected "
              + String.join(", ", KINDS));
    }
    return kind;
  }

  // unit * 2^(x + m) for an integer m, the second operand, or unit * 2^x for an x that is cut: the
  // whole part by exponent insertion, the fraction as chosen. The unit is PARABOLA_UNIT for a
  // parabola, else 1.
  private static LaneProgram exponential(
      LoweringContext context, String output, boolean isShifted) {
    LaneProgram.Builder p = LaneProgram.builder("exponential", isShifted ? 2 : 1);
    LaneProgram.Value x =
        isShifted ? p.add(p.input(0), p.input(1)) : p.min(p.input(0), p.constant(LARGEST_POWER));
    LaneProgram.Value whole = p.floor(x);
    LaneProgram.Value exponent = p.exp2i(x);
    String kind = kind(context, output);
    if (kind.equals("floor")) {
      return p.build(p.mul(exponent, p.constant(1)));
    }
    LaneProgram.Value r = p.sub(x, whole);
    if (kind.equals("cubic")) {
      return p.build(p.mul(p.apply(FunctionLibrary.exp2Fraction(), r), exponent));
    }
    // A completed square changes the operation type less often than a polynomial in r.
    LaneProgram.Value s = p.add(r, p.constant(1));
    return p.build(p.mul(p.add(p.mul(s, s), p.constant(2.03125)), exponent));
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
