package org.tataa.compiler;

import java.util.Map;
import org.tataa.quant.QuantizationOptions;

/**
 * Choices of the compiler.
 *
 * @param quantization how to quantise
 * @param approximations name of an approximation by function ({@code Gelu}) or by value ({@code
 *     Gelu@name}); the exponential of attention is {@code Softmax}
 * @param rangeScaling whether operands are scaled down until the sums calibration saw fit a 16-bit
 *     accumulator; without it they use all of their 8 bits, and sums may wrap
 */
public record CompilerOptions(
    QuantizationOptions quantization, Map<String, String> approximations, boolean rangeScaling) {
  /** Default quantisation and approximations. */
  public static final CompilerOptions DEFAULT =
      new CompilerOptions(QuantizationOptions.DEFAULT, Map.of(), true);

  /** Takes a copy. */
  public CompilerOptions {
    approximations = Map.copyOf(approximations);
  }

  /** Name of the approximation of a function for a value; empty for the default. */
  public String approximation(String function, String value) {
    return approximations.getOrDefault(
        function + "@" + value, approximations.getOrDefault(function, ""));
  }

  /** These choices with another quantisation. */
  public CompilerOptions withQuantization(QuantizationOptions value) {
    return new CompilerOptions(value, approximations, rangeScaling);
  }

  /** These choices with other approximations. */
  public CompilerOptions withApproximations(Map<String, String> value) {
    return new CompilerOptions(quantization, value, rangeScaling);
  }

  /** These choices with or without operands scaled to a 16-bit accumulator. */
  public CompilerOptions withRangeScaling(boolean value) {
    return new CompilerOptions(quantization, approximations, value);
  }
}
