package org.tataa.compiler;

import java.util.Map;
import org.tataa.quant.QuantizationOptions;

/**
 * Choices of the compiler.
 *
 * @param quantization how to quantise
 * @param approximations name of an approximation by function ({@code Gelu}) or by value ({@code
 *     Gelu@name}); the exponential of attention is {@code Softmax}
 */
public record CompilerOptions(
    QuantizationOptions quantization, Map<String, String> approximations) {
  /** Default quantisation and approximations. */
  public static final CompilerOptions DEFAULT =
      new CompilerOptions(QuantizationOptions.DEFAULT, Map.of());

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
    return new CompilerOptions(value, approximations);
  }

  /** These choices with other approximations. */
  public CompilerOptions withApproximations(Map<String, String> value) {
    return new CompilerOptions(quantization, value);
  }
}
