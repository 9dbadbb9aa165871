package org.tataa.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.tataa.quant.Calibration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures the ranges of a model's values. */
@Command(
    name = "calibrate",
    mixinStandardHelpOptions = true,
    description = {
      "Measure the ranges of a model's values on samples and write them with the scales to a file",
      "that can be read, edited and used again with --calibration."
    })
final class CalibrateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "MODEL",
      description =
          "ONNX file; all-MiniLM-L6-v2 or vit-fashion, which are in the jar; e5-small-v2,"
              + " bge-small-en-v1.5 or bge-small-zh-v1.5, which are in Maven artifacts; or deit-s,"
              + " deit-b, bert-base, swin-t with random weights.")
  private String model = "";

  @Mixin private ModelOptions options = new ModelOptions();

  @Mixin private MachineOptions machine = new MachineOptions();

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "File to write (JSON).")
  private Path output = Path.of("");

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    FileAccess.requireWritable(output);
    ModelOptions.Work work = options.open(model, machine.config());
    Calibration calibration = options.calibrate(work, spec.commandLine().getErr());
    try {
      calibration.write(output);
    } catch (IOException e) {
      throw new InputException(output + ": cannot be written: " + e);
    }
    if (json) {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("model", work.name());
      view.put("samples", calibration.samples());
      view.put("values", calibration.values().size());
      view.put("file", output.toString());
      spec.commandLine().getOut().println(Json.write(view));
    } else {
      spec.commandLine()
          .getOut()
          .printf(
              "%s: %d values on %d samples, %s, written to %s%n",
              work.name(),
              calibration.values().size(),
              calibration.samples(),
              calibration.options(),
              output);
    }
    return ExitCode.OK;
  }
}
