package org.tataa.machine;

import java.util.function.Function;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.Program;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.Counters;
import org.tataa.sim.Engine;
import org.tataa.sim.RunResult;
import org.tataa.sim.Simulator;

/** One core with its memory: clocked or not. */
public interface CoreMachine {
  /**
   * What a program cost.
   *
   * @param cycles clock cycles, 0 if the machine has no clock
   * @param counters counters of the program, all zero if the machine has none
   */
  record Cost(long cycles, Counters counters) {}

  /** The configuration; one core. */
  TataaConfig config();

  /** Writes bytes to the memory. */
  void write(long address, byte[] bytes);

  /** Reads bytes from the memory. */
  byte[] read(long address, int length);

  /** Executes a program to its end. */
  Cost run(Program program);

  /** The clocked machine. */
  static CoreMachine simulated(TataaConfig config) {
    return simulated(config, Engine.FAST_FORWARD);
  }

  /** The clocked machine with a choice of engine; results and cycles are the same. */
  static CoreMachine simulated(TataaConfig config, Engine engine) {
    return simulated(config, engine, Simulator::run);
  }

  /**
   * The clocked machine with another way from the start of a program to its end.
   *
   * @param run runs what is loaded to its end, perhaps with stops
   */
  static CoreMachine simulated(
      TataaConfig config, Engine engine, Function<Simulator, RunResult> run) {
    return new Machines.Simulated(config, engine, run);
  }

  /**
   * The clocked machine with somebody listening.
   *
   * @param observer makes the observer of the core
   */
  static CoreMachine observed(TataaConfig config, Function<TataaCore, CoreObserver> observer) {
    Machines.Simulated machine = new Machines.Simulated(config, Engine.STEPPING, Simulator::run);
    machine.core().observe(observer.apply(machine.core()));
    return machine;
  }

  /**
   * The clocked machine without values: what it computes is not there, but every program takes the
   * cycles, stalls and beats it takes on the others. For predictions.
   */
  static CoreMachine timed(TataaConfig config) {
    return new Machines.Timed(config);
  }

  /** The architecture without a clock: same memory, no cycles. */
  static CoreMachine unclocked(TataaConfig config) {
    return new Machines.Unclocked(config);
  }
}
