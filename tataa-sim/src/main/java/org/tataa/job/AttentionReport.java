package org.tataa.job;

import java.util.List;
import org.tataa.config.TataaConfig;

/**
 * What an attention job did.
 *
 * @param config the machine
 * @param tokens tokens of the sentence
 * @param rangeScaling whether operands were scaled down so that sums fit 16 bits
 * @param steps the steps in order; the error of the last one is that of the context
 */
public record AttentionReport(
    TataaConfig config, int tokens, boolean rangeScaling, List<StepReport> steps) {
  /** Takes a copy of the list. */
  public AttentionReport {
    steps = List.copyOf(steps);
  }

  /** Cycles of all steps. */
  public long cycles() {
    return steps.stream().mapToLong(step -> step.run().cycles()).sum();
  }

  /** Wall time of the simulation in nanoseconds. */
  public long wallNanos() {
    return steps.stream().mapToLong(StepReport::wallNanos).sum();
  }

  /** The last step, whose result is the context. */
  public StepReport context() {
    return steps.get(steps.size() - 1);
  }
}
