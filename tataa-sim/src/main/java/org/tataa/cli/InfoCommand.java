package org.tataa.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.tataa.config.TataaConfig;
import org.tataa.explore.Resources;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints a configuration and its derived peak rates. */
@Command(
    name = "info",
    mixinStandardHelpOptions = true,
    description = "Show a machine's configuration and its derived peak rates.")
final class InfoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private MachineOptions machine = new MachineOptions();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    TataaConfig config = machine.config();
    Map<String, Object> info = new LinkedHashMap<>();
    info.put("machine", MachineOptions.describe(config));
    info.putAll(sizes(config));
    if (json) {
      spec.commandLine().getOut().println(Json.write(info));
    } else {
      spec.commandLine().getOut().println(MachineOptions.line(config));
      info.remove("machine");
      info.forEach(
          (name, value) -> spec.commandLine().getOut().printf("  %-22s %s%n", name, value));
    }
    return ExitCode.OK;
  }

  /** Sizes and peak rates. */
  static Map<String, Object> sizes(TataaConfig config) {
    Map<String, Object> info = new LinkedHashMap<>();
    info.put("dmpusPerCore", config.geometry().dmpus());
    info.put("rows", config.geometry().rows());
    info.put("columns", config.geometry().columns());
    info.put("processingElements", config.cores() * config.geometry().processingElements());
    info.put("bf16Lanes", config.cores() * config.geometry().lanes());
    info.put("tileDepth", config.buffers().tileDepth());
    info.put("vectorSlots", config.buffers().vectorSlots());
    info.put("dmbDepth", config.buffers().dmbDepth());
    info.put("portBytes", config.memory().portBytes());
    info.put("memoryLatencyCycles", config.memory().latencyCycles());
    info.put("memoryBytesPerCore", config.memory().totalBytes());
    info.put("peakInt8Gops", config.peakInt8Gops());
    info.put("peakBf16Gflops", config.peakBf16Gflops());
    Resources resources = Resources.of(config);
    info.put("dsps", resources.dsps());
    info.put("memoryBits", resources.memoryBits());
    info.put("fifoBits", resources.fifoBits());
    info.put("registerBits", resources.registerBits());
    return info;
  }
}
