package org.tataa.quant;

import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;

/**
 * What the compiler wants to know of a value.
 *
 * @param value its name
 * @param channelAxes axes whose positions are channels, in order; the others are samples
 * @param weightRange largest magnitude of the weights each channel meets, for values that become
 *     int8 codes of a matrix product; null if only ranges are wanted
 * @param migration share of the range that moves into the weights
 * @param around what the range is wanted around
 * @param product whose partial sums are wanted, or null for the value itself
 */
@SuppressWarnings("ArrayRecordComponent")
public record CalibrationRequest(
    String value,
    int[] channelAxes,
    float @Nullable [] weightRange,
    double migration,
    Around around,
    @Nullable Product product) {
  /**
   * A product whose partial sums are wanted instead of the value itself.
   *
   * @param name of the product
   * @param matrix weights {@code [features][results]}; the channels are the results
   * @param depth features of a part
   */
  public record Product(String name, NdTensor matrix, int depth) {}

  /** What values are taken relative to. */
  public enum Around {
    /** Zero. */
    ZERO(""),
    /** The mean of each channel. */
    CHANNEL(" centred"),
    /** The mean of each row, a row being along the last axis. */
    ROW(" around rows");

    private final String suffix;

    Around(String suffix) {
      this.suffix = suffix;
    }
  }

  /** A request for ranges only. */
  public static CalibrationRequest range(String value, int... channelAxes) {
    return new CalibrationRequest(value, channelAxes, null, 0, Around.ZERO, null);
  }

  /** A request for ranges around the mean. */
  public static CalibrationRequest centred(String value, int... channelAxes) {
    return new CalibrationRequest(value, channelAxes, null, 0, Around.CHANNEL, null);
  }

  /** A request for ranges around the mean of each row. */
  public static CalibrationRequest aroundRows(String value, int... channelAxes) {
    return new CalibrationRequest(value, channelAxes, null, 0, Around.ROW, null);
  }

  /** A request for the ranges of the partial sums of a product of a value's last axis. */
  public static CalibrationRequest sums(String value, int axis, Product product) {
    return new CalibrationRequest(value, new int[] {axis}, null, 0, Around.ZERO, product);
  }

  /** Name in a calibration file. */
  public String key() {
    StringBuilder key = new StringBuilder(value).append('@');
    for (int i = 0; i < channelAxes.length; i++) {
      key.append(i == 0 ? "" : ",").append(channelAxes[i]);
    }
    if (product != null) {
      key.append(" sums of ").append(product.depth()).append(" in ").append(product.name());
    }
    return key.append(around.suffix).toString();
  }
}
