package org.tataa;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.Partitioning;
import org.tataa.quant.QuantizationOptions;

/** Choices of the compiler. Immutable: every {@code with} method gives other options. */
public final class CompileOptions {
  /** How float32 becomes int8. */
  public enum Quantization {
    /** A step per output channel, ranges of least square error, outliers moved into weights. */
    PER_CHANNEL,
    /** A step per tensor, ranges of the largest magnitude: the scheme of the TATAA authors. */
    PER_TENSOR
  }

  private static final CompileOptions DEFAULTS =
      new CompileOptions(CompilerOptions.DEFAULT, Set.of());

  private final CompilerOptions options;
  private final Set<String> fixedInputs;

  private CompileOptions(CompilerOptions options, Set<String> fixedInputs) {
    this.options = options;
    this.fixedInputs = Set.copyOf(fixedInputs);
  }

  /**
   * {@return {@link Quantization#PER_CHANNEL}, default approximations, all passes, items split over
   * cores where that is predicted to be faster}
   */
  public static CompileOptions defaults() {
    return DEFAULTS;
  }

  /**
   * {@return these options with another way to quantise}
   *
   * @param value how codes are chosen
   */
  public CompileOptions withQuantization(Quantization value) {
    QuantizationOptions quantization =
        switch (value) {
          case PER_CHANNEL -> QuantizationOptions.DEFAULT;
          case PER_TENSOR -> QuantizationOptions.PER_TENSOR;
        };
    return new CompileOptions(options.withQuantization(quantization), fixedInputs);
  }

  /**
   * {@return these options with every item on a number of cores}
   *
   * @param cores 1 for items that are never split, up to the cores of the device
   * @throws IllegalArgumentException if it is not positive
   */
  public CompileOptions withCoresPerItem(int cores) {
    if (cores < 1) {
      throw new IllegalArgumentException("cores=" + cores + ", expected 1 or more");
    }
    return new CompileOptions(options.withPartitioning(new Partitioning(cores)), fixedInputs);
  }

  /**
   * {@return these options with another approximation of a function}
   *
   * @param function of the model, as {@code Gelu}, or {@code Gelu@value} for one place
   * @param approximation its name, as {@code tataa functions} lists them
   */
  public CompileOptions withApproximation(String function, String approximation) {
    Map<String, String> more = new HashMap<>(options.approximations());
    more.put(function, approximation);
    return new CompileOptions(options.withApproximations(more), fixedInputs);
  }

  /**
   * {@return these options without a pass of the compiler}
   *
   * @param name one of the passes of the compiler
   * @throws IllegalArgumentException if there is no such pass, with the names there are
   */
  public CompileOptions withoutPass(String name) {
    Set<String> more = new HashSet<>(options.disabledPasses());
    more.add(name);
    return new CompileOptions(options.withoutPasses(more), fixedInputs);
  }

  /**
   * {@return these options with operands that use all 8 bits even where sums may then leave a
   * 16-bit accumulator}
   */
  public CompileOptions withoutRangeScaling() {
    return new CompileOptions(options.withRangeScaling(false), fixedInputs);
  }

  /**
   * {@return these options with inputs that have the same values in every run of a shape, as masks:
   * what follows from them alone is computed when the model is compiled}
   *
   * @param names all of them
   */
  public CompileOptions withFixedInputs(String... names) {
    return new CompileOptions(options, new HashSet<>(List.of(names)));
  }

  CompilerOptions internal() {
    return options;
  }

  Set<String> fixedInputs() {
    return fixedInputs;
  }
}
