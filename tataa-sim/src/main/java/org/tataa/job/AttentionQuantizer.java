package org.tataa.job;

import org.ejml.data.FMatrixRMaj;
import org.tataa.kernel.Scale;
import org.tataa.model.MiniLm.AttentionWeights;
import org.tataa.reference.AttentionReference;

/**
 * Symmetric int8 quantisation of one attention layer (functions.md, Quantisation), calibrated on
 * the float32 result of the same input.
 *
 * <p>Activations have one scale. Each value channel has its own weight scale; it is put back after
 * the product with the probabilities. Query and key channels have scales whose product is the same
 * in all channels of a head, so that their dot product needs one scale only; within that, the range
 * is split between the two as their weights need it.
 *
 * <p>With range scaling, activations and weights use less than their 8 bits, such that no sum of
 * the calibration leaves 16 bits.
 */
final class AttentionQuantizer {
  private static final int FULL = 127;

  /** Largest sum aimed at when 16-bit read-outs must not wrap; the rest covers rounding. */
  private static final double INT16_TARGET = 31_000;

  /** One projection of one head, ready for the array. */
  static final class Projection {
    final byte[] weights;
    final int[] bias;

    /** Real value of one step of the int8 result, per channel. */
    final double[] step;

    final Scale requantise;

    private Projection(byte[] weights, int[] bias, double[] step, Scale requantise) {
      this.weights = weights;
      this.bias = bias;
      this.step = step;
      this.requantise = requantise;
    }
  }

  /** One head. */
  static final class Head {
    final Projection query;
    final Projection key;
    final Projection value;

    private Head(Projection query, Projection key, Projection value) {
      this.query = query;
      this.key = key;
      this.value = value;
    }

    /** Score in units of ln 2 of one step of the dot product of query and key. */
    double scoreStep() {
      return query.step[0] * key.step[0] / Math.sqrt(query.step.length) / Math.log(2);
    }
  }

  private final AttentionReference reference;
  private final int size;
  private final boolean rangeScaling;
  private final double activationStep;
  private final byte[] activations;
  private final Head[] heads;

  AttentionQuantizer(
      FMatrixRMaj x,
      AttentionWeights weights,
      AttentionReference reference,
      int headCount,
      boolean rangeScaling) {
    this.reference = reference;
    this.rangeScaling = rangeScaling;
    size = x.numCols / headCount;
    double plain = largest(x, 0, x.numCols) / FULL;
    double reduce = 1;
    if (rangeScaling) {
      double worst = 1;
      for (int head = 0; head < headCount; head++) {
        worst = Math.max(worst, reduction(weights, head, plain));
      }
      reduce = Math.sqrt(worst);
    }
    activationStep = plain * reduce;
    activations = new byte[x.getNumElements()];
    for (int i = 0; i < activations.length; i++) {
      activations[i] = quantise(x.data[i] / activationStep);
    }
    heads = new Head[headCount];
    for (int head = 0; head < headCount; head++) {
      heads[head] = head(weights, head);
    }
  }

  /** Quantised activations, {@code [tokens][hidden]}. */
  byte[] activations() {
    return activations;
  }

  Head head(int head) {
    return heads[head];
  }

  private static byte quantise(double value) {
    return (byte) Math.max(-FULL, Math.min(FULL, Math.rint(value)));
  }

  private static double largest(FMatrixRMaj matrix, int firstColumn, int columns) {
    double largest = 1e-30;
    for (int row = 0; row < matrix.numRows; row++) {
      for (int column = firstColumn; column < firstColumn + columns; column++) {
        largest = Math.max(largest, Math.abs(matrix.get(row, column)));
      }
    }
    return largest;
  }

  private double rowRange(FMatrixRMaj w, int row) {
    double largest = 1e-30;
    for (int i = 0; i < w.numCols; i++) {
      largest = Math.max(largest, Math.abs(w.get(row, i)));
    }
    return largest;
  }

  private double[] queryKeySteps(AttentionWeights weights, int head, boolean query) {
    double product = 0;
    for (int d = 0; d < size; d++) {
      int row = head * size + d;
      product = Math.max(product, rowRange(weights.query(), row) * rowRange(weights.key(), row));
    }
    double[] steps = new double[size];
    for (int d = 0; d < size; d++) {
      int row = head * size + d;
      double ratio = rowRange(weights.query(), row) / rowRange(weights.key(), row);
      steps[d] = Math.sqrt(product * (query ? ratio : 1 / ratio)) / FULL;
    }
    return steps;
  }

  private double[] valueSteps(AttentionWeights weights, int head) {
    double[] steps = new double[size];
    for (int d = 0; d < size; d++) {
      steps[d] = rowRange(weights.value(), head * size + d) / FULL;
    }
    return steps;
  }

  // Largest sum of a projection in steps of activation times weight.
  private double largestSum(FMatrixRMaj result, int head, double[] weightSteps, double step) {
    double largest = 1;
    for (int d = 0; d < size; d++) {
      largest = Math.max(largest, largest(result, head * size + d, 1) / (weightSteps[d] * step));
    }
    return largest;
  }

  // By how much the sums of a head exceed 16 bits.
  private double reduction(AttentionWeights weights, int head, double step) {
    double sum =
        Math.max(
            largestSum(reference.query(), head, queryKeySteps(weights, head, true), step),
            Math.max(
                largestSum(reference.key(), head, queryKeySteps(weights, head, false), step),
                largestSum(reference.value(), head, valueSteps(weights, head), step)));
    return sum / INT16_TARGET;
  }

  private Head head(AttentionWeights weights, int head) {
    // Dot products of queries and keys are sums too.
    double dot = rangeScaling ? dotReduction(head) : 1;
    Projection query =
        projection(
            weights.query(),
            weights.queryBias(),
            reference.query(),
            head,
            queryKeySteps(weights, head, true),
            Math.sqrt(dot));
    Projection key =
        projection(
            weights.key(),
            weights.keyBias(),
            reference.key(),
            head,
            queryKeySteps(weights, head, false),
            Math.sqrt(dot));
    Projection value =
        projection(
            weights.value(),
            weights.valueBias(),
            reference.value(),
            head,
            valueSteps(weights, head),
            1);
    return new Head(query, key, value);
  }

  private double dotReduction(int head) {
    double scores = 0;
    FMatrixRMaj score = reference.scores().get(head);
    for (int i = 0; i < score.getNumElements(); i++) {
      scores = Math.max(scores, Math.abs(score.data[i]));
    }
    double query = largest(reference.query(), head * size, size) / FULL;
    double key = largest(reference.key(), head * size, size) / FULL;
    return Math.max(1, 1.2 * scores * Math.sqrt(size) / (query * key) / INT16_TARGET);
  }

  private Projection projection(
      FMatrixRMaj w,
      float[] b,
      FMatrixRMaj result,
      int head,
      double[] weightSteps,
      double resultReduction) {
    double[] steps = weightSteps.clone();
    if (rangeScaling) {
      double sum = largestSum(result, head, steps, activationStep);
      double reduce = Math.max(1, sum / INT16_TARGET);
      for (int d = 0; d < size; d++) {
        steps[d] *= reduce;
      }
    }
    byte[] weights = new byte[size * w.numCols];
    int[] bias = new int[size];
    for (int d = 0; d < size; d++) {
      int row = head * size + d;
      for (int i = 0; i < w.numCols; i++) {
        weights[d * w.numCols + i] = quantise(w.get(row, i) / steps[d]);
      }
      bias[d] = (int) Math.rint(b[row] / (steps[d] * activationStep));
    }
    double sum = largestSum(result, head, steps, activationStep);
    Scale requantise = Scale.of(FULL / sum / resultReduction);
    double[] step = new double[size];
    for (int d = 0; d < size; d++) {
      step[d] = steps[d] * activationStep / requantise.value();
    }
    return new Projection(weights, bias, step, requantise);
  }
}
