package org.tataa.lower;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;

/**
 * Weights that were quantised before, by the name of their product: the same model compiled for
 * other lengths of a text has the same. The last ones of a name are kept. Several threads may share
 * them.
 */
public final class KnownWeights {
  // All that quantised weights depend on, besides them.
  @SuppressWarnings("ArrayRecordComponent")
  private record Entry(
      NdTensor matrix,
      double[] steps,
      int[] results,
      float[] range,
      float @Nullable [] bias,
      float @Nullable [] least,
      double sumLimit,
      boolean isPerChannel,
      Weights weights) {
    boolean isFor(
        NdTensor otherMatrix,
        double[] otherSteps,
        int[] otherResults,
        float[] otherRange,
        float @Nullable [] otherBias,
        float @Nullable [] otherLeast,
        LoweringOptions options) {
      return sumLimit == options.sumLimit()
          && isPerChannel == options.quantization().perChannelWeights()
          && Arrays.equals(steps, otherSteps)
          && Arrays.equals(results, otherResults)
          && Arrays.equals(range, otherRange)
          && Arrays.equals(bias, otherBias)
          && Arrays.equals(least, otherLeast)
          && matrix.dim(1) == otherMatrix.dim(1)
          && (matrix == otherMatrix || Arrays.equals(matrix.floats(), otherMatrix.floats()));
    }
  }

  private final Map<String, Entry> entries = new ConcurrentHashMap<>();

  /** Nothing is known yet. */
  public KnownWeights() {}

  /** As {@link Weights#of}, for a product of a name. */
  Weights of(
      String product,
      NdTensor matrix,
      double[] steps,
      int[] results,
      float[] range,
      float @Nullable [] bias,
      float @Nullable [] least,
      LoweringOptions options) {
    return entries
        .compute(
            product,
            (name, known) ->
                known != null && known.isFor(matrix, steps, results, range, bias, least, options)
                    ? known
                    : new Entry(
                        matrix,
                        steps,
                        results,
                        range,
                        bias,
                        least,
                        options.sumLimit(),
                        options.quantization().perChannelWeights(),
                        Weights.of(matrix, steps, results, range, bias, least, options)))
        .weights();
  }
}
