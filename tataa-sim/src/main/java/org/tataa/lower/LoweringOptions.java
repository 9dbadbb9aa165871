package org.tataa.lower;

import java.util.Map;
import java.util.Set;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.quant.QuantizationOptions;

/**
 * What lowering depends on beside the graph.
 *
 * @param config machine: instruction set and accumulator
 * @param quantization how products are quantised
 * @param approximations name of an approximation by function ({@code Gelu}) or value ({@code
 *     Gelu@name})
 * @param disabled names of passes that are left out, of {@link #ATTENTION} and {@link #KEY_CODES}
 * @param rangeScaling whether sums are planned for a 16-bit accumulator if the machine has one
 */
public record LoweringOptions(
    TataaConfig config,
    QuantizationOptions quantization,
    Map<String, String> approximations,
    Set<String> disabled,
    boolean rangeScaling) {
  /** Attention as a whole: shared scales, centred operands, weights of up to 127. */
  public static final String ATTENTION = "attention";

  /** Codes of keys straight from the sums of their projection. */
  public static final String KEY_CODES = "key-codes";

  private static final int PACKED_RANGE = 1 << 18;

  /** Takes copies. */
  public LoweringOptions {
    approximations = Map.copyOf(approximations);
    disabled = Set.copyOf(disabled);
  }

  /** Name of the approximation of a function for a value; empty for the default. */
  public String approximation(String function, String value) {
    return approximations.getOrDefault(
        function + "@" + value, approximations.getOrDefault(function, ""));
  }

  boolean isExtended() {
    return config.profiles().isa() == IsaProfile.EXTENDED;
  }

  boolean isEnabled(String pass) {
    return !disabled.contains(pass);
  }

  /** Magnitude that a sum must stay below to be read out as it is. */
  double sumRange() {
    return switch (config.profiles().accumulator()) {
      case PACKED_FULL -> PACKED_RANGE;
      case PACKED_INT16 -> rangeScaling ? 1 << 15 : PACKED_RANGE;
      case INT32 -> Integer.MAX_VALUE;
    };
  }

  /**
   * Largest sum that may be planned for, as calibration saw it. Of the 16-bit range at most half is
   * used: a wrapped sum costs more than the resolution of the codes.
   */
  double sumLimit() {
    double headroom = quantization.headroom();
    boolean isNarrow =
        rangeScaling && config.profiles().accumulator() == AccumulatorKind.PACKED_INT16;
    return sumRange() * (isNarrow ? Math.min(0.5, headroom) : headroom);
  }
}
