package org.tataa.compiler;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.kernel.BlockForm;
import org.tataa.quant.Calibration;
import org.tataa.quant.CalibrationException;

/**
 * {@code softmax(scale * Q K^T + mask) V} for all groups and heads. A head of Q reads one of the
 * (possibly fewer) heads of K and V.
 */
final class Attention {
  /**
   * A mask or bias.
   *
   * @param value host value, broadcast to the shape of the scores
   * @param shape shape of the scores where it is applied
   * @param factor what it is multiplied by
   * @param masksWhere for a condition: the truth value of masked scores; null for an addend
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Mask(String value, int[] shape, double factor, @Nullable Boolean masksWhere) {}

  /**
   * How far ranges of Q and K, and of V, reach beyond what calibration saw: clipping a rare token
   * costs more than a little resolution.
   */
  private static final double SCORE_MARGIN = 1.15;

  private static final double VALUE_MARGIN = 1.5;

  final String name;
  final int groups;
  final int queries;
  final int keys;
  final int heads;
  final int depth;
  final int width;
  final double scale;
  final int[] keyHead;
  final int[] valueHead;
  final Matrix result;

  /** What is added to the scores, or replaces them, outermost first. */
  final List<Mask> masks = new ArrayList<>();

  /** How the context is a token matrix. */
  final Placement placement;

  String queryKey = "";
  String keyKey = "";
  String valueKey = "";
  String scoreKey = "";
  int scoreChannels;
  int keyChannels;
  int valueChannels;

  @Nullable Codes query;
  @Nullable Codes key;
  @Nullable Codes value;

  Attention(
      String name,
      int groups,
      int queries,
      int keys,
      int heads,
      int depth,
      int width,
      double scale,
      int[] keyHead,
      int[] valueHead,
      Placement placement,
      Matrix result) {
    this.name = name;
    this.groups = groups;
    this.queries = queries;
    this.keys = keys;
    this.heads = heads;
    this.depth = depth;
    this.width = width;
    this.scale = scale;
    this.keyHead = keyHead;
    this.valueHead = valueHead;
    this.placement = placement;
    this.result = result;
  }

  /** Places of a head of Q and K. */
  int depthPlaces() {
    return 32 * Matrix.blocks(depth);
  }

  /** Places of a head of V and of the result. */
  int widthPlaces() {
    return 32 * Matrix.blocks(width);
  }

  // Channel i of Q is divided by, and of K multiplied by, a ratio that gives both the same range.
  private double[] ratios(Quantization quantization, int slot) {
    float[] q = quantization.calibration().entry(queryKey, heads * depth).range();
    float[] k = quantization.calibration().entry(keyKey, keyChannels).range();
    double[] ratio = new double[depth];
    for (int i = 0; i < depth; i++) {
      double rangeQ = 0;
      double rangeK = 0;
      for (int head = 0; head < heads; head++) {
        if (keyHead[head] == slot) {
          rangeQ = Math.max(rangeQ, q[head * depth + i]);
          rangeK = Math.max(rangeK, k[head * depth + i]);
        }
      }
      ratio[i] = rangeQ > 0 && rangeK > 0 ? Math.sqrt(rangeQ / rangeK) : 1;
    }
    return ratio;
  }

  /** Place of feature i of a head of V: token words permute the features of a block. */
  static int valuePlace(int i) {
    return i - i % BlockForm.SIZE + BlockForm.tokenOfBeat(i % BlockForm.SIZE);
  }

  /** Steps of Q: one per place. */
  double[] querySteps(Quantization quantization) {
    float[] q = quantization.calibration().entry(queryKey, heads * depth).range();
    double[] steps = new double[heads * depthPlaces()];
    for (int head = 0; head < heads; head++) {
      double[] ratio = ratios(quantization, keyHead[head]);
      double unit = queryUnit(quantization, head, q, ratio);
      for (int i = 0; i < depth; i++) {
        steps[head * depthPlaces() + i] = unit * ratio[i];
      }
    }
    return steps;
  }

  private double queryUnit(Quantization quantization, int head, float[] q, double[] ratio) {
    double unit = 0;
    for (int i = 0; i < depth; i++) {
      unit = Math.max(unit, SCORE_MARGIN * q[head * depth + i] / ratio[i] / 127);
    }
    unit = unit == 0 ? 1 : unit;
    float[] scores = quantization.calibration().entry(scoreKey, scoreChannels).range();
    double largest = scores[head % scoreChannels];
    double sum = largest / (unit * keyUnit(quantization, keyHead[head], ratio));
    return unit * Math.max(1, sum / quantization.sumLimit());
  }

  private double keyUnit(Quantization quantization, int slot, double[] ratio) {
    float[] k = quantization.calibration().entry(keyKey, keyChannels).range();
    double unit = 0;
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < depth && keyHead[head] == slot; i++) {
        unit = Math.max(unit, SCORE_MARGIN * k[head * depth + i] * ratio[i] / 127);
      }
    }
    return unit == 0 ? 1 : unit;
  }

  /** Steps of K: one per place. */
  double[] keySteps(Quantization quantization) {
    int slots = max(keyHead) + 1;
    double[] steps = new double[slots * depthPlaces()];
    for (int slot = 0; slot < slots; slot++) {
      double[] ratio = ratios(quantization, slot);
      double unit = keyUnit(quantization, slot, ratio);
      for (int i = 0; i < depth; i++) {
        steps[slot * depthPlaces() + i] = unit / ratio[i];
      }
    }
    return steps;
  }

  /**
   * What is taken from K, one per place: the mean of each channel. It adds the same to all scores
   * of a query, which SoftMax does not see, and what remains is rounded less.
   */
  float[] keyCenters(Quantization quantization) {
    float[] center = center(quantization, keyKey, keyChannels);
    float[] centers = new float[(max(keyHead) + 1) * depthPlaces()];
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < depth; i++) {
        centers[keyHead[head] * depthPlaces() + i] = center[head * depth + i];
      }
    }
    return centers;
  }

  /** What is taken from V, one per place, and added to the result, whose weights sum to one. */
  float[] valueCenters(Quantization quantization) {
    float[] center = center(quantization, valueKey, valueChannels);
    float[] centers = new float[(max(valueHead) + 1) * widthPlaces()];
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < width; i++) {
        centers[valueHead[head] * widthPlaces() + valuePlace(i)] = center[head * width + i];
      }
    }
    return centers;
  }

  /** What is added to the result, one per place. */
  float[] resultCenters(Quantization quantization) {
    float[] center = center(quantization, valueKey, valueChannels);
    float[] centers = new float[heads * widthPlaces()];
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < width; i++) {
        centers[head * widthPlaces() + i] = center[head * width + i];
      }
    }
    return centers;
  }

  private static float[] center(Quantization quantization, String key, int channels) {
    float[] center = quantization.calibration().entry(key, channels).center();
    if (center == null) {
      throw new CalibrationException("calibration entry `" + key + "` needs a center");
    }
    return center;
  }

  private static int max(int[] values) {
    return java.util.Arrays.stream(values).max().orElse(0);
  }

  /** Real value of one unit of a score's sum, times the scale, in units of ln 2. */
  double scoreScale(Quantization quantization, int head) {
    double[] ratio = ratios(quantization, keyHead[head]);
    float[] q = quantization.calibration().entry(queryKey, heads * depth).range();
    return queryUnit(quantization, head, q, ratio)
        * keyUnit(quantization, keyHead[head], ratio)
        * scale
        / Math.log(2);
  }

  /**
   * Largest code of V: less than 127 where a row of weights would otherwise have to be coarse,
   * since its sum times this must not leave the accumulator.
   */
  int largestValue(Quantization quantization) {
    return (int) Math.min(127, quantization.sumRange() / (4.0 * keys));
  }

  /** Largest sum of the weights of a row with which no sum can leave the accumulator. */
  int weightLimit(Quantization quantization) {
    double limit = (quantization.sumRange() - 1) / largestValue(quantization);
    return (int) Math.min(limit, 127.0 * keys);
  }

  /** Largest magnitude of a head's scores that calibration saw, in units of ln 2, with a margin. */
  double scoreRange(Quantization quantization, int head) {
    float[] scores = quantization.calibration().entry(scoreKey, scoreChannels).range();
    return 1.25 * scores[head % scoreChannels] * scale / Math.log(2);
  }

  /** Steps of V: one per place. */
  double[] valueSteps(Quantization quantization) {
    Calibration calibration = quantization.calibration();
    float[] range = calibration.entry(valueKey, valueChannels).range();
    int slots = max(valueHead) + 1;
    double[] steps = new double[slots * widthPlaces()];
    int largest = largestValue(quantization);
    double all = 0;
    for (float value : range) {
      all = Math.max(all, value);
    }
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < width; i++) {
        double top = calibration.options().perChannelWeights() ? range[head * width + i] : all;
        steps[valueHead[head] * widthPlaces() + valuePlace(i)] =
            top == 0 ? 1 : VALUE_MARGIN * top / largest;
      }
    }
    return steps;
  }

  /** Factor of each place of the result, a mean of codes of V. */
  float[] resultFactors(Quantization quantization) {
    Codes codes = java.util.Objects.requireNonNull(value);
    double[] steps = codes.steps(quantization);
    float[] factors = new float[heads * widthPlaces()];
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < widthPlaces(); i++) {
        factors[head * widthPlaces() + i] =
            (float) steps[valueHead[head] * widthPlaces() + valuePlace(i)];
      }
    }
    return factors;
  }
}
