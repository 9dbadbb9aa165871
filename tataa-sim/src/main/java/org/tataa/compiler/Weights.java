package org.tataa.compiler;

import java.util.Arrays;
import java.util.List;
import org.tataa.graph.NdTensor;
import org.tataa.kernel.BlockForm;
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
  /**
   * Quantised weights.
   *
   * @param words operand words {@code [block][input place][32 result places]}
   * @param factor one per result place
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Quantised(byte[] words, float[] factor) {}

  final String name;
  final Codes input;
  final int results;
  private final NdTensor matrix;
  private final List<List<Integer>> logical;
  private final float[] bias;
  private final String rangeKey;
  private final FeatureMap map;
  private final boolean isX;

  /**
   * Weights.
   *
   * @param matrix {@code [input feature][result feature]}
   * @param logical for each input place the features that stand there; -1 - f with a sign
   * @param bias {@code [result place]}
   * @param rangeKey calibration key of the result
   * @param map feature of each result place
   * @param isX whether the weights are the X operand: the result is feature-major
   */
  Weights(
      String name,
      Codes input,
      NdTensor matrix,
      List<List<Integer>> logical,
      float[] bias,
      String rangeKey,
      FeatureMap map,
      boolean isX) {
    this.name = name;
    this.input = input;
    this.matrix = matrix;
    this.logical = List.copyOf(logical);
    this.bias = bias;
    this.rangeKey = rangeKey;
    this.map = map;
    this.isX = isX;
    results = bias.length;
  }

  /** Quantises, once for all shapes a model is compiled for. */
  Quantised quantise(Quantization quantization) {
    return quantization
        .weights()
        .computeIfAbsent(List.of(name, logical, map, isX), key -> compute(quantization));
  }

  // Weights between places times the steps of the codes they meet.
  private float[] scaled(Quantization quantization) {
    double[] steps = input.steps(quantization);
    float[] w = matrix.floats();
    int features = matrix.dim(1);
    float[] scaled = new float[input.places * results];
    for (int place = 0; place < input.places; place++) {
      for (int code : logical.get(place)) {
        boolean inverted = code < 0;
        int row = inverted ? -1 - code : code;
        for (int o = 0; o < results; o++) {
          if (map.source(o) >= 0) {
            double weight = steps[place] * w[row * features + map.source(o)];
            scaled[place * results + o] +=
                (float) (inverted != map.isNegative(o) ? -weight : weight);
          }
        }
      }
    }
    return scaled;
  }

  private Quantised compute(Quantization quantization) {
    float[] scaled = scaled(quantization);
    Calibration calibration = quantization.calibration();
    float[] range = calibration.entry(rangeKey, matrix.dim(1)).range();
    double[] largest = new double[results];
    for (int i = 0; i < scaled.length; i++) {
      largest[i % results] = Math.max(largest[i % results], Math.abs(scaled[i]));
    }
    if (!calibration.options().perChannelWeights()) {
      double all = 0;
      for (double value : largest) {
        all = Math.max(all, value);
      }
      Arrays.fill(largest, all);
    }
    float[] factor = new float[results];
    for (int o = 0; o < results; o++) {
      int feature = map.source(o);
      double sum = feature < 0 ? 0 : range[feature] + Math.abs(bias[o]);
      double step = Math.max(largest[o] / 127, sum / quantization.sumLimit());
      factor[o] = step == 0 ? 1 : above(step);
    }
    int blocks = Matrix.blocks(results);
    byte[] words = new byte[blocks * input.places * BlockForm.SIZE];
    for (int place = 0; place < input.places; place++) {
      for (int o = 0; o < results; o++) {
        double code = Math.rint(scaled[place * results + o] / factor[o]);
        int column = o % BlockForm.SIZE;
        // As X operand a place stands where it leaves as a beat of its number.
        int position = isX ? BlockForm.tokenOfBeat(column) : column;
        int word = o / BlockForm.SIZE * input.places + place;
        words[word * BlockForm.SIZE + position] = (byte) Math.max(-127, Math.min(127, code));
      }
    }
    return new Quantised(words, factor);
  }

  @Override
  public String toString() {
    return name + " weights int8 [" + input.places + "][" + results + "]";
  }

  /** The next bfloat16 number that is not smaller. */
  static float above(double value) {
    int bits = Bfloat16.fromFloat((float) value);
    float rounded = Bfloat16.toFloat(bits);
    return rounded >= value ? rounded : Bfloat16.toFloat(bits + 1);
  }
}
