package org.tataa.graph;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Normalisations by mean and variance, with sums in double. */
final class Normalisations {
  private Normalisations() {}

  /**
   * Layer normalisation over the last axes, or RMS normalisation without mean.
   *
   * @return result, mean, and inverse deviation, the latter with dimensions of 1
   */
  static NdTensor[] layer(
      NdTensor x,
      NdTensor gamma,
      @Nullable NdTensor beta,
      double epsilon,
      long fromAxis,
      boolean isCentred) {
    int axis = DataMovement.axis(fromAxis, x.rank());
    int[] statistics = x.shape();
    Arrays.fill(statistics, axis, statistics.length, 1);
    int count = 1;
    for (int i = axis; i < x.rank(); i++) {
      count *= x.dim(i);
    }
    requireFit(x, gamma);
    if (beta != null) {
      requireFit(x, beta);
    }
    if (!x.isKnown() || !gamma.isKnown() || (beta != null && !beta.isKnown())) {
      NdTensor unknown = NdTensor.unknown(ElementType.FLOAT, statistics);
      return new NdTensor[] {x.withoutData(), unknown, unknown};
    }
    float[] from = x.floats();
    float[] to = new float[from.length];
    int rows = count == 0 ? 0 : from.length / count;
    float[] means = new float[NdTensor.resultElements(statistics)];
    float[] inverses = new float[means.length];
    int[] gammaAt = Broadcast.indices(gamma.shape(), x.shape());
    int[] betaAt = beta == null ? new int[0] : Broadcast.indices(beta.shape(), x.shape());
    for (int row = 0; row < rows; row++) {
      double center = 0;
      for (int i = 0; isCentred && i < count; i++) {
        center += from[row * count + i];
      }
      center /= count;
      double variance = 0;
      for (int i = 0; i < count; i++) {
        double difference = from[row * count + i] - center;
        variance += difference * difference;
      }
      double inverse = 1 / Math.sqrt(variance / count + epsilon);
      means[row] = (float) center;
      inverses[row] = (float) inverse;
      for (int i = row * count; i < (row + 1) * count; i++) {
        double value = (from[i] - center) * inverse * gamma.floats()[gammaAt[i]];
        to[i] = (float) (beta == null ? value : value + beta.floats()[betaAt[i]]);
      }
    }
    return new NdTensor[] {
      NdTensor.of(to, x.shape()), NdTensor.of(means, statistics), NdTensor.of(inverses, statistics)
    };
  }

  private static void requireFit(NdTensor x, NdTensor parameter) {
    if (!Arrays.equals(Broadcast.shape(x.shape(), parameter.shape()), x.shape())) {
      throw new GraphException("scale or bias " + parameter + " does not fit " + x);
    }
  }

  /** Normalisation of groups of channels; scale and bias per channel, or per group as before 21. */
  static NdTensor grouped(NdTensor x, int groups, NdTensor scale, NdTensor bias, double epsilon) {
    int channels = x.dim(1);
    if (groups <= 0
        || channels % groups != 0
        || (scale.size() != channels && scale.size() != groups)
        || scale.size() != bias.size()) {
      throw new GraphException(
          groups + " groups, scale " + scale + " and bias " + bias + " do not fit " + x);
    }
    if (!x.isKnown() || !scale.isKnown() || !bias.isKnown()) {
      return x.withoutData();
    }
    float[] from = x.floats();
    float[] to = new float[from.length];
    int inner = from.length / Math.max(1, x.dim(0) * channels);
    int count = inner * (channels / groups);
    for (int row = 0; count > 0 && row < from.length / count; row++) {
      double mean = 0;
      for (int i = row * count; i < (row + 1) * count; i++) {
        mean += from[i];
      }
      mean /= count;
      double variance = 0;
      for (int i = row * count; i < (row + 1) * count; i++) {
        variance += (from[i] - mean) * (from[i] - mean);
      }
      double inverse = 1 / Math.sqrt(variance / count + epsilon);
      for (int i = row * count; i < (row + 1) * count; i++) {
        int parameter = scale.size() == channels ? i / inner % channels : row % groups;
        to[i] =
            (float)
                ((from[i] - mean) * inverse * scale.floats()[parameter] + bias.floats()[parameter]);
      }
    }
    return NdTensor.of(to, x.shape());
  }
}
