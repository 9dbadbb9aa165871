package org.tataa.compiler;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tataa.quant.QuantizationOptions;

/**
 * Choices of the compiler.
 *
 * @param quantization how to quantise
 * @param approximations name of an approximation by function ({@code Gelu}) or by value ({@code
 *     Gelu@name}); the exponential of attention is {@code Softmax}
 * @param disabledPasses names of passes to leave out, see {@link Passes#all()}
 * @param rangeScaling whether operands are scaled down until the sums calibration saw fit a 16-bit
 *     accumulator; without it they use all of their 8 bits, and sums may wrap
 * @param partitioning how many cores an item is split over
 * @param packing how many short items share the blocks of the array
 * @param forwarding when sums go to vector slots on machines with a result path
 */
public record CompilerOptions(
    QuantizationOptions quantization,
    Map<String, String> approximations,
    Set<String> disabledPasses,
    boolean rangeScaling,
    Partitioning partitioning,
    PackLimit packing,
    Forwarding forwarding) {
  /** Default quantisation and approximations. */
  public static final CompilerOptions DEFAULT =
      new CompilerOptions(
          QuantizationOptions.DEFAULT,
          Map.of(),
          Set.of(),
          true,
          Partitioning.AUTO,
          PackLimit.AUTO,
          Forwarding.FASTER);

  /**
   * Takes copies.
   *
   * @throws IllegalArgumentException if there is no pass of a name
   */
  public CompilerOptions {
    approximations = Map.copyOf(approximations);
    disabledPasses = Set.copyOf(disabledPasses);
    List<String> known = disabledPasses.isEmpty() ? List.of() : Passes.names();
    for (String name : disabledPasses) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "there is no pass `" + name + "`, expected one of " + String.join(", ", known));
      }
    }
  }

  /** Name of the approximation of a function for a value; empty for the default. */
  public String approximation(String function, String value) {
    return approximations.getOrDefault(
        function + "@" + value, approximations.getOrDefault(function, ""));
  }

  /** These choices with another quantisation. */
  public CompilerOptions withQuantization(QuantizationOptions value) {
    return new CompilerOptions(
        value, approximations, disabledPasses, rangeScaling, partitioning, packing, forwarding);
  }

  /** These choices with other approximations. */
  public CompilerOptions withApproximations(Map<String, String> value) {
    return new CompilerOptions(
        quantization, value, disabledPasses, rangeScaling, partitioning, packing, forwarding);
  }

  /** These choices without some passes. */
  public CompilerOptions withoutPasses(Set<String> names) {
    return new CompilerOptions(
        quantization, approximations, names, rangeScaling, partitioning, packing, forwarding);
  }

  /** These choices with or without operands scaled to a 16-bit accumulator. */
  public CompilerOptions withRangeScaling(boolean value) {
    return new CompilerOptions(
        quantization, approximations, disabledPasses, value, partitioning, packing, forwarding);
  }

  /** These choices with items split in another way. */
  public CompilerOptions withPartitioning(Partitioning value) {
    return new CompilerOptions(
        quantization, approximations, disabledPasses, rangeScaling, value, packing, forwarding);
  }

  /** These choices with items packed in another way. */
  public CompilerOptions withPacking(PackLimit value) {
    return new CompilerOptions(
        quantization,
        approximations,
        disabledPasses,
        rangeScaling,
        partitioning,
        value,
        forwarding);
  }

  /** These choices with sums forwarded in other cases. */
  public CompilerOptions withForwarding(Forwarding value) {
    return new CompilerOptions(
        quantization, approximations, disabledPasses, rangeScaling, partitioning, packing, value);
  }
}
