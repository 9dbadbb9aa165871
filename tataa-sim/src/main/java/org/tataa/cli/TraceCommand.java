package org.tataa.cli;

import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tataa.core.TataaCore;
import org.tataa.debug.PerfettoWriter;
import org.tataa.debug.Signal;
import org.tataa.debug.Signals;
import org.tataa.debug.UnitTimeline;
import org.tataa.debug.VcdWriter;
import org.tataa.sim.Engine;
import org.tataa.sim.Simulator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Records waveforms of a program. */
@Command(
    name = "trace",
    mixinStandardHelpOptions = true,
    description = {
      "Run a program and write the registers of chosen scopes as a Value Change Dump, for GTKWave and",
      "other waveform viewers, or what its units do as a timeline for ui.perfetto.dev."
    })
final class TraceCommand implements Callable<Integer> {
  private static final long SHOW_EVERY = 1024;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ProgramOptions options = new ProgramOptions();
  @Mixin private MachineOptions machine = new MachineOptions();
  @Mixin private EngineOption engine = new EngineOption();

  @Option(names = "--vcd", paramLabel = "FILE", description = "Waveforms to write.")
  private @Nullable Path vcd;

  @Option(
      names = "--timeline",
      paramLabel = "FILE",
      description = "Timeline of the units to write, for ui.perfetto.dev.")
  private @Nullable Path timeline;

  @Option(
      names = "--trace-scope",
      split = ",",
      paramLabel = "PATTERN",
      description =
          "Registers to record, with * for anything: core0.dmpu2.*, *.p, mode (default: pc, mode, stall"
              + " and the words in the dual-mode buffers).")
  private List<String> scopes = new ArrayList<>(List.of("pc", "mode", "stall", "*.words"));

  @Mixin private TimelineWindow window = new TimelineWindow();

  @Override
  public Integer call() {
    window.cycles();
    if (vcd == null && timeline == null) {
      throw new ParameterException(spec.commandLine(), "Missing --vcd FILE or --timeline FILE");
    }
    FileAccess.requireWritable(vcd, timeline);
    Set<Signal> chosen = new LinkedHashSet<>();
    Signals signals =
        new Signals(
            options
                .start(machine, Long.MAX_VALUE, config -> engine.orElse(Engine.FAST_FORWARD))
                .config());
    scopes.forEach(scope -> chosen.addAll(signals.matching(scope)));
    List<Signal> ordered = signals.all().stream().filter(chosen::contains).toList();
    Path waves = vcd;
    if (waves != null) {
      Simulator simulator =
          options.start(machine, Long.MAX_VALUE, config -> engine.orElse(Engine.FAST_FORWARD));
      FileAccess.write(waves, file -> record(simulator, new VcdWriter(file, "core0", ordered)));
      report(simulator, ordered.size() + " signals", waves);
    }
    Path slices = timeline;
    if (slices != null) {
      Simulator simulator =
          options.start(machine, Long.MAX_VALUE, config -> engine.orElse(Engine.FAST_FORWARD));
      FileAccess.write(slices, file -> draw(simulator, file));
      report(simulator, "all units", slices);
    }
    return ExitCode.OK;
  }

  private void report(Simulator simulator, String what, Path file) {
    spec.commandLine()
        .getOut()
        .printf(
            "%s: %d cycles, %s, written to %s%n", options.file(), simulator.cycle(), what, file);
  }

  private void record(Simulator simulator, VcdWriter writer) {
    long[] cycles = window.cycles();
    simulator.step(Math.max(0, cycles[0] - simulator.cycle()));
    try (Progress progress = new Progress(spec.commandLine().getErr(), "waveforms")) {
      writer.sample(simulator.core(0));
      while (!simulator.isFinished() && simulator.cycle() < cycles[1] - 1) {
        simulator.step();
        writer.sample(simulator.core(0));
        follow(progress, simulator);
      }
      writer.finish(simulator.cycle());
    }
  }

  private static void follow(Progress progress, Simulator simulator) {
    if (simulator.cycle() % SHOW_EVERY == 0) {
      progress.follow(simulator);
    }
  }

  // Units are heard from the start, so that what is going on when the window opens is known.
  private void draw(Simulator simulator, Writer file) {
    TataaCore core = simulator.core(0);
    long[] cycles = window.cycles();
    try (PerfettoWriter writer = new PerfettoWriter(file, cycles[0], cycles[1]);
        Progress progress = new Progress(spec.commandLine().getErr(), "timeline")) {
      UnitTimeline units =
          new UnitTimeline(writer, 0, core.controller().program(), core.mode(), core.cycle());
      units.sample(core);
      core.observe(units);
      while (!simulator.isFinished() && simulator.cycle() < cycles[1]) {
        simulator.step();
        if (simulator.cycle() % window.sampleEvery() == 0) {
          units.sample(core);
        }
        follow(progress, simulator);
      }
      units.sample(core);
      units.finish(simulator.cycle());
    }
  }
}
