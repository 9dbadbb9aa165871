package org.tataa.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.memory.ExternalMemory;
import org.tataa.sim.CoreResult;
import org.tataa.sim.Engine;
import org.tataa.sim.RunResult;
import org.tataa.sim.Simulator;
import org.tataa.sim.Snapshot;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Executes a program file on one core. */
@Command(
    name = "exec",
    mixinStandardHelpOptions = true,
    description = {
      "Execute a program (binary, or assembly if its name ends in .s or .asm) on one core.",
      "Memory images are FILE or FILE@ADDRESS; the dump is a range of the YZ space."
    })
final class ExecCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private MachineOptions machine = new MachineOptions();
  @Mixin private EngineOption engine = new EngineOption();

  @Mixin private ProgramOptions options = new ProgramOptions();

  @Option(names = "--dump", paramLabel = "FILE", description = "Write memory after the run.")
  private @Nullable Path dump;

  @Option(
      names = "--dump-range",
      paramLabel = "ADDR:BYTES",
      description = "Range of the YZ space to dump (default: all of it).")
  private @Nullable String dumpRange;

  @Option(
      names = "--snapshot",
      paramLabel = "FILE",
      description = "Save the run again and again; `tataa exec FILE` goes on from there.")
  private @Nullable Path snapshot;

  @Option(
      names = "--snapshot-every",
      paramLabel = "CYCLES",
      defaultValue = "10000000",
      description = "Cycles between two saves (default: ${DEFAULT-VALUE}).")
  private long snapshotEvery;

  @Option(
      names = "--cycle-limit",
      paramLabel = "N",
      defaultValue = "1000000000",
      description = "Give up after so many cycles (default: ${DEFAULT-VALUE}).")
  private long cycleLimit;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (snapshotEvery < 1) {
      throw new InputException("--snapshot-every " + snapshotEvery + ": expected at least 1");
    }
    FileAccess.requireWritable(dump, snapshot);
    Simulator simulator =
        options.start(machine, cycleLimit, config -> engine.orElse(Engine.FAST_FORWARD));
    TataaConfig config = simulator.config();
    ExternalMemory memory = simulator.memory(0);
    RunResult run = run(simulator);
    if (dump != null) {
      FileAccess.write(dump, dumped(memory));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("program", options.file().toString());
      view.put("machine", MachineOptions.describe(config));
      view.put("latencyCycles", run.cores().get(0).latencyCycles());
      view.put("run", RunViews.run(run));
      out.println(Json.write(view));
    } else {
      out.println(MachineOptions.line(config));
      out.printf(
          "%s: %d instructions, %d cycles, latency counter %d%n",
          options.file(),
          run.total().instructions(),
          run.cycles(),
          run.cores().get(0).latencyCycles());
      RunViews.printUnits(out, run.total());
      RunViews.printPorts(out, run.config(), run.total());
    }
    return ExitCode.OK;
  }

  // In parts where somebody watches or parts are saved; the result is that of the whole program.
  private RunResult run(Simulator simulator) {
    if (snapshot != null || Terminals.isInteractive()) {
      runInParts(simulator);
    }
    simulator.run();
    TataaCore core = simulator.core(0);
    CoreResult whole =
        new CoreResult(0, core.cycle(), core.controller().latencyCycles(), core.counters());
    return new RunResult(simulator.config(), simulator.cycle(), List.of(whole));
  }

  private void runInParts(Simulator simulator) {
    try (Progress progress = new Progress(spec.commandLine().getErr(), "executing")) {
      long every = Math.min(snapshotEvery, Long.MAX_VALUE / 4);
      long saveAt = simulator.cycle() + every;
      while (!simulator.isFinished() && simulator.cycle() < simulator.cycleLimit()) {
        long end = Math.min(simulator.cycle() + Progress.CYCLES, simulator.cycleLimit());
        simulator.step(Math.min(saveAt, end) - simulator.cycle());
        if (snapshot != null && (simulator.isFinished() || simulator.cycle() == saveAt)) {
          Snapshot.write(simulator, snapshot);
        }
        saveAt = simulator.cycle() == saveAt ? saveAt + every : saveAt;
        progress.follow(simulator);
      }
    } catch (IOException e) {
      throw new InputException(snapshot + ": cannot be written: " + e);
    }
  }

  private byte[] dumped(ExternalMemory memory) {
    ExternalMemory.Space space = ExternalMemory.Space.YZ;
    String range = dumpRange;
    if (range == null) {
      return memory.read(space, 0, memory.size(space));
    }
    int colon = range.indexOf(':');
    if (colon < 0) {
      throw new InputException("--dump-range " + range + ": expected ADDR:BYTES");
    }
    long address = ProgramOptions.number(range.substring(0, colon), range);
    long bytes = ProgramOptions.number(range.substring(colon + 1), range);
    if (!memory.contains(space, address, bytes)) {
      throw new InputException(
          "--dump-range " + range + ": outside the YZ space of " + memory.size(space) + " bytes");
    }
    return memory.read(space, address, (int) bytes);
  }
}
