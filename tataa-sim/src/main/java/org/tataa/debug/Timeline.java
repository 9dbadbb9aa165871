package org.tataa.debug;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tataa.core.TataaCore;
import org.tataa.observe.CoreObserver;
import org.tataa.sim.Simulator;

/**
 * A run of one core that can be moved to any cycle since it was taken over. The past is reached
 * from the checkpoint before it: the machine is deterministic, so the state is the same bit by bit.
 */
public final class Timeline {
  private static final int MOST_CHECKPOINTS = 64;

  private final Simulator simulator;
  private final List<Checkpoint> checkpoints = new ArrayList<>();
  private long interval;
  private volatile boolean isStopped;

  /**
   * Takes over a run.
   *
   * @param simulator a machine of one core, in any state
   * @throws IllegalArgumentException if it has several cores
   */
  public Timeline(Simulator simulator) {
    if (simulator.coreCount() != 1) {
      throw new IllegalArgumentException(
          "a machine of " + simulator.coreCount() + " cores, expected one");
    }
    this.simulator = simulator;
    // A checkpoint compares all memory; let that cost less than the cycles in between.
    interval = Math.max(1024, simulator.memory(0).config().totalBytes() / 1024);
    checkpoints.add(new Checkpoint(simulator, null));
  }

  /** The core. */
  public TataaCore core() {
    return simulator.core(0);
  }

  /** The machine, for saving it; do not step it. */
  public Simulator simulator() {
    return simulator;
  }

  /** Cycles done. */
  public long cycle() {
    return simulator.cycle();
  }

  /** The first cycle it can be moved to. */
  public long firstCycle() {
    return checkpoints.get(0).cycle();
  }

  /** Whether the program has ended. */
  public boolean isFinished() {
    return simulator.isFinished();
  }

  /** Hears what happens from now on, also when the past is repeated. */
  public void observe(@Nullable CoreObserver value) {
    core().observe(value);
  }

  /** Steps forward; returns the cycles done, less if the program ended or it was stopped. */
  public long step(long cycles) {
    isStopped = false;
    return advance(cycles);
  }

  /** Ends the move that another thread is making, at the cycle it has reached. */
  public void stop() {
    isStopped = true;
  }

  private long advance(long cycles) {
    long before = cycle();
    while (cycle() - before < cycles && !isFinished() && !isStopped) {
      long latest = checkpoints.get(checkpoints.size() - 1).cycle();
      long untilNext = Math.max(1, latest + interval - cycle());
      simulator.step(Math.min(cycles - (cycle() - before), untilNext));
      keep();
    }
    return cycle() - before;
  }

  // Takes a checkpoint when one is due; when there are too many, every other one goes.
  private void keep() {
    Checkpoint latest = checkpoints.get(checkpoints.size() - 1);
    if (cycle() < latest.cycle() + interval) {
      return;
    }
    if (checkpoints.size() == MOST_CHECKPOINTS) {
      for (int i = MOST_CHECKPOINTS - 1; i > 0; i -= 2) {
        checkpoints.remove(i);
      }
      interval *= 2;
    }
    checkpoints.add(new Checkpoint(simulator, checkpoints.get(checkpoints.size() - 1)));
  }

  /**
   * Steps until a condition holds.
   *
   * @param limit most cycles to go
   * @return whether it was met
   */
  public boolean runUntil(Predicate<TataaCore> condition, long limit) {
    isStopped = false;
    for (long i = 0; i < limit && !isFinished() && !isStopped; i++) {
      advance(1);
      if (condition.test(core())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Moves to a cycle, in either direction; not beyond the end of the program.
   *
   * @throws IllegalArgumentException if it is before {@link #firstCycle()}
   */
  public void moveTo(long cycle) {
    if (cycle < firstCycle()) {
      throw new IllegalArgumentException(
          "cycle " + cycle + ", expected " + firstCycle() + " or more");
    }
    if (cycle < cycle()) {
      int before = checkpoints.size() - 1;
      while (checkpoints.get(before).cycle() > cycle) {
        before--;
      }
      checkpoints.get(before).restore(simulator);
    }
    step(cycle - cycle());
  }
}
