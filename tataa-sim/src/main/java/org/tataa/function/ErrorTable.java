package org.tataa.function;

import org.tataa.numeric.Bf16Unit;
import org.tataa.numeric.Bfloat16;

/**
 * Measured error of an approximation over all bfloat16 arguments of its range.
 *
 * @param arguments how many arguments were tried
 * @param max largest error
 * @param mean mean error
 * @param worst argument of the largest error
 */
public record ErrorTable(int arguments, double max, double mean, double worst) {
  /** Results below this are not measured by relative error. */
  private static final double TINY = 1e-30;

  /** Measures an approximation with the arithmetic of a machine. */
  public static ErrorTable measure(
      FunctionLibrary.Entry function, LaneProgram program, Bf16Unit unit) {
    int count = 0;
    double max = 0;
    double sum = 0;
    double worst = 0;
    for (int bits = 0; bits < 1 << 16; bits++) {
      double x = Bfloat16.toFloat(bits);
      if (Bfloat16.exponent(bits) == 0 || !(x >= function.from() && x <= function.to())) {
        continue;
      }
      double exact = function.exact().applyAsDouble(x);
      double actual = Bfloat16.toFloat(program.evaluate(unit, bits));
      double error = Math.abs(actual - exact);
      if (function.isRelative()) {
        if (Math.abs(exact) < TINY) {
          continue;
        }
        error /= Math.abs(exact);
      }
      if (Double.isNaN(error)) {
        error = Double.POSITIVE_INFINITY;
      }
      count++;
      sum += error;
      if (error > max) {
        max = error;
        worst = x;
      }
    }
    return new ErrorTable(count, max, count == 0 ? 0 : sum / count, worst);
  }
}
