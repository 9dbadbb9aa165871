package org.tataa.cli;

import java.util.concurrent.Callable;
import org.tataa.config.TataaConfig;
import org.tataa.pipeline.SentenceEncoder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a self-attention layer of the pre-trained model, as any part of a model is run. */
@Command(
    name = "attention",
    mixinStandardHelpOptions = true,
    description =
        "Run a self-attention layer of the pre-trained all-MiniLM-L6-v2 on a real sentence, step by"
            + " step: projections, scores, SoftMax, context. The same as `tataa run"
            + " all-MiniLM-L6-v2 --explain --part /encoder/layer.0/attention/self`.")
final class AttentionCommand implements Callable<Integer> {
  private static final String SENTENCE =
      "A systolic array multiplies small integers, then turns the same elements into floating-point"
          + " lanes for the softmax.";

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ModelOptions options = new ModelOptions();
  @Mixin private MachineOptions machine = new MachineOptions();
  @Mixin private EngineOptions engine = new EngineOptions();
  @Mixin private ReportOptions report = new ReportOptions();

  @Option(
      names = "--layer",
      paramLabel = "N",
      defaultValue = "0",
      description = "Layer, 0..5 (default: ${DEFAULT-VALUE}).")
  private int layer;

  @Option(
      names = "--scale-range",
      description =
          "Scale operands down so that sums fit 16 bits, for accumulator PACKED_INT16; whole models"
              + " always do.")
  private boolean scaleRange;

  @Override
  public Integer call() {
    report.check();
    report.explainSteps();
    options.preset("/encoder/layer." + layer + "/attention/self", SENTENCE, scaleRange);
    TataaConfig config = machine.config();
    ModelOptions.Work work = options.open(SentenceEncoder.MINI_LM, config);
    return report.run(
        options,
        work,
        config,
        engine.host(),
        spec.commandLine().getOut(),
        spec.commandLine().getErr());
  }
}
