package org.tataa.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.tataa.config.TataaConfig;
import org.tataa.debug.Signal;
import org.tataa.debug.Signals;
import org.tataa.debug.VcdWriter;
import org.tataa.sim.Simulator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Records waveforms of a program. */
@Command(
    name = "trace",
    mixinStandardHelpOptions = true,
    description = {
      "Run a program and write the registers of chosen scopes as a Value Change Dump, for GTKWave and",
      "other waveform viewers."
    })
final class TraceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ProgramOptions options = new ProgramOptions();
  @Mixin private MachineOptions machine = new MachineOptions();

  @Option(names = "--vcd", required = true, paramLabel = "FILE", description = "File to write.")
  private Path vcd = Path.of("");

  @Option(
      names = "--trace-scope",
      split = ",",
      paramLabel = "PATTERN",
      description =
          "Registers to record, with * for anything: dmpu2.*, *.p, mode (default: pc, mode, stall"
              + " and the words in the dual-mode buffers).")
  private List<String> scopes = new ArrayList<>(List.of("pc", "mode", "stall", "*.words"));

  @Option(
      names = "--from",
      paramLabel = "CYCLE",
      description = "First cycle to record (default: 0).")
  private long from;

  @Option(
      names = "--to",
      paramLabel = "CYCLE",
      description = "Last cycle to record (default: the last).")
  private long to = Long.MAX_VALUE;

  @Override
  public Integer call() {
    TataaConfig config = machine.config().withCores(1);
    Set<Signal> chosen = new LinkedHashSet<>();
    Signals signals = new Signals(config);
    scopes.forEach(scope -> chosen.addAll(signals.matching(scope)));
    List<Signal> ordered = signals.all().stream().filter(chosen::contains).toList();
    Simulator simulator = options.start(config, Long.MAX_VALUE);
    Path target = vcd.toAbsolutePath();
    Path temporary = target.resolveSibling("." + target.getFileName() + ".part");
    try {
      try (BufferedWriter file = Files.newBufferedWriter(temporary, StandardCharsets.US_ASCII)) {
        record(simulator, new VcdWriter(file, "core0", ordered));
      }
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException | UncheckedIOException e) {
      throw new InputException(vcd + ": cannot be written: " + e.getMessage());
    } finally {
      delete(temporary);
    }
    spec.commandLine()
        .getOut()
        .printf(
            "%s: %d cycles, %d signals, written to %s%n",
            options.file(), simulator.cycle(), ordered.size(), vcd);
    return ExitCode.OK;
  }

  private void record(Simulator simulator, VcdWriter writer) {
    simulator.step(from);
    writer.sample(simulator.core(0));
    while (!simulator.isFinished() && simulator.cycle() < to) {
      simulator.step();
      writer.sample(simulator.core(0));
    }
    writer.finish(simulator.cycle());
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
