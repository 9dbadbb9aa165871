package org.tataa.quant;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tataa.graph.Evaluator;
import org.tataa.graph.NdTensor;
import org.tataa.numeric.Bfloat16;

/**
 * Executes samples in float32 and watches values: first their ranges per channel, then, for values
 * that become codes, how their magnitudes are distributed after migration.
 */
public final class Calibrator {
  /** Executes samples. */
  public interface Samples {
    /** Number of samples. */
    int size();

    /** Executes one sample in float32 and shows its values. */
    void run(int sample, Evaluator.Observer observer);
  }

  /** Hears how far it is. */
  public interface Progress {
    /** Some of all steps are done. */
    void done(int steps, int of);
  }

  /** Masked scores, which are no part of a range, are at least this large. */
  private static final float MASKED = 1e9f;

  private static final int BINS = 2048;
  private static final int LEVELS = 127;

  /** What has been seen of one value. */
  private static final class Watch {
    private final CalibrationRequest request;
    private float[] range = {};
    private float[] low = {};
    private float[] high = {};
    private double[] sum = {};
    private long[] seen = {};
    private float[] migration = {};
    private final float[] histogram = new float[BINS];

    Watch(CalibrationRequest request) {
      this.request = request;
    }

    private void range(NdTensor value) {
      CalibrationRequest.Product product = request.product();
      if (product != null) {
        sums(value.floats(), product.matrix(), product.depth());
        return;
      }
      int[] channels = channels(value, request.channelAxes());
      float[] data =
          request.around() == CalibrationRequest.Around.ROW ? aroundRows(value) : value.floats();
      int count = 1;
      for (int axis : request.channelAxes()) {
        count *= value.dim(axis);
      }
      if (range.length == 0) {
        range = new float[count];
        low = new float[count];
        high = new float[count];
        sum = new double[count];
        seen = new long[count];
        Arrays.fill(low, Float.POSITIVE_INFINITY);
        Arrays.fill(high, Float.NEGATIVE_INFINITY);
      }
      if (range.length != count) {
        throw new CalibrationException(
            "value `"
                + request.value()
                + "` has "
                + range.length
                + " channels in one sample and "
                + count
                + " in another");
      }
      for (int i = 0; i < data.length; i++) {
        float magnitude = Math.abs(data[i]);
        if (magnitude < MASKED) {
          int channel = channels[i];
          range[channel] = Math.max(range[channel], magnitude);
          low[channel] = Math.min(low[channel], data[i]);
          high[channel] = Math.max(high[channel], data[i]);
          sum[channel] += data[i];
          seen[channel]++;
        }
      }
    }

    private void sums(float[] data, NdTensor matrix, int part) {
      int depth = matrix.dim(0);
      int results = matrix.dim(1);
      float[] weights = matrix.floats();
      if (range.length == 0) {
        range = new float[results];
      }
      float[] sums = new float[results];
      for (int row = 0; row < data.length; row += depth) {
        for (int from = 0; from < depth; from += part) {
          Arrays.fill(sums, 0);
          for (int k = from; k < Math.min(depth, from + part); k++) {
            float x = data[row + k];
            for (int o = 0; o < results; o++) {
              sums[o] += x * weights[k * results + o];
            }
          }
          for (int o = 0; o < results; o++) {
            range[o] = Math.max(range[o], Math.abs(sums[o]));
          }
        }
      }
    }

    private static float[] aroundRows(NdTensor value) {
      float[] data = value.floats().clone();
      int length = value.dim(-1);
      for (int row = 0; row < data.length; row += length) {
        double total = 0;
        int open = 0;
        for (int i = row; i < row + length; i++) {
          if (Math.abs(data[i]) < MASKED) {
            total += data[i];
            open++;
          }
        }
        for (int i = row; i < row + length && open > 0; i++) {
          data[i] -= Math.abs(data[i]) < MASKED ? (float) (total / open) : 0;
        }
      }
      return data;
    }

    private float[] mean() {
      float[] mean = new float[range.length];
      for (int i = 0; i < mean.length; i++) {
        mean[i] = seen[i] == 0 ? 0 : (float) (sum[i] / seen[i]);
      }
      return mean;
    }

    private Calibration.Entry centred() {
      float[] center = mean();
      float[] around = new float[range.length];
      for (int i = 0; i < center.length && seen[i] > 0; i++) {
        center[i] = Bfloat16.toFloat(Bfloat16.fromFloat(center[i]));
        around[i] = Math.max(high[i] - center[i], center[i] - low[i]);
      }
      return new Calibration.Entry(around, null, null, center);
    }

    // Channels without range or weights keep the factor 1.
    private void migrate() {
      float[] weights = request.weightRange();
      if (weights == null) {
        return;
      }
      migration = new float[range.length];
      Arrays.fill(migration, 1);
      double share = request.migration();
      for (int i = 0; i < range.length && share > 0; i++) {
        if (range[i] > 0 && weights[i] > 0) {
          double factor = Math.pow(range[i], share) / Math.pow(weights[i], 1 - share);
          migration[i] = (float) Math.min(1e6, Math.max(1e-6, factor));
        }
      }
    }

    private double largest() {
      double top = 0;
      for (int i = 0; i < range.length; i++) {
        top = Math.max(top, (double) range[i] / migration[i]);
      }
      return top;
    }

    private void count(NdTensor value) {
      double top = migration.length == 0 ? 0 : largest();
      if (top == 0) {
        return;
      }
      int[] channels = channels(value, request.channelAxes());
      float[] data = value.floats();
      float[] factor = new float[migration.length];
      for (int i = 0; i < factor.length; i++) {
        factor[i] = (float) (BINS / (top * migration[i]));
      }
      for (int i = 0; i < data.length; i++) {
        int bin = (int) (Math.abs(data[i]) * factor[channels[i]]);
        histogram[Math.min(BINS - 1, bin)]++;
      }
    }
  }

  private final QuantizationOptions options;
  private final Map<String, Watch> watches = new LinkedHashMap<>();
  private final Map<String, List<Watch>> byValue = new HashMap<>();

  /** A calibrator for some values. */
  public Calibrator(QuantizationOptions options, List<CalibrationRequest> requests) {
    this.options = options;
    for (CalibrationRequest request : requests) {
      Watch watch = new Watch(request);
      if (watches.putIfAbsent(request.key(), watch) == null) {
        byValue.computeIfAbsent(request.value(), key -> new ArrayList<>()).add(watch);
      }
    }
  }

  /**
   * Calibrates.
   *
   * @throws CalibrationException if there are no samples, or a value was never seen
   */
  public Calibration calibrate(String model, Samples samples, Progress progress) {
    if (samples.size() == 0) {
      throw new CalibrationException("calibration of " + model + " needs at least one sample");
    }
    boolean needsHistograms = options.observer() != RangeObserver.MIN_MAX;
    int steps = samples.size() * (needsHistograms ? 2 : 1);
    for (int i = 0; i < samples.size(); i++) {
      samples.run(
          i, (name, value) -> byValue.getOrDefault(name, List.of()).forEach(w -> w.range(value)));
      progress.done(i + 1, steps);
    }
    for (Watch watch : watches.values()) {
      if (watch.range.length == 0) {
        throw new CalibrationException(
            "calibration of " + model + ": value `" + watch.request.value() + "` never appeared");
      }
      watch.migrate();
    }
    for (int i = 0; i < samples.size() && needsHistograms; i++) {
      samples.run(
          i, (name, value) -> byValue.getOrDefault(name, List.of()).forEach(w -> w.count(value)));
      progress.done(samples.size() + i + 1, steps);
    }
    Map<String, Calibration.Entry> entries = new LinkedHashMap<>();
    watches.forEach((key, watch) -> entries.put(key, entry(watch)));
    return new Calibration(model, options, samples.size(), entries);
  }

  private Calibration.Entry entry(Watch watch) {
    if (watch.request.around() == CalibrationRequest.Around.CHANNEL) {
      return watch.centred();
    }
    if (watch.request.weightRange() == null) {
      return new Calibration.Entry(watch.range, null, null, null);
    }
    double limit = watch.largest() * limit(watch.histogram);
    return new Calibration.Entry(
        watch.range,
        limit > 0 ? limit / LEVELS : 1.0 / LEVELS,
        watch.migration,
        options.correctsBias() ? watch.mean() : null);
  }

  private static int[] channels(NdTensor value, int[] axes) {
    int[] result = new int[value.size()];
    int repeat = 1;
    int[] stride = new int[value.rank()];
    int next = 1;
    for (int i = axes.length - 1; i >= 0; i--) {
      stride[axes[i]] = next;
      next *= value.dim(axes[i]);
    }
    for (int axis = value.rank() - 1; axis >= 0; axis--) {
      int size = value.dim(axis);
      for (int i = 0; i < result.length && stride[axis] > 0; i++) {
        result[i] += i / repeat % size * stride[axis];
      }
      repeat *= size;
    }
    return result;
  }

  /** The limit as a share of the largest magnitude. */
  private double limit(float[] histogram) {
    return switch (options.observer()) {
      case MIN_MAX -> 1;
      case PERCENTILE -> percentile(histogram);
      case MSE -> leastSquares(histogram);
      case ENTROPY -> entropy(histogram);
    };
  }

  private double percentile(float[] histogram) {
    double total = 0;
    for (float count : histogram) {
      total += count;
    }
    double seen = 0;
    for (int bin = 0; bin < BINS; bin++) {
      seen += histogram[bin];
      if (seen >= total * options.percentile() / 100) {
        return (bin + 1.0) / BINS;
      }
    }
    return 1;
  }

  private static double leastSquares(float[] histogram) {
    double best = Double.MAX_VALUE;
    double limit = 1;
    for (int candidate = 100; candidate >= 20; candidate--) {
      double step = candidate / 100.0 / LEVELS;
      double error = 0;
      for (int bin = 0; bin < BINS; bin++) {
        double value = (bin + 0.5) / BINS;
        double code = Math.min(LEVELS, Math.rint(value / step));
        double difference = value - code * step;
        double square = difference * difference;
        error += histogram[bin] * square;
      }
      if (error < best) {
        best = error;
        limit = candidate / 100.0;
      }
    }
    return limit;
  }

  // Codes group the bins below the limit; what lies above joins the last code.
  private static double entropy(float[] histogram) {
    double best = Double.MAX_VALUE;
    double limit = 1;
    for (int bins = BINS; bins >= BINS / 5; bins -= BINS / 64) {
      double[] reference = new double[bins];
      double total = 0;
      for (int bin = 0; bin < BINS; bin++) {
        reference[Math.min(bins - 1, bin)] += histogram[bin];
        total += histogram[bin];
      }
      double divergence = 0;
      for (int level = 0; level <= LEVELS; level++) {
        int from = (int) Math.max(0, Math.floor((level - 0.5) * bins / LEVELS));
        int to = (int) Math.min(bins, Math.floor((level + 0.5) * bins / LEVELS));
        double sum = 0;
        int filled = 0;
        for (int bin = from; bin < to; bin++) {
          sum += histogram[bin];
          filled += histogram[bin] > 0 ? 1 : 0;
        }
        for (int bin = from; bin < to; bin++) {
          if (reference[bin] > 0) {
            double p = reference[bin] / total;
            double q = Math.max(1e-12, filled > 0 && histogram[bin] > 0 ? sum / filled / total : 0);
            divergence += p * Math.log(p / q);
          }
        }
      }
      if (divergence < best) {
        best = divergence;
        limit = (double) bins / BINS;
      }
    }
    return limit;
  }
}
