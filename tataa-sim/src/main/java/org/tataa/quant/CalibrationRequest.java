package org.tataa.quant;

import org.jspecify.annotations.Nullable;

/**
 * What the compiler wants to know of a value.
 *
 * @param value its name
 * @param channelAxes axes whose positions are channels, in order; the others are samples
 * @param weightRange largest magnitude of the weights each channel meets, for values that become
 *     int8 codes of a matrix product; null if only ranges are wanted
 * @param migration share of the range that moves into the weights
 * @param around what the range is wanted around
 */
@SuppressWarnings("ArrayRecordComponent")
public record CalibrationRequest(
    String value,
    int[] channelAxes,
    float @Nullable [] weightRange,
    double migration,
    Around around) {
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
    return new CalibrationRequest(value, channelAxes, null, 0, Around.ZERO);
  }

  /** A request for ranges around the mean. */
  public static CalibrationRequest centred(String value, int... channelAxes) {
    return new CalibrationRequest(value, channelAxes, null, 0, Around.CHANNEL);
  }

  /** A request for ranges around the mean of each row. */
  public static CalibrationRequest aroundRows(String value, int... channelAxes) {
    return new CalibrationRequest(value, channelAxes, null, 0, Around.ROW);
  }

  /** Name in a calibration file. */
  public String key() {
    StringBuilder key = new StringBuilder(value).append('@');
    for (int i = 0; i < channelAxes.length; i++) {
      key.append(i == 0 ? "" : ",").append(channelAxes[i]);
    }
    return key.append(around.suffix).toString();
  }
}
