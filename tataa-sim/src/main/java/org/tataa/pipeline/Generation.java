package org.tataa.pipeline;

import java.util.List;
import org.tataa.compiler.CompiledModel;
import org.tataa.config.TataaConfig;

/**
 * Tokens a decoder gave, and what they cost.
 *
 * @param config the device
 * @param prompt tokens that were given
 * @param tokens tokens that were made
 * @param steps runs of the device, in order
 */
public record Generation(
    TataaConfig config, List<Long> prompt, List<Long> tokens, List<Step> steps) {
  /** Takes copies. */
  public Generation {
    prompt = List.copyOf(prompt);
    tokens = List.copyOf(tokens);
    steps = List.copyOf(steps);
  }

  /**
   * A run of the device.
   *
   * @param isPrefill whether it read tokens of the prompt
   * @param position number of tokens before
   * @param count tokens it read
   * @param rows tokens it had room for
   * @param slots keys it had room for; 0 without a cache
   * @param stateBytes bytes of keys and values the host moved to another program
   * @param nanos host time of the run, compilation left out
   * @param result what was done; without outputs
   */
  public record Step(
      boolean isPrefill,
      int position,
      int count,
      int rows,
      int slots,
      long stateBytes,
      long nanos,
      CompiledModel.Result result) {
    /** Bytes the host moved in all. */
    public long hostBytes() {
      return stateBytes
          + result.steps().stream().mapToLong(CompiledModel.StepReport::hostBytes).sum();
    }
  }

  /** Clock cycles of all runs of one kind. */
  public long cycles(boolean isPrefill) {
    return steps.stream()
        .filter(step -> step.isPrefill() == isPrefill)
        .mapToLong(step -> step.result().cycles())
        .sum();
  }

  /** Host time of all runs of one kind. */
  public long nanos(boolean isPrefill) {
    return steps.stream()
        .filter(step -> step.isPrefill() == isPrefill)
        .mapToLong(Step::nanos)
        .sum();
  }

  /** Number of runs that were no prefill. */
  public long decodes() {
    return steps.stream().filter(step -> !step.isPrefill()).count();
  }

  /** Seconds at the device's clock. */
  public double seconds(boolean isPrefill) {
    return (double) cycles(isPrefill) / config.clockHz();
  }

  /** Bytes the host moved in all runs. */
  public long hostBytes() {
    return steps.stream().mapToLong(Step::hostBytes).sum();
  }
}
