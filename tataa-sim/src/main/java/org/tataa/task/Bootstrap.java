package org.tataa.task;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Confidence intervals by the paired bootstrap (Efron and Tibshirani, An Introduction to the
 * Bootstrap, 1993, percentile method): both sides are evaluated on the same items, drawn again with
 * replacement, the same draws in every run.
 */
public final class Bootstrap {
  /** Share of the draws within an interval. */
  public static final double LEVEL = 0.95;

  private static final long SEED = 19;

  /**
   * An interval.
   *
   * @param low lower end
   * @param high upper end
   */
  public record Interval(double low, double high) {}

  private Bootstrap() {}

  /**
   * The interval of a drop from float32 to the machine.
   *
   * @param draws how often items are drawn
   * @throws IllegalArgumentException if there are no items or no draws
   */
  public static Interval drop(
      Metric metric, List<float[]> float32, List<float[]> simulated, int draws) {
    int items = float32.size();
    if (items == 0 || draws < 1) {
      throw new IllegalArgumentException(
          items + " items, " + draws + " draws, expected at least 1 of each");
    }
    Random random = new Random(SEED);
    double[] drops = new double[draws];
    int[] chosen = new int[items];
    for (int draw = 0; draw < draws; draw++) {
      for (int i = 0; i < items; i++) {
        chosen[i] = random.nextInt(items);
      }
      drops[draw] = metric.drop(metric.value(float32, chosen), metric.value(simulated, chosen));
    }
    Arrays.sort(drops);
    return new Interval(quantile(drops, (1 - LEVEL) / 2), quantile(drops, 1 - (1 - LEVEL) / 2));
  }

  private static double quantile(double[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int below = (int) Math.floor(at);
    int above = Math.min(sorted.length - 1, below + 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
