package org.tataa.lower;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;
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
  private final Map<String, Set<NdTensor>> weights = new LinkedHashMap<>();
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

  /**
   * Notes the weights a product's operand meets.
   *
   * @param matrix a row for each channel of the operand
   */
  void meets(String value, NdTensor matrix, double share) {
    weights.computeIfAbsent(value, key -> new LinkedHashSet<>()).add(matrix);
    shares.put(value, share);
  }

  // The largest weight each channel of an operand meets.
  private static float[] largest(Set<NdTensor> matrices) {
    float[] largest = new float[matrices.iterator().next().dim(0)];
    for (NdTensor matrix : matrices) {
      float[] w = matrix.floats();
      int out = matrix.dim(1);
      for (int row = 0; row < largest.length; row++) {
        float most = largest[row];
        for (int i = row * out; i < (row + 1) * out; i++) {
          most = Math.max(most, Math.abs(w[i]));
        }
        largest[row] = most;
      }
    }
    return largest;
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

  /** Means of a product's operand, one per channel of its last axis; 0 where they are not known. */
  float[] mean(String value, int[] shape) {
    int channels = shape[shape.length - 1];
    float[] center = entry(CalibrationRequest.range(value, shape.length - 1), channels).center();
    return center == null ? new float[channels] : center;
  }

  /** Keys of all that was asked for. */
  Set<String> keys() {
    return Set.copyOf(requests.keySet());
  }

  /** All that was asked for, with what the weights of products want. */
  List<CalibrationRequest> requests() {
    Map<String, CalibrationRequest> all = new LinkedHashMap<>(requests);
    for (CalibrationRequest request : requests.values()) {
      Set<NdTensor> met = weights.get(request.value());
      boolean isOperand =
          request.around() == CalibrationRequest.Around.ZERO && request.product() == null;
      if (met != null && isOperand && request.channelAxes().length == 1) {
        all.put(
            request.key(),
            new CalibrationRequest(
                request.value(),
                request.channelAxes(),
                largest(met),
                shares.getOrDefault(request.value(), 0.0),
                CalibrationRequest.Around.ZERO,
                null));
      }
    }
    return new ArrayList<>(all.values());
  }
}
