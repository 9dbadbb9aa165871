package org.tataa.debug;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tataa.core.TataaCore;
import org.tataa.observe.CoreObserver;
import org.tataa.sim.Simulator;

/**
 * A run that can be moved to any cycle. The past is reached by replay from the start: the machine
 * is deterministic, so the state is the same bit by bit. Going back costs the time of the cycles
 * before.
 */
public final class Timeline {
  private final Supplier<Simulator> start;
  private Simulator simulator;
  private @Nullable CoreObserver observer;

  /**
   * A run.
   *
   * @param start makes the machine with program and memory, always the same
   */
  public Timeline(Supplier<Simulator> start) {
    this.start = start;
    simulator = start.get();
  }

  /** The core. */
  public TataaCore core() {
    return simulator.core(0);
  }

  /** Cycles done. */
  public long cycle() {
    return simulator.cycle();
  }

  /** Whether the program has ended. */
  public boolean isFinished() {
    return simulator.isFinished();
  }

  /** Hears what happens from now on, forward only. */
  public void observe(@Nullable CoreObserver value) {
    observer = value;
    core().observe(value);
  }

  /** Steps forward; returns the cycles done, less if the program ended. */
  public long step(long cycles) {
    long before = cycle();
    simulator.step(cycles);
    return cycle() - before;
  }

  /**
   * Steps until a condition holds.
   *
   * @param limit most cycles to go
   * @return whether it was met
   */
  public boolean runUntil(Condition condition, long limit) {
    for (long i = 0; i < limit && !isFinished(); i++) {
      simulator.step();
      if (condition.holds(core())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Moves to a cycle, in either direction.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public void moveTo(long cycle) {
    if (cycle < 0) {
      throw new IllegalArgumentException("cycle " + cycle + ", expected 0 or more");
    }
    if (cycle < cycle()) {
      simulator = start.get();
      simulator.step(cycle);
      core().observe(observer);
    } else {
      simulator.step(cycle - cycle());
    }
  }
}
