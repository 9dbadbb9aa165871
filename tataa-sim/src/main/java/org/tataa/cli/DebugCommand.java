package org.tataa.cli;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.debug.DebugShell;
import org.tataa.debug.Signals;
import org.tataa.debug.Timeline;
import org.tataa.sim.Engine;
import org.tataa.sim.Simulator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Steps through a program, forward and back. */
@Command(
    name = "debug",
    mixinStandardHelpOptions = true,
    description = {
      "Step through a program, forward and back, and look at every register; of a model, through one",
      "of its steps on its first item. Commands come from the terminal, from a file, or from standard",
      "input; `help` lists them. A file or standard input with a wrong command ends with exit code 1."
    })
final class DebugCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ProgramOptions options = new ProgramOptions();
  @Mixin private MachineOptions machine = new MachineOptions();
  @Mixin private EngineOption engine = new EngineOption();

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = "--step",
      paramLabel = "STEP",
      defaultValue = "0",
      description =
          "With a model: the step to debug, by number or part of its name, as `tataa run --explain"
              + " --json` lists them (default: the first with a program).")
  private String step = "0";

  @Option(
      names = {"-x", "--commands"},
      paramLabel = "FILE",
      description = "Execute the commands in a file, one per line, and end.")
  private @Nullable Path commands;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Simulator simulator = start();
    DebugShell shell =
        new DebugShell(new Timeline(simulator), new Signals(simulator.config()), out);
    if (commands != null) {
      List<String> lines = FileAccess.readText(commands).lines().toList();
      shell.status();
      lines.stream().takeWhile(shell::execute).forEach(line -> {});
    } else if (Terminals.isInteractive()) {
      shell.status();
      DebugTerminal.run(shell);
      return ExitCode.OK;
    } else {
      shell.status();
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
          .lines()
          .takeWhile(shell::execute)
          .forEach(line -> {});
    }
    out.flush();
    return shell.errors() == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private Simulator start() {
    String program = options.file().toString();
    if (!ModelOptions.isModel(program)) {
      return options.start(machine, Long.MAX_VALUE, this::engine);
    }
    ModelOptions.Work work = model.open(program, machine.config());
    model.prepare(work, spec.commandLine().getErr());
    return Progress.during(
        spec.commandLine().getErr(),
        "reaching the step",
        () -> work.session().startOf(work.items().get(0), step, this::engine));
  }

  private Engine engine(TataaConfig config) {
    return engine.orElse(defaultEngine(config));
  }

  /** Who debugs the teaching machine wants to see its PEs. */
  static Engine defaultEngine(TataaConfig config) {
    boolean isTiny = config.geometry().equals(TataaConfig.tiny().geometry());
    return isTiny ? Engine.REGISTER : Engine.FAST_FORWARD;
  }
}
