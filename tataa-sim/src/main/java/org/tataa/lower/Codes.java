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
    Expression limited = scaled.plain(context);
    if (context.options.limitsCodes()) {
      LaneProgram limit = CodeLimit.of(context.options.config().profiles().isa());
      limited = Expression.apply(limit, limited.shape, List.of(limited));
    }
    Value rounded = context.materialise(name + "/scaled", limited);
    Value codes = context.value(name + "/int8", Element.INT8, limited.shape);
    context.add(new QuantiseOp(Scale.ONE, rounded, codes));
    return codes;
  }

  /** Codes of values of the graph that products read. */
  static final class Cache {
    private final Map<String, Value> codes = new HashMap<>();
    private final Map<String, double[]> steps = new HashMap<>();

    /** Codes of a value, and the steps they really have. */
    Value of(LoweringContext context, String value) {
      Value known = codes.get(value);
      if (known == null) {
        int[] shape = context.shape(value);
        float[] inverses =
            inverses(context.ranges.steps(value, shape.length, shape[shape.length - 1]));
        known = quantise(context, value, context.expression(value).times(inverses));
        codes.put(value, known);
        steps.put(value, exact(inverses));
      }
      return known;
    }

    double[] steps(String value) {
      double[] known = steps.get(value);
      if (known == null) {
        throw new IllegalStateException(value + " has no codes yet");
      }
      return known;
    }
  }
}
