package org.tataa.lower;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tataa.function.CodeLimit;
import org.tataa.function.LaneProgram;
import org.tataa.numeric.Bfloat16;
import org.tataa.tensor.Element;
import org.tataa.tensor.QuantiseOp;
import org.tataa.tensor.Scale;
import org.tataa.tensor.Value;

/**
 * int8 codes of an expression. The inverse of a step is a bfloat16 number, so that the array
 * multiplies by exactly it. Codes stop at -127 ({@link CodeLimit}) unless nothing is packed and a
 * limit would cost several operations.
 */
final class Codes {
  /** How often the second code of an activation goes into the first. */
  static final int REST = 127;

  // Numbers of bfloat16 around this, up to 128 away, are even.
  private static final int EVENS = 384;

  private Codes() {}

  /** The inverse of a step as the array multiplies by it; 0 for a step of 0. */
  static float inverse(double step) {
    return step == 0 ? 0 : Bfloat16.toFloat(Bfloat16.fromFloat((float) (1 / step)));
  }

  /** Inverses of steps. */
  static float[] inverses(double[] steps) {
    float[] inverses = new float[steps.length];
    for (int i = 0; i < steps.length; i++) {
      inverses[i] = inverse(steps[i]);
    }
    return inverses;
  }

  /** The steps codes really have. */
  static double[] exact(float[] inverses) {
    double[] steps = new double[inverses.length];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = inverses[i] == 0 ? 0 : 1.0 / inverses[i];
    }
    return steps;
  }

  /** Codes of an expression that has been multiplied by inverse steps. */
  static Value quantise(LoweringContext context, String name, Expression scaled) {
    Expression plain = scaled.plain(context);
    Expression limited = context.options.limitsCodes() ? limited(context, plain) : plain;
    return rounded(context, name + "/int8", context.materialise(name + "/scaled", limited));
  }

  /**
   * Two codes of an expression that has been multiplied by inverse steps: its even codes, and 127
   * times what is left.
   */
  static List<Value> quantiseTwice(LoweringContext context, String name, Expression scaled) {
    Expression plain = scaled.plain(context);
    Expression whole = limited(context, plain);
    LaneProgram.Builder p = LaneProgram.builder("even codes", 1);
    LaneProgram.Value large = p.add(p.input(0), p.constant(EVENS));
    LaneProgram evens = p.build(p.sub(large, p.constant(EVENS)));
    Expression even = limited(context, Expression.apply(evens, plain.shape, List.of(whole)));
    p = LaneProgram.builder("rest", 2);
    LaneProgram.Value difference = p.sub(p.input(0), p.input(1));
    LaneProgram rests = p.build(p.mul(difference, p.constant(REST)));
    Expression rest = limited(context, Expression.apply(rests, plain.shape, List.of(whole, even)));
    return List.of(
        rounded(context, name + "/int8", context.materialise(name + "/scaled", even)),
        rounded(context, name + "/rest/int8", context.materialise(name + "/rest", rest)));
  }

  private static Expression limited(LoweringContext context, Expression plain) {
    return Expression.apply(
        CodeLimit.of(context.options.config().profiles().isa()), plain.shape, List.of(plain));
  }

  private static Value rounded(LoweringContext context, String name, Value value) {
    Value codes = context.value(name, Element.INT8, value.shape());
    context.add(new QuantiseOp(Scale.ONE, value, codes));
    return codes;
  }

  /** Codes of values of the graph that products read. */
  static final class Cache {
    private final Map<String, Value> codes = new HashMap<>();
    private final Map<String, List<Value>> pairs = new HashMap<>();
    private final Map<String, double[]> steps = new HashMap<>();

    /** Codes of a value. */
    Value of(LoweringContext context, String value) {
      Value known = codes.get(value);
      if (known == null) {
        known = quantise(context, value, scaled(context, value));
        codes.put(value, known);
      }
      return known;
    }

    /** As many codes of a value as the options say; the second ones count {@link #REST} less. */
    List<Value> all(LoweringContext context, String value) {
      if (context.options.quantization().activationCodes() == 1) {
        return List.of(of(context, value));
      }
      List<Value> known = pairs.get(value);
      if (known == null) {
        known = quantiseTwice(context, value, scaled(context, value));
        pairs.put(value, known);
      }
      return known;
    }

    private Expression scaled(LoweringContext context, String value) {
      return context.expression(value).times(factors(context, value));
    }

    private static float[] factors(LoweringContext context, String value) {
      int[] shape = context.shape(value);
      return inverses(context.ranges.steps(value, shape.length, shape[shape.length - 1]));
    }

    /** The steps that codes of a value really have. */
    double[] steps(LoweringContext context, String value) {
      return steps.computeIfAbsent(value, name -> exact(factors(context, name)));
    }
  }
}
