package org.tataa.lower;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tataa.function.FunctionLibrary;
import org.tataa.function.LaneProgram;
import org.tataa.graph.NdTensor;
import org.tataa.tensor.Element;
import org.tataa.tensor.QuantiseOp;
import org.tataa.tensor.ReduceOp;
import org.tataa.tensor.Scale;
import org.tataa.tensor.Value;

/**
 * The weights of an attention as int8 codes, not yet divided by their sum. Exponentials are of the
 * scores as they are, or relative to a power of two not above the largest where calibration saw
 * scores too far from zero; the largest code of a row is near 127, or 63 to 127.
 */
final class AttentionWeights {
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

  private AttentionWeights() {}

  /** Codes of weights of scores in units of ln 2. */
  static Value codes(
      LoweringContext context,
      String output,
      AttentionPattern pattern,
      AttentionScales scales,
      Value scores) {
    int[] shape = scores.shape();
    boolean isExtended = context.options.isExtended();
    double largest = scales.largestScore() * Math.abs(pattern.scale);
    boolean isAbsolute = isExtended && largest / Math.log(2) <= SEEN_POWER;
    Value exponentials =
        isAbsolute
            ? context.materialise(
                output + "/exponentials", absolute(context, output, pattern, scores))
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
    return codes;
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
            exponential(context, output, Argument.SHIFTED),
            shape,
            List.of(masked, Expression.of(shift))));
  }

  // Of scores as they are, limited from above. Where masks hide keys and change nothing else, the
  // limit of a hidden key is far below any score, which takes no operation more.
  private static Expression absolute(
      LoweringContext context, String output, AttentionPattern pattern, Value scores) {
    Value limits = limits(context, output, pattern, scores.shape());
    return limits == null
        ? Expression.apply(
            exponential(context, output, Argument.CUT),
            scores.shape(),
            List.of(masked(context, output, pattern, scores)))
        : Expression.apply(
            exponential(context, output, Argument.LIMITED),
            scores.shape(),
            List.of(Expression.of(scores), Expression.of(limits)));
  }

  // Limits of scores; null if there are no masks, or others than constant ones that only hide.
  private static @Nullable Value limits(
      LoweringContext context, String output, AttentionPattern pattern, int[] scores) {
    List<NdTensor> masks = constants(context, pattern);
    if (masks.isEmpty() || masks.size() < pattern.masks.size()) {
      return null;
    }
    int[] shape = AttentionMask.shape(context, pattern.masks, scores);
    AttentionMask mask = new AttentionMask(output, pattern.masks, shape, AttentionMask.Form.ADDEND);
    float[] limits = mask.apply(masks).get(0).floats().clone();
    for (int i = 0; i < limits.length; i++) {
      if (limits[i] != 0 && limits[i] != AttentionMask.HIDDEN) {
        return null;
      }
      limits[i] = limits[i] == 0 ? (float) LARGEST_POWER : AttentionMask.HIDDEN;
    }
    return context.constant(output + "/limits", limits, shape);
  }

  private static List<NdTensor> constants(LoweringContext context, AttentionPattern pattern) {
    return pattern.masks.stream()
        .map(part -> context.graph.constant(part.value()))
        .flatMap(Stream::ofNullable)
        .toList();
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
    List<NdTensor> constants = constants(context, pattern);
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

  /** What an exponential is of. */
  private enum Argument {
    /** The sum of two operands, the second one an integer. */
    SHIFTED,
    /** An operand, cut at {@link #LARGEST_POWER}. */
    CUT,
    /** An operand, cut at another one. */
    LIMITED
  }

  // unit * 2^x: the whole part by exponent insertion, the fraction as chosen. The unit is
  // PARABOLA_UNIT for a parabola, else 1.
  private static LaneProgram exponential(
      LoweringContext context, String output, Argument argument) {
    LaneProgram.Builder p = LaneProgram.builder("exponential", argument == Argument.CUT ? 1 : 2);
    LaneProgram.Value x =
        switch (argument) {
          case SHIFTED -> p.add(p.input(0), p.input(1));
          case CUT -> p.min(p.input(0), p.constant(LARGEST_POWER));
          case LIMITED -> p.min(p.input(0), p.input(1));
        };
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
}
