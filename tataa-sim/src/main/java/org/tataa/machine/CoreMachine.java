package org.tataa.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.Program;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.Counters;
import org.tataa.observe.SectionListener;
import org.tataa.observe.UnitKind;
import org.tataa.sim.Engine;
import org.tataa.sim.HostOptions;
import org.tataa.sim.RunResult;
import org.tataa.sim.Simulator;

/** One core with its memory, or several that share one: clocked or not. */
public interface CoreMachine {
  /**
   * What programs cost.
   *
   * @param cycles clock cycles until the last core was done, 0 if the machine has no clock
   * @param cores counters of each core: each closes at {@code cycles}, a core that is done sooner
   *     being idle for the rest; all zero if the machine has none
   */
  record Cost(long cycles, List<Counters> cores) {
    /** Takes a copy of the list. */
    public Cost {
      cores = List.copyOf(cores);
    }

    /** Counters added over all cores. */
    public Counters counters() {
      Counters sum = new Counters();
      cores.forEach(sum::add);
      return sum;
    }

    /**
     * The same and a barrier, in which all cores are idle; nothing is added on a machine without a
     * clock.
     *
     * @param waited its cycles
     */
    public Cost plusBarrier(long waited) {
      if (cycles == 0 || waited == 0) {
        return this;
      }
      List<Counters> waiting = new ArrayList<>();
      for (Counters core : cores) {
        waiting.add(withIdle(core, waited));
      }
      return new Cost(cycles + waited, waiting);
    }

    /** Counters with cycles added in which no unit did anything. */
    static Counters withIdle(Counters counters, long cycles) {
      Counters sum = new Counters();
      sum.copyFrom(counters);
      sum.countCycles(cycles);
      for (UnitKind unit : UnitKind.values()) {
        sum.countIdle(unit, cycles);
      }
      return sum;
    }
  }

  /** The configuration; as many cores as programs run at the same time. */
  TataaConfig config();

  /** Writes bytes to the memory. */
  void write(long address, byte[] bytes);

  /** Reads bytes from the memory. */
  byte[] read(long address, int length);

  /**
   * Executes one program on each core, all to their end. None may read or write bytes that another
   * one writes.
   */
  Cost run(List<Program> programs);

  /**
   * As {@link #run}, with the costs of sections of the one program that is more than a HALT. On a
   * machine with a clock sections run into each other; without one, each is executed by itself.
   *
   * @param starts number of the first instruction of each section, from 0 on, ascending; where
   *     several cores have work, 0 alone
   * @param accepted hears of each section when its instructions have been accepted
   * @return cost of each section
   */
  default List<Cost> run(List<Program> programs, List<Integer> starts, SectionListener accepted) {
    List<Cost> costs = new ArrayList<>();
    for (int section = 0; section < starts.size(); section++) {
      int from = starts.get(section);
      boolean isLast = section + 1 == starts.size();
      int next = isLast ? 0 : starts.get(section + 1);
      List<Program> parts = new ArrayList<>();
      for (Program program : programs) {
        // A core without work has nothing but a HALT.
        int size = program.size();
        parts.add(
            starts.size() == 1 || size <= 1
                ? program
                : program.section(from, isLast ? size : next));
      }
      costs.add(run(parts));
      accepted.onAccepted(section, section + 1);
    }
    return costs;
  }

  /** The clocked machine. */
  static CoreMachine simulated(TataaConfig config) {
    return simulated(config, Engine.FAST_FORWARD);
  }

  /** The clocked machine with a choice of engine; results and cycles are the same. */
  static CoreMachine simulated(TataaConfig config, Engine engine) {
    return simulated(config, engine, Simulator::run);
  }

  /** The clocked machine with a choice of engine and host threads; results do not depend on it. */
  static CoreMachine simulated(TataaConfig config, HostOptions host) {
    return new Machines.Simulated(config, host, Simulator::run);
  }

  /**
   * The clocked machine with another way from the start of programs to their end.
   *
   * @param run runs what is loaded to its end, perhaps with stops
   */
  static CoreMachine simulated(
      TataaConfig config, Engine engine, Function<Simulator, RunResult> run) {
    return new Machines.Simulated(
        config, new HostOptions(engine, HostOptions.DEFAULT.threads()), run);
  }

  /**
   * The clocked machine with somebody listening.
   *
   * @param observer makes the observer of each core
   */
  static CoreMachine observed(TataaConfig config, Function<TataaCore, CoreObserver> observer) {
    return observed(config, (number, core) -> observer.apply(core));
  }

  /**
   * The clocked machine with somebody listening, on one thread.
   *
   * @param observer makes the observer of each core from its number, in order
   */
  static CoreMachine observed(
      TataaConfig config, BiFunction<Integer, TataaCore, CoreObserver> observer) {
    Machines.Simulated machine =
        new Machines.Simulated(config, new HostOptions(Engine.STEPPING, 1), Simulator::run);
    for (int core = 0; core < config.cores(); core++) {
      machine.core(core).observe(observer.apply(core, machine.core(core)));
    }
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
