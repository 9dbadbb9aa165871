package org.tataa.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a whole model, and groups the smaller jobs. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Run a transformer on the simulated machine and compare it with float32: calibrate, compile,",
      "step, report. Or run one of the smaller jobs below."
    },
    subcommands = {AttentionCommand.class, MatMulCommand.class})
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description =
          "ONNX file; all-MiniLM-L6-v2 or vit-fashion, which are in the jar; e5-small-v2,"
              + " bge-small-en-v1.5 or bge-small-zh-v1.5, which are in Maven artifacts; or deit-s,"
              + " deit-b, bert-base, swin-t, gpt2-medium, opt-1.3b, llama-7b, chatglm2-6b with random"
              + " weights; the last three layer by layer.")
  private @Nullable String model;

  @Mixin private ModelOptions options = new ModelOptions();

  @Mixin private MachineOptions machine = new MachineOptions();

  @Mixin private EngineOptions engine = new EngineOptions();

  @Mixin private ReportOptions report = new ReportOptions();

  @Override
  public Integer call() {
    if (model == null) {
      throw new ParameterException(
          spec.commandLine(), "Missing MODEL, or one of the jobs attention and matmul");
    }
    report.check();
    TataaConfig config = machine.config();
    ModelOptions.Layers layers = options.openLayers(model);
    if (layers != null) {
      return report.run(
          layers, config, engine.host(), spec.commandLine().getOut(), spec.commandLine().getErr());
    }
    ModelOptions.Work work = options.open(model, config);
    return report.run(
        options,
        work,
        config,
        engine.host(),
        spec.commandLine().getOut(),
        spec.commandLine().getErr());
  }
}
