package org.tataa.compiler;

import org.tataa.config.AccumulatorKind;
import org.tataa.quant.Calibration;

/** Calibration and the accumulator's range: all that scales depend on. */
record Quantization(Calibration calibration, AccumulatorKind accumulator) {
  /** Largest sum that may be planned for. */
  double sumLimit() {
    double range =
        switch (accumulator) {
          case PACKED_FULL -> 1 << 18;
          case PACKED_INT16 -> 1 << 15;
          case INT32 -> Integer.MAX_VALUE;
        };
    return range * calibration.options().headroom();
  }
}
