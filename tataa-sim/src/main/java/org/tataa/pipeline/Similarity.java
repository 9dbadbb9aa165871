package org.tataa.pipeline;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.tataa.compiler.CompiledModel;

/** Similarity of embeddings. */
public final class Similarity {
  private Similarity() {}

  /** Cosines of all pairs, {@code [n][n]}. */
  public static double[][] matrix(List<float[]> embeddings) {
    int n = embeddings.size();
    double[][] result = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        result[i][j] = CompiledModel.cosine(embeddings.get(i), embeddings.get(j));
      }
    }
    return result;
  }

  /** Values above the diagonal, row by row. */
  public static double[] pairs(double[][] matrix) {
    int n = matrix.length;
    double[] pairs = new double[n * (n - 1) / 2];
    int next = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        pairs[next++] = matrix[i][j];
      }
    }
    return pairs;
  }

  /** Rank correlation of two series; NaN for fewer than two values. */
  public static double spearman(double[] a, double[] b) {
    return pearson(ranks(a), ranks(b));
  }

  private static double[] ranks(double[] values) {
    Integer[] order = new Integer[values.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> values[i]));
    double[] ranks = new double[values.length];
    for (int from = 0; from < order.length; ) {
      int to = from + 1;
      while (to < order.length && values[order[to]] == values[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[order[i]] = (from + to - 1) / 2.0;
      }
      from = to;
    }
    return ranks;
  }

  private static double pearson(double[] a, double[] b) {
    double meanA = Arrays.stream(a).average().orElse(Double.NaN);
    double meanB = Arrays.stream(b).average().orElse(Double.NaN);
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (a[i] - meanA) * (b[i] - meanB);
      aa += (a[i] - meanA) * (a[i] - meanA);
      bb += (b[i] - meanB) * (b[i] - meanB);
    }
    return ab / Math.sqrt(aa * bb);
  }
}
