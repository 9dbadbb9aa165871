package org.tataa.control;

import org.jspecify.annotations.Nullable;
import org.tataa.observe.ArrayMode;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.Counters;
import org.tataa.state.ScanChain;

/** The mode broadcast to all PEs. It changes when an execution of another kind starts. */
public final class ModeRegister {
  private final Counters counters;
  private ArrayMode mode = ArrayMode.INT8;
  private @Nullable CoreObserver observer;

  /** A register in int8 mode, as after reset. */
  public ModeRegister(Counters counters) {
    this.counters = counters;
  }

  /** Sets who hears of switches, or null. */
  public void observe(@Nullable CoreObserver value) {
    observer = value;
  }

  /** Back to int8. */
  public void reset() {
    mode = ArrayMode.INT8;
  }

  /** The mode in force. */
  public ArrayMode mode() {
    return mode;
  }

  /** Passes a chain over the register. */
  public void scan(ScanChain chain) {
    ArrayMode[] modes = ArrayMode.values();
    mode = modes[Math.max(0, chain.scanChoice("mode", mode.ordinal(), modes.length))];
  }

  /** An execution of the given kind starts. */
  void enter(long cycle, ArrayMode next) {
    if (next == mode) {
      return;
    }
    counters.countModeSwitch();
    if (observer != null) {
      observer.onModeSwitch(cycle, mode, next);
    }
    mode = next;
  }
}
