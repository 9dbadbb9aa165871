package org.tataa.cli;

import org.jspecify.annotations.Nullable;
import org.tataa.sim.Engine;
import picocli.CommandLine.Option;

/** The choice of an engine; no result depends on it. */
final class EngineOption {
  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      description =
          "How the simulator gets from cycle to cycle, ${COMPLETION-CANDIDATES}; the results are the"
              + " same (default: FAST_FORWARD; of debug on a tiny machine REGISTER, whose PEs are"
              + " objects; of conformance STEPPING).")
  private @Nullable Engine engine;

  /** The engine asked for, or the default of a command. */
  Engine orElse(Engine byDefault) {
    return engine == null ? byDefault : engine;
  }
}
