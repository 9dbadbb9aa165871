package org.tataa.quant;

/**
 * How to quantise.
 *
 * @param observer how ranges of activations are chosen
 * @param percentile share for {@link RangeObserver#PERCENTILE}, in percent, above 50 up to 100
 * @param perChannelWeights one step per output channel instead of one per matrix
 * @param migrationAfterNorm share 0..1 of the activations' range that moves into the weights, for
 *     matrices that read a normalisation; 0 for none (SmoothQuant, alpha)
 * @param migrationElsewhere the same for all others
 * @param headroom share of the accumulator's range that sums seen in calibration may use, 0..1
 * @param splitDepth products deeper than this are cut, and their parts converted to bfloat16 and
 *     added there, so that parts can use the accumulator's range; 0 for whole products
 * @param activationCodes int8 codes of each activation that products with weights read: 2 for one
 *     more of what the first has rounded away, at twice the products
 * @param correctsBias whether the bias takes up what rounded weights make of the mean of the
 *     activations (Nagel et al., Data-Free Quantization through Weight Equalization and Bias
 *     Correction, 2019)
 */
public record QuantizationOptions(
    RangeObserver observer,
    double percentile,
    boolean perChannelWeights,
    double migrationAfterNorm,
    double migrationElsewhere,
    double headroom,
    int splitDepth,
    int activationCodes,
    boolean correctsBias) {
  /** Per channel, least square error, migration 0.7 and 0.8. */
  public static final QuantizationOptions DEFAULT =
      new QuantizationOptions(RangeObserver.MSE, 99.99, true, 0.7, 0.8, 0.8, 0, 1, false);

  /** Per tensor, largest magnitude, no migration: the scheme of the TATAA authors. */
  public static final QuantizationOptions PER_TENSOR =
      new QuantizationOptions(RangeObserver.MIN_MAX, 99.99, false, 0, 0, 0.8, 0, 1, false);

  /** Checks the ranges. */
  public QuantizationOptions {
    require(percentile > 50 && percentile <= 100, "percentile", percentile, "above 50 up to 100");
    require(
        migrationAfterNorm >= 0 && migrationAfterNorm <= 1,
        "migrationAfterNorm",
        migrationAfterNorm,
        "0..1");
    require(
        migrationElsewhere >= 0 && migrationElsewhere <= 1,
        "migrationElsewhere",
        migrationElsewhere,
        "0..1");
    require(splitDepth >= 0, "splitDepth", splitDepth, "0 or more");
    require(
        activationCodes == 1 || activationCodes == 2, "activationCodes", activationCodes, "1 or 2");
    require(headroom > 0 && headroom <= 1, "headroom", headroom, "above 0 up to 1");
  }

  private static void require(boolean valid, String name, Number value, String expected) {
    if (!valid) {
      throw new IllegalArgumentException(name + "=" + value + ", expected " + expected);
    }
  }

  /** These choices with another observer. */
  public QuantizationOptions withObserver(RangeObserver value) {
    return new QuantizationOptions(
        value,
        percentile,
        perChannelWeights,
        migrationAfterNorm,
        migrationElsewhere,
        headroom,
        splitDepth,
        activationCodes,
        correctsBias);
  }

  /** These choices with other migration shares. */
  public QuantizationOptions withMigration(double afterNorm, double elsewhere) {
    return new QuantizationOptions(
        observer,
        percentile,
        perChannelWeights,
        afterNorm,
        elsewhere,
        headroom,
        splitDepth,
        activationCodes,
        correctsBias);
  }

  /** These choices with or without steps per output channel. */
  public QuantizationOptions withPerChannelWeights(boolean value) {
    return new QuantizationOptions(
        observer,
        percentile,
        value,
        migrationAfterNorm,
        migrationElsewhere,
        headroom,
        splitDepth,
        activationCodes,
        correctsBias);
  }

  /** These choices with products cut at another depth. */
  public QuantizationOptions withSplitDepth(int value) {
    return new QuantizationOptions(
        observer,
        percentile,
        perChannelWeights,
        migrationAfterNorm,
        migrationElsewhere,
        headroom,
        value,
        activationCodes,
        correctsBias);
  }

  /** These choices with another number of codes of each activation. */
  public QuantizationOptions withActivationCodes(int value) {
    return new QuantizationOptions(
        observer,
        percentile,
        perChannelWeights,
        migrationAfterNorm,
        migrationElsewhere,
        headroom,
        splitDepth,
        value,
        correctsBias);
  }

  /** These choices with or without corrected biases. */
  public QuantizationOptions withBiasCorrection(boolean value) {
    return new QuantizationOptions(
        observer,
        percentile,
        perChannelWeights,
        migrationAfterNorm,
        migrationElsewhere,
        headroom,
        splitDepth,
        activationCodes,
        value);
  }
}
