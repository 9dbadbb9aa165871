package org.tataa.pipeline;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;

/**
 * Chooses the next token from logits: the largest, or one drawn from the SoftMax of the largest
 * ones. The same seed draws the same tokens.
 */
public final class TokenChoice {
  private final double temperature;
  private final int most;
  private final Random random;

  private TokenChoice(double temperature, int most, long seed) {
    this.temperature = temperature;
    this.most = most;
    random = new Random(seed);
  }

  /** The token with the largest logit, the first of equal ones. */
  public static TokenChoice greedy() {
    return new TokenChoice(0, 1, 0);
  }

  /**
   * A token drawn at random.
   *
   * @param temperature logits are divided by it; 0 is greedy
   * @param most only so many of the largest logits count; 0 for all
   * @param seed of the draws
   * @throws IllegalArgumentException if a number is negative or no number
   */
  public static TokenChoice drawn(double temperature, int most, long seed) {
    if (!(temperature >= 0) || Double.isInfinite(temperature) || most < 0) {
      throw new IllegalArgumentException(
          "temperature " + temperature + ", top-k " + most + ", expected at least 0");
    }
    return new TokenChoice(temperature, most, seed);
  }

  /** Index of the chosen logit. */
  public int of(float[] logits) {
    if (temperature == 0) {
      int best = 0;
      for (int i = 1; i < logits.length; i++) {
        best = logits[i] > logits[best] ? i : best;
      }
      return best;
    }
    Integer[] order = new Integer[logits.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> -logits[i]));
    int count = most == 0 ? order.length : Math.min(most, order.length);
    double[] weights = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      weights[i] = Math.exp((logits[order[i]] - logits[order[0]]) / temperature);
      sum += weights[i];
    }
    double left = random.nextDouble() * sum;
    int chosen = 0;
    while (chosen < count - 1 && left >= weights[chosen]) {
      left -= weights[chosen++];
    }
    return order[chosen];
  }
}
