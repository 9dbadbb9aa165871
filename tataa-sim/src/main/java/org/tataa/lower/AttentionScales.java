package org.tataa.lower;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.quant.Calibration;
import org.tataa.quant.CalibrationException;
import org.tataa.quant.CalibrationRequest;

/**
 * Steps of the codes of an attention's operands.
 *
 * <p>Q and K share their scale channel by channel, as far as a product allows: a channel's ratio
 * goes one way into Q and the other way into K. K and V are taken around the mean of each channel:
 * the mean of K adds the same to all scores of a query, which SoftMax does not see; that of V is
 * added to the result, whose weights sum to one.
 */
final class AttentionScales {
  /** How far ranges reach beyond what calibration saw: clipping costs more than resolution. */
  private static final double SCORE_MARGIN = 1.15;

  private static final double VALUE_MARGIN = 1.5;

  /** For the error of the reciprocal and of its product with the limit. */
  private static final double WEIGHT_MARGIN = 0.97;

  private final LoweringOptions options;
  private final int heads;
  private final int depth;
  private final int width;
  private final int keys;
  private final int[] slots;
  private final float[] queryRange;
  private final Calibration.Entry key;
  private final Calibration.Entry value;
  private final float[] scoreRange;
  private final boolean hasHeads;
  private final double @Nullable [][] keySteps;

  AttentionScales(
      LoweringContext context, AttentionPattern pattern, String valueName, int[] slots, int keys) {
    keySteps = null;
    options = context.options;
    int[] query = context.shape(pattern.query);
    int[] values = context.shape(valueName);
    int rank = query.length;
    hasHeads = rank >= 3;
    heads = hasHeads ? query[rank - 3] : 1;
    depth = query[rank - 1];
    width = values[rank - 1];
    this.keys = keys;
    this.slots = slots;
    Ranges ranges = context.ranges;
    queryRange =
        ranges
            .entry(CalibrationRequest.range(pattern.query, axes(rank, rank - 1)), heads * depth)
            .range();
    key =
        ranges.entry(CalibrationRequest.centred(pattern.key, axes(rank, rank - 2)), heads * depth);
    value =
        ranges.entry(CalibrationRequest.centred(valueName, axes(rank, rank - 1)), heads * width);
    scoreRange =
        ranges
            .entry(
                CalibrationRequest.aroundRows(
                    pattern.scores, hasHeads ? new int[] {rank - 3} : new int[0]),
                heads)
            .range();
  }

  private AttentionScales(AttentionScales from, double[][] keySteps) {
    this.keySteps = keySteps;
    options = from.options;
    heads = from.heads;
    depth = from.depth;
    width = from.width;
    keys = from.keys;
    slots = from.slots;
    queryRange = from.queryRange;
    key = from.key;
    value = from.value;
    scoreRange = from.scoreRange;
    hasHeads = from.hasHeads;
  }

  /** These scales with the steps of K that keys as sums give. */
  AttentionScales with(DirectKeys direct) {
    return new AttentionScales(this, direct.steps());
  }

  private int[] axes(int rank, int feature) {
    return hasHeads ? new int[] {rank - 3, feature} : new int[] {feature};
  }

  private static float[] center(Calibration.Entry entry, String what) {
    float[] center = entry.center();
    if (center == null) {
      throw new CalibrationException("calibration entry of " + what + " needs a center");
    }
    return center;
  }

  /** Mean of channel i of a head of K. */
  float keyCenter(int head, int i) {
    return center(key, "K")[head * depth + i];
  }

  /** Mean of channel i of a head of V. */
  float valueCenter(int head, int i) {
    return center(value, "V")[head * width + i];
  }

  /** Number of different keys. */
  int slots() {
    return Arrays.stream(slots).max().orElse(0) + 1;
  }

  /** Largest magnitude of each channel of the queries that meet the keys of a slot. */
  double[] queryRanges(int slot) {
    double[] ranges = new double[depth];
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < depth && slots[head] == slot; i++) {
        ranges[i] = Math.max(ranges[i], queryRange[head * depth + i]);
      }
    }
    return ranges;
  }

  /** Largest distance of each channel of the keys of a slot from their mean. */
  double[] keyRanges(int slot) {
    double[] ranges = new double[depth];
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < depth && slots[head] == slot; i++) {
        ranges[i] = Math.max(ranges[i], key.range()[head * depth + i]);
      }
    }
    return ranges;
  }

  /** Largest distance of each channel of the keys of a slot from a bias. */
  double[] keyRanges(int slot, float[] bias) {
    double[] ranges = keyRanges(slot);
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < depth && slots[head] == slot; i++) {
        double range = key.range()[head * depth + i] + Math.abs(keyCenter(head, i) - bias[i]);
        ranges[i] = Math.max(ranges[i], range);
      }
    }
    return ranges;
  }

  // Channel i of Q is divided by, and of K multiplied by, a ratio that gives both the same range.
  private double[] ratios(int slot) {
    return keySteps == null ? ratios(queryRanges(slot), keyRanges(slot)) : inverses(keySteps[slot]);
  }

  static double[] ratios(double[] query, double[] key) {
    double[] ratio = new double[query.length];
    Arrays.setAll(ratio, i -> query[i] > 0 && key[i] > 0 ? Math.sqrt(query[i] / key[i]) : 1);
    return ratio;
  }

  static double[] inverses(double[] ratios) {
    return Arrays.stream(ratios).map(ratio -> 1 / ratio).toArray();
  }

  /** The least unit of steps with which codes hold ranges in steps of unit times ratio. */
  static double unit(double[] ranges, double[] ratio) {
    double unit = 0;
    for (int i = 0; i < ranges.length; i++) {
      unit = Math.max(unit, SCORE_MARGIN * ranges[i] / ratio[i] / 127);
    }
    return unit == 0 ? 1 : unit;
  }

  // Steps of Q relative to the ratios; the same for all heads that share a K.
  private double queryUnit(int slot) {
    double unit = unit(queryRanges(slot), ratios(slot));
    double largest = 0;
    for (int head = 0; head < heads; head++) {
      if (slots[head] == slot) {
        largest = Math.max(largest, scoreRange[head]);
      }
    }
    double sum = largest / (unit * keyUnit(slot));
    return unit * Math.max(1, sum / options.sumLimit());
  }

  private double keyUnit(int slot) {
    return keySteps == null ? unit(keyRanges(slot), inverses(ratios(slot))) : 1;
  }

  /** Steps of the channels of a head of Q. */
  double[] query(int head) {
    double unit = queryUnit(slots[head]);
    return Arrays.stream(ratios(slots[head])).map(ratio -> unit * ratio).toArray();
  }

  /** Steps of the channels of a head of K. */
  double[] key(int head) {
    double unit = keyUnit(slots[head]);
    return Arrays.stream(ratios(slots[head])).map(ratio -> unit / ratio).toArray();
  }

  /** Real value of one unit of a score's sum, without the attention's scale, of a slot. */
  double scoreUnit(int slot) {
    return queryUnit(slot) * keyUnit(slot);
  }

  /**
   * Largest code of V: less than 127 where a row of weights would otherwise have to be coarse,
   * since its sum times this must not leave the accumulator.
   */
  private int largestValue() {
    return (int) Math.min(127, options.sumRange() / (4.0 * keys));
  }

  /** Steps of the channels of a head of V. */
  double[] value(int head) {
    double all = 0;
    for (float range : value.range()) {
      all = Math.max(all, range);
    }
    double[] steps = new double[width];
    for (int i = 0; i < width; i++) {
      double top =
          options.quantization().perChannelWeights() ? value.range()[head * width + i] : all;
      steps[i] = top == 0 ? 1 : VALUE_MARGIN * top / largestValue();
    }
    return steps;
  }

  /** Largest score that is expected, without the attention's scale. */
  double largestScore() {
    double largest = 0;
    for (float score : scoreRange) {
      largest = Math.max(largest, 1.25 * score);
    }
    return largest;
  }

  /** Largest sum of the weights of a row, each of which may be rounded up by a half. */
  double weightTarget() {
    double limit = Math.min((options.sumRange() - 1) / largestValue(), 127.0 * keys);
    return WEIGHT_MARGIN * (Math.floor(limit) - Math.floor(keys / 2.0));
  }
}
