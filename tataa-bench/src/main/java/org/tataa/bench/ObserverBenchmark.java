package org.tataa.bench;

import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.debug.PerfettoWriter;
import org.tataa.debug.Signal;
import org.tataa.debug.Signals;
import org.tataa.debug.UnitTimeline;
import org.tataa.debug.VcdWriter;
import org.tataa.isa.Program;

/**
 * What does looking cost? Cycles per second of stepping one u280 core on int8 blocks, with nobody
 * listening, with a timeline of the units, with a waveform of the signals `tataa trace` records if
 * nothing else is asked for, and with a waveform of one whole DMPU. Files go nowhere.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ObserverBenchmark {
  private static final int CYCLES = 50_000;
  private static final int DEPTH = 384;

  /** Who looks on. */
  @Param({"none", "timeline", "waveform", "waveform-dmpu"})
  String observer = "none";

  private final TataaCore core = new TataaCore(TataaConfig.u280().withCores(1));
  private final Signals signals = new Signals(core.config());
  private Program program = Program.ofWords(new long[0]);

  /** Operands and program. */
  @Setup
  public void setup() {
    program = BlockStream.load(core, DEPTH, CYCLES);
  }

  /** Steps through {@value #CYCLES} cycles. */
  @Benchmark
  @OperationsPerInvocation(CYCLES)
  public long cycles() {
    core.load(program);
    core.observe(null);
    switch (observer) {
      case "timeline" -> timeline();
      case "waveform" -> waveform("pc", "mode", "stall", "*.words");
      case "waveform-dmpu" -> waveform("dmpu2.*");
      default -> step();
    }
    return core.counters().macs();
  }

  private void step() {
    for (int i = 0; i < CYCLES; i++) {
      core.tick();
    }
  }

  private void timeline() {
    try (PerfettoWriter writer = new PerfettoWriter(Writer.nullWriter())) {
      UnitTimeline units = new UnitTimeline(writer, 0, program, core.mode(), 0);
      core.observe(units);
      step();
      units.finish(CYCLES);
    }
  }

  private void waveform(String... scopes) {
    List<Signal> chosen = new ArrayList<>();
    for (String scope : scopes) {
      chosen.addAll(signals.matching(scope));
    }
    VcdWriter writer = new VcdWriter(Writer.nullWriter(), "core0", chosen);
    for (int i = 0; i < CYCLES; i++) {
      core.tick();
      writer.sample(core);
    }
    writer.finish(CYCLES);
  }
}
