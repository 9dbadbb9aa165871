package org.tataa.lower;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;
import org.tataa.numeric.Bfloat16;

/**
 * Constant weights of a product as int8, for the steps of the codes they meet.
 *
 * <p>Result o is {@code factor[o] * sum_k codes[k] * weights[k][o]}. A factor is a bfloat16 number,
 * so that scaling adds no error of its own, and large enough that sums stay in the accumulator's
 * range on the calibration samples.
 *
 * @param codes {@code [in][results]}
 * @param factor one per result
 */
@SuppressWarnings("ArrayRecordComponent")
record Weights(short[] codes, float[] factor) {
  /**
   * Quantises.
   *
   * @param matrix {@code [in][out]}
   * @param steps of the codes, one per row
   * @param results columns that are wanted
   * @param range largest sum of each column that calibration saw
   * @param bias what the range includes besides the sums, or null
   * @param least factors may not be smaller than these; null for any
   */
  static Weights of(
      NdTensor matrix,
      double[] steps,
      int[] results,
      float[] range,
      float @Nullable [] bias,
      float @Nullable [] least,
      LoweringOptions options) {
    int in = matrix.dim(0);
    int out = matrix.dim(1);
    int count = results.length;
    float[] w = matrix.floats();
    float[] largest = new float[count];
    for (int k = 0; k < in; k++) {
      widen(largest, w, k * out, steps[k], results);
    }
    if (!options.quantization().perChannelWeights()) {
      float all = 0;
      for (float value : largest) {
        all = Math.max(all, value);
      }
      Arrays.fill(largest, all);
    }
    float[] factor = new float[count];
    for (int i = 0; i < count; i++) {
      double sum = range[results[i]] + (bias == null ? 0 : Math.abs(bias[results[i]]));
      double step = Math.max((double) largest[i] / 127, sum / options.sumLimit());
      double wanted = least == null ? step : Math.max(step, least[i]);
      factor[i] = wanted == 0 ? 1 : above(wanted);
    }
    short[] codes = new short[in * count];
    for (int k = 0; k < in; k++) {
      round(codes, k * count, factor, w, k * out, steps[k], results);
    }
    return new Weights(codes, factor);
  }

  // Rows are methods of their own: compiled soon, whatever the number of rows.
  private static void widen(float[] largest, float[] w, int row, double step, int[] results) {
    for (int i = 0; i < largest.length; i++) {
      float size = Math.abs(scaled(step, w[row + results[i]]));
      if (size > largest[i] || Float.isNaN(size)) {
        largest[i] = size;
      }
    }
  }

  private static void round(
      short[] codes, int at, float[] factor, float[] w, int row, double step, int[] results) {
    for (int i = 0; i < factor.length; i++) {
      double code = Math.rint(scaled(step, w[row + results[i]]) / factor[i]);
      codes[at + i] = (short) Math.max(-127, Math.min(127, (int) code));
    }
  }

  private static float scaled(double step, float weight) {
    return (float) (step * weight);
  }

  /**
   * What rounding takes from the results of the mean operand.
   *
   * @param matrix what was rounded, {@code [in][out]}
   * @param steps of the codes, one per row
   * @param results columns that are wanted
   * @param mean of the operand, one per row
   * @return one per result
   */
  float[] lost(NdTensor matrix, double[] steps, int[] results, float[] mean) {
    int out = matrix.dim(1);
    float[] w = matrix.floats();
    double[] sums = new double[results.length];
    for (int k = 0; k < mean.length; k++) {
      double inStep = steps[k] == 0 ? 0 : mean[k] / steps[k];
      for (int i = 0; i < results.length; i++) {
        sums[i] +=
            (double) mean[k] * w[k * out + results[i]]
                - inStep * codes[k * results.length + i] * factor[i];
      }
    }
    float[] lost = new float[results.length];
    for (int i = 0; i < lost.length; i++) {
      lost[i] = (float) sums[i];
    }
    return lost;
  }

  /** Weights of a shape that do not matter. */
  static Weights unknown(int in, int results) {
    float[] factor = new float[results];
    Arrays.fill(factor, 1);
    return new Weights(new short[in * results], factor);
  }

  /** The next bfloat16 number that is not smaller. */
  static float above(double value) {
    int bits = Bfloat16.fromFloat((float) value);
    float rounded = Bfloat16.toFloat(bits);
    return rounded >= value ? rounded : Bfloat16.toFloat(bits + 1);
  }

  int results() {
    return factor.length;
  }

  /** Codes of some rows, not to be changed. */
  short[] rows(int from, int count) {
    return count * results() == codes.length
        ? codes
        : Arrays.copyOfRange(codes, from * results(), (from + count) * results());
  }
}
