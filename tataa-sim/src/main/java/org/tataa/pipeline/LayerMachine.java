package org.tataa.pipeline;

import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompiledModel;
import org.tataa.config.TataaConfig;
import org.tataa.machine.CoreMachine;
import org.tataa.sim.HostOptions;

/**
 * A machine on which layers run one after the other: its memory holds the weights of one of them at
 * a time. Loading them takes no cycles, as it takes none for a model that is loaded as a whole.
 */
final class LayerMachine {
  private final HostOptions host;
  private @Nullable CoreMachine machine;
  private @Nullable TataaConfig core;

  LayerMachine(HostOptions host) {
    this.host = host;
  }

  /** The machine with a layer loaded; what it held is gone. */
  CoreMachine with(CompiledModel layer) {
    CoreMachine known = machine;
    if (known == null || !layer.core().equals(core)) {
      // The old memory is given up before there is a new one.
      machine = null;
      known = CoreMachine.simulated(layer.core(), host);
      machine = known;
      core = layer.core();
    }
    layer.load(known);
    return known;
  }
}
