package org.tataa.lower;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.function.LaneProgram;
import org.tataa.tensor.Value;

/**
 * Exponentials with the published operations only: a cubic of {@code x / 2^k}, squared k times, for
 * scores in units of ln 2 in a known range. There is no maximum, so hidden keys are multiplied by
 * zero afterwards.
 */
final class PublishedExponential {
  /** Powers of two beyond this are no bfloat16 numbers, or their sums are not. */
  private static final double LARGEST_POWER = 110;

  /** Arguments of the cubic stay within this, so that its powers do not grow. */
  private static final double SMALL_ENOUGH = 0.9;

  private PublishedExponential() {}

  /** Whether scores of a magnitude have exponentials. */
  static boolean fits(double largest) {
    return largest / Math.log(2) < LARGEST_POWER;
  }

  static Expression of(
      Value scores, double largest, @Nullable Value bias, @Nullable Value visible) {
    List<Expression> arguments = new ArrayList<>(List.of(Expression.of(scores)));
    int inputs = 1 + (bias == null ? 0 : 1) + (visible == null ? 0 : 1);
    LaneProgram.Builder p = LaneProgram.builder("exponential", inputs);
    LaneProgram.Value x = p.input(0);
    if (bias != null) {
      arguments.add(Expression.of(bias));
      x = p.add(x, p.input(1));
    }
    int squarings = 1;
    while (largest > SMALL_ENOUGH * (1 << squarings)) {
      squarings++;
    }
    LaneProgram.Value z = p.mul(x, p.constant(Math.log(2) / (1 << squarings)));
    LaneProgram.Value poly = p.add(p.mul(z, p.constant(1.0 / 6)), p.constant(0.5));
    poly = p.add(p.mul(z, poly), p.constant(1));
    poly = p.add(p.mul(z, poly), p.constant(1));
    for (int i = 0; i < squarings; i++) {
      poly = p.mul(poly, poly);
    }
    if (visible != null) {
      arguments.add(Expression.of(visible));
      poly = p.mul(poly, p.input(inputs - 1));
    }
    return Expression.apply(p.build(poly), scores.shape(), arguments);
  }
}
