package org.tataa.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.tataa.sim.Engine;
import org.tataa.sim.HostOptions;
import org.tataa.simd.HostKernels;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Options that say how the host simulates, shared by several commands; no result depends on them.
 */
final class EngineOptions {
  @Mixin private EngineOption engine = new EngineOption();

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Host threads to use at most; 0: one per processor (default).")
  private int threads;

  /** The choices. */
  HostOptions host() {
    if (threads < 0) {
      throw new InputException("--threads " + threads + ": expected 0 or more");
    }
    return new HostOptions(engine.orElse(Engine.FAST_FORWARD), threads);
  }

  /**
   * How fast the host was.
   *
   * @param cycles core cycles
   * @param macs multiply-accumulates
   * @param nanos host time in which cores were simulated
   */
  static Map<String, Object> describe(HostOptions host, long cycles, long macs, long nanos) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("engine", host.engine().name());
    view.put("threads", host.threads());
    view.put("processors", Runtime.getRuntime().availableProcessors());
    view.put("java", Runtime.version().toString());
    view.put("kernels", HostKernels.best().description());
    view.put("simulationSeconds", nanos / 1e9);
    view.put("coreCyclesPerSecond", perSecond(cycles, nanos));
    view.put("macsPerSecond", perSecond(macs, nanos));
    return view;
  }

  /** How fast the host was, as one line. */
  static String line(HostOptions host, long cycles, long macs, long nanos) {
    return String.format(
        Locale.ROOT,
        "simulated in %.2f s (%.2f million core cycles/s, %.2f GMAC/s), engine %s, kernels %s, %s",
        nanos / 1e9,
        perSecond(cycles, nanos) / 1e6,
        perSecond(macs, nanos) / 1e9,
        host.engine(),
        HostKernels.best().description(),
        host.threads() == 0 ? "all processors" : "threads at most " + host.threads());
  }

  private static double perSecond(long count, long nanos) {
    return nanos == 0 ? 0 : count * 1e9 / nanos;
  }
}
