package org.tataa.lower;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.quant.Calibration;
import org.tataa.quant.CalibrationException;
import org.tataa.quant.CalibrationRequest;

/**
 * Ranges of values, as calibration measured them. Before there is a calibration every range is 1,
 * and what was asked for is noted: lowering a graph once that way tells what must be measured.
 */
final class Ranges {
  /** Whether only what is asked for is wanted, not the weights either. */
  final boolean areAsked;

  private final @Nullable Calibration calibration;
  private final Map<String, CalibrationRequest> requests = new LinkedHashMap<>();
  private final Map<String, float[]> weightRanges = new LinkedHashMap<>();
  private final Map<String, Double> shares = new LinkedHashMap<>();

  private Ranges(@Nullable Calibration calibration, boolean areAsked) {
    this.calibration = calibration;
    this.areAsked = areAsked;
  }

  /** Ranges of a calibration; without it all are 1. */
  static Ranges of(@Nullable Calibration calibration) {
    return new Ranges(calibration, false);
  }

  /** Ranges of 1, to find out what is asked for. */
  static Ranges asked() {
    return new Ranges(null, true);
  }

  /** What is known of a value. */
  Calibration.Entry entry(CalibrationRequest request, int channels) {
    requests.putIfAbsent(request.key(), request);
    if (calibration != null) {
      return calibration.entry(request.key(), channels);
    }
    float[] ones = new float[channels];
    Arrays.fill(ones, 1);
    return new Calibration.Entry(ones, 1.0, ones, new float[channels]);
  }

  /** Notes the weights each channel of a product's operand meets. */
  void meets(String value, float[] largestWeights, double share) {
    float[] known = weightRanges.computeIfAbsent(value, key -> new float[largestWeights.length]);
    for (int i = 0; i < known.length; i++) {
      known[i] = Math.max(known[i], largestWeights[i]);
    }
    shares.put(value, share);
  }

  /** Steps of the codes of a product's operand, one per channel of its last axis. */
  double[] steps(String value, int rank, int channels) {
    CalibrationRequest request = CalibrationRequest.range(value, rank - 1);
    Calibration.Entry entry = entry(request, channels);
    float[] migration = entry.migration();
    Double scale = entry.scale();
    if (migration == null || scale == null) {
      throw new CalibrationException(
          "calibration entry `" + request.key() + "` needs a scale and a migration");
    }
    double[] steps = new double[channels];
    for (int i = 0; i < channels; i++) {
      steps[i] = scale * migration[i];
    }
    return steps;
  }

  /** All that was asked for, with what the weights of products want. */
  List<CalibrationRequest> requests() {
    Map<String, CalibrationRequest> all = new LinkedHashMap<>(requests);
    for (CalibrationRequest request : requests.values()) {
      float[] weights = weightRanges.get(request.value());
      boolean isOperand =
          request.around() == CalibrationRequest.Around.ZERO && request.product() == null;
      if (weights != null && isOperand && request.channelAxes().length == 1) {
        all.put(
            request.key(),
            new CalibrationRequest(
                request.value(),
                request.channelAxes(),
                weights,
                shares.getOrDefault(request.value(), 0.0),
                CalibrationRequest.Around.ZERO,
                null));
      }
    }
    return new ArrayList<>(all.values());
  }
}
