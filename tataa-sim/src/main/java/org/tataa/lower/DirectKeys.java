package org.tataa.lower;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.Node;
import org.tataa.tensor.Scale;

/**
 * Keys whose codes are their projection's sums, requantised with one scale as they leave the array:
 * no vector operation and no pass over memory.
 *
 * <p>Their bias adds the same to all scores of a query, which SoftMax does not see, so it is left
 * out. A channel's step is then the factor of its weights over the scale. Factors may be larger
 * than weights need, steps larger than codes need: the scale is the one with the least error of
 * scores. Where that, squared, is more than {@value #MOST_ERROR} times that of keys scaled channel
 * by channel, keys stay as they were.
 *
 * @param scale from sums to codes
 * @param least of the factors of the weights, {@code [slot * depth + channel]}
 * @param steps of the codes, {@code [slot][channel]}
 */
@SuppressWarnings("ArrayRecordComponent")
record DirectKeys(Scale scale, float[] least, double[][] steps) {
  /** How much more error, squared, is accepted. */
  private static final double MOST_ERROR = 2;

  /** Root mean square of the codes that weights meet, about. */
  private static final double CODE = 16;

  /** Scales that are tried, of those at which a channel's weights and codes are both fine. */
  private static final int TRIED = 64;

  /**
   * Finds a scale.
   *
   * @return null if keys are no product with constant weights, a block's rows are no words of the
   *     machine, or codes would be too coarse
   */
  static @Nullable DirectKeys find(
      LoweringContext context, AttentionOperand keys, AttentionScales scales) {
    Node projection = keys.projection();
    if (projection == null
        || !context.options.isEnabled(LoweringOptions.KEY_CODES)
        || !context.options.config().canTranspose()
        || !LinearLowering.isWhole(context, projection)) {
      return null;
    }
    int[] channels = keys.channels();
    float[] factors =
        LinearLowering.weights(context, projection, channels, keys.name(), null).factor();
    float[] bias = LinearLowering.bias(context, projection);
    Study study = new Study(scales, channels, factors, bias, context.shape(projection.input(0)));
    Scale best = study.best();
    return best != null && study.error(best) <= MOST_ERROR * study.usual()
        ? study.keys(best)
        : null;
  }

  /** What a scale costs. */
  private static final class Study {
    private final float[] factors;
    private final int depth;
    private final double[][] query;
    private final double[][] own;
    private final double[][] around;
    private final double weightError;

    Study(
        AttentionScales scales,
        int[] channels,
        float[] factors,
        float @Nullable [] bias,
        int[] operand) {
      this.factors = factors;
      int slots = scales.slots();
      depth = channels.length / slots;
      query = new double[slots][];
      own = new double[slots][];
      around = new double[slots][];
      for (int slot = 0; slot < slots; slot++) {
        float[] part = new float[depth];
        for (int i = 0; i < depth && bias != null; i++) {
          part[i] = bias[channels[slot * depth + i]];
        }
        query[slot] = scales.queryRanges(slot);
        own[slot] = scales.keyRanges(slot);
        around[slot] = scales.keyRanges(slot, part);
      }
      double sums = CODE * Math.sqrt(operand[operand.length - 1]);
      weightError = sums * sums;
    }

    // Steps with which codes of a slot hold the ranges, as Q allows them.
    private double[] wanted(int slot, double[][] ranges) {
      double[] inverses =
          AttentionScales.inverses(AttentionScales.ratios(query[slot], ranges[slot]));
      double unit = AttentionScales.unit(ranges[slot], inverses);
      return Arrays.stream(inverses).map(inverse -> unit * inverse).toArray();
    }

    private double[] factors(int slot, double scale) {
      double[] wanted = wanted(slot, around);
      double[] result = new double[depth];
      Arrays.setAll(
          result, i -> Weights.above(Math.max(factors[slot * depth + i], scale * wanted[i])));
      return result;
    }

    // Of scores, squared: roundings of keys, of weights and of queries.
    private double error(int slot, double[] steps, double[] weights, double[][] ranges) {
      double unit = AttentionScales.unit(query[slot], AttentionScales.inverses(steps));
      double error = 0;
      for (int i = 0; i < depth; i++) {
        double q = query[slot][i];
        double k = ranges[slot][i];
        error += q * q * (steps[i] * steps[i] + weightError * weights[i] * weights[i]);
        error += k * k * unit * unit / (steps[i] * steps[i]);
      }
      return error;
    }

    double error(Scale scale) {
      double error = 0;
      for (int slot = 0; slot < query.length; slot++) {
        double[] factors = factors(slot, scale.value());
        double[] steps = Arrays.stream(factors).map(factor -> factor / scale.value()).toArray();
        error += error(slot, steps, factors, around);
      }
      return error;
    }

    // Of keys with factors of their own.
    double usual() {
      double error = 0;
      for (int slot = 0; slot < query.length; slot++) {
        double[] part = new double[depth];
        int first = slot * depth;
        Arrays.setAll(part, i -> factors[first + i]);
        error += error(slot, wanted(slot, own), part, own);
      }
      return error;
    }

    // Null if ranges are not finite.
    @Nullable Scale best() {
      double[] fine = new double[factors.length];
      for (int slot = 0; slot < query.length; slot++) {
        double[] wanted = wanted(slot, around);
        for (int i = 0; i < depth; i++) {
          fine[slot * depth + i] = factors[slot * depth + i] / wanted[i];
        }
      }
      Arrays.sort(fine);
      Scale best = null;
      double least = 0;
      for (int i = 0; i < TRIED; i++) {
        double tried = fine[(int) ((long) i * (fine.length - 1) / (TRIED - 1))];
        if (!(tried > 0)) {
          continue;
        }
        Scale scale = Scale.of(Math.min(1, tried));
        double error = error(scale);
        if (scale.mantissa() > 0 && (best == null || error < least)) {
          best = scale;
          least = error;
        }
      }
      return best;
    }

    DirectKeys keys(Scale scale) {
      float[] least = new float[factors.length];
      double[][] steps = new double[query.length][depth];
      for (int slot = 0; slot < steps.length; slot++) {
        double[] own = factors(slot, scale.value());
        for (int i = 0; i < depth; i++) {
          least[slot * depth + i] = (float) own[i];
          steps[slot][i] = own[i] / scale.value();
        }
      }
      return new DirectKeys(scale, least, steps);
    }
  }
}
