package org.tataa.sim;

import org.tataa.array.FastArray;
import org.tataa.array.PeArray;
import org.tataa.array.RegisterArray;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.memory.ExternalMemory;
import org.tataa.memory.Hbm;

/** How a run gets from one cycle to another. The result does not depend on it. */
public enum Engine {
  /** To the next cycle in which something changes, with blocks and vectors computed at once. */
  FAST_FORWARD,
  /** Cycle by cycle; registers of PEs are computed when somebody looks. */
  STEPPING,
  /** Cycle by cycle, every register of every PE a field that moves: the definition. */
  REGISTER;

  /**
   * {@return a core that this engine can run}
   *
   * @param config the machine
   */
  public TataaCore core(TataaConfig config) {
    return core(config, new ExternalMemory(config.memory()));
  }

  /**
   * {@return a core that this engine can run, on a memory that other cores may share}
   *
   * @param config the machine
   * @param memory a memory of this configuration
   */
  public TataaCore core(TataaConfig config, ExternalMemory memory) {
    return new TataaCore(config, array(config), memory);
  }

  /**
   * {@return a core that this engine can run, on a memory and pseudo-channels that other cores may
   * share}
   *
   * @param config the machine
   * @param memory a memory of this configuration
   * @param channels of this configuration
   */
  public TataaCore core(TataaConfig config, ExternalMemory memory, Hbm channels) {
    return new TataaCore(config, array(config), memory, channels);
  }

  private PeArray array(TataaConfig config) {
    return this == REGISTER ? new RegisterArray(config) : new FastArray(config);
  }
}
