package org.tataa.compiler;

import java.util.Map;
import org.tataa.config.AccumulatorKind;
import org.tataa.quant.Calibration;

/**
 * Calibration and the accumulator's range: all that scales depend on.
 *
 * @param calibration ranges and steps
 * @param accumulator how sums are read out
 * @param weights what was quantised already
 */
record Quantization(
    Calibration calibration, AccumulatorKind accumulator, Map<Object, Weights.Quantised> weights) {
  /** Magnitude that a sum must stay below to be read out as it is. */
  double sumRange() {
    return switch (accumulator) {
      case PACKED_FULL -> 1 << 18;
      case PACKED_INT16 -> 1 << 15;
      case INT32 -> Integer.MAX_VALUE;
    };
  }

  /**
   * Largest sum that may be planned for, as calibration saw it. Of the 16-bit range at most half is
   * used: a wrapped sum costs more than the resolution of the codes.
   */
  double sumLimit() {
    double headroom = calibration.options().headroom();
    boolean isNarrow = accumulator == AccumulatorKind.PACKED_INT16;
    return sumRange() * (isNarrow ? Math.min(0.5, headroom) : headroom);
  }
}
