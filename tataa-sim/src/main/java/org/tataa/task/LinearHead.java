package org.tataa.task;

import java.util.List;

/**
 * A linear classifier of embeddings into two classes: ridge regression of unit vectors and a
 * constant to -1 and 1.
 */
final class LinearHead {
  private static final double RIDGE = 0.1;

  private final double[] weights;

  private LinearHead(double[] weights) {
    this.weights = weights;
  }

  /**
   * Fits a head.
   *
   * @param classes 0 or 1 for each embedding
   */
  static LinearHead fit(List<float[]> embeddings, List<Integer> classes) {
    int n = embeddings.get(0).length + 1;
    double[][] normal = new double[n][n];
    double[] right = new double[n];
    for (int sample = 0; sample < embeddings.size(); sample++) {
      double[] x = unit(embeddings.get(sample));
      int target = 2 * classes.get(sample) - 1;
      for (int i = 0; i < n; i++) {
        right[i] += target * x[i];
        for (int j = 0; j <= i; j++) {
          normal[i][j] += x[i] * x[j];
        }
      }
    }
    for (int i = 0; i < n; i++) {
      normal[i][i] += RIDGE;
    }
    return new LinearHead(solve(normal, right));
  }

  // Cholesky, of the lower half.
  private static double[] solve(double[][] a, double[] right) {
    int n = right.length;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = a[i][j];
        for (int k = 0; k < j; k++) {
          sum -= a[i][k] * a[j][k];
        }
        a[i][j] = i == j ? Math.sqrt(sum) : sum / a[j][j];
      }
    }
    double[] x = right.clone();
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < i; k++) {
        x[i] -= a[i][k] * x[k];
      }
      x[i] /= a[i][i];
    }
    for (int i = n - 1; i >= 0; i--) {
      for (int k = i + 1; k < n; k++) {
        x[i] -= a[k][i] * x[k];
      }
      x[i] /= a[i][i];
    }
    return x;
  }

  private static double[] unit(float[] embedding) {
    double square = 0;
    for (float value : embedding) {
      square += (double) value * value;
    }
    double[] unit = new double[embedding.length + 1];
    for (int i = 0; i < embedding.length; i++) {
      unit[i] = square == 0 ? 0 : embedding[i] / Math.sqrt(square);
    }
    unit[embedding.length] = 1;
    return unit;
  }

  /** The class of an embedding, 0 or 1. */
  int classify(float[] embedding) {
    double[] x = unit(embedding);
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += weights[i] * x[i];
    }
    return sum > 0 ? 1 : 0;
  }
}
