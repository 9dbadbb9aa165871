package org.tataa.compiler;

import org.jspecify.annotations.Nullable;
import org.tataa.numeric.Bfloat16;
import org.tataa.quant.Calibration;

/**
 * Constant weights of a product between places, quantised for the codes they meet.
 *
 * <p>Result place o is {@code factor[o] * sum_p codes[p] * weights[p][o] + bias[o]}. A factor is a
 * bfloat16 number, so that scaling adds no error of its own, and large enough that sums stay in the
 * accumulator's range on the calibration samples.
 */
final class Weights {
  /** Quantised weights. */
  @SuppressWarnings("ArrayRecordComponent")
  record Quantised(byte[] weights, float[] factor) {}

  final String name;
  final Codes input;
  final int results;
  final float[] bias;
  private final float[] rows;
  private final String rangeKey;
  private final int features;
  private final FeatureMap map;
  private @Nullable Quantization known;
  private @Nullable Quantised quantised;

  /**
   * Weights.
   *
   * @param rows {@code [input place][result place]}
   * @param bias {@code [result place]}
   * @param rangeKey calibration key of the result
   * @param features features of the result's value
   * @param map feature of each result place
   */
  Weights(
      String name,
      Codes input,
      float[] rows,
      float[] bias,
      String rangeKey,
      int features,
      FeatureMap map) {
    this.name = name;
    this.input = input;
    this.rows = rows;
    this.bias = bias;
    this.rangeKey = rangeKey;
    this.features = features;
    this.map = map;
    results = bias.length;
  }

  /** Quantises; the last answer is kept. */
  Quantised quantise(Quantization quantization) {
    if (quantised == null || !quantization.equals(known)) {
      quantised = compute(quantization);
      known = quantization;
    }
    return quantised;
  }

  private Quantised compute(Quantization quantization) {
    double[] steps = input.steps(quantization);
    Calibration calibration = quantization.calibration();
    float[] range = calibration.entry(rangeKey, features).range();
    double[] largest = new double[results];
    for (int p = 0; p < input.places; p++) {
      for (int o = 0; o < results; o++) {
        largest[o] = Math.max(largest[o], Math.abs(steps[p] * rows[p * results + o]));
      }
    }
    if (!calibration.options().perChannelWeights()) {
      double all = 0;
      for (double value : largest) {
        all = Math.max(all, value);
      }
      java.util.Arrays.fill(largest, all);
    }
    float[] factor = new float[results];
    for (int o = 0; o < results; o++) {
      int feature = map.source(o);
      double sum = feature < 0 ? 0 : range[feature] + Math.abs(bias[o]);
      double step = Math.max(largest[o] / 127, sum / quantization.sumLimit());
      factor[o] = step == 0 ? 1 : above(step);
    }
    byte[] codes = new byte[rows.length];
    for (int p = 0; p < input.places; p++) {
      for (int o = 0; o < results; o++) {
        double code = Math.rint(steps[p] * rows[p * results + o] / factor[o]);
        codes[p * results + o] = (byte) Math.max(-127, Math.min(127, code));
      }
    }
    return new Quantised(codes, factor);
  }

  /** The next bfloat16 number that is not smaller. */
  static float above(double value) {
    int bits = Bfloat16.fromFloat((float) value);
    float rounded = Bfloat16.toFloat(bits);
    return rounded >= value ? rounded : Bfloat16.toFloat(bits + 1);
  }
}
