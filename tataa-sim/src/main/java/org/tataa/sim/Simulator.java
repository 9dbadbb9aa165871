package org.tataa.sim;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tataa.config.HbmConfig;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.Program;
import org.tataa.memory.ExternalMemory;
import org.tataa.memory.Hbm;
import org.tataa.observe.Counters;
import org.tataa.state.ScanChain;

/**
 * A machine of one or more cores that run in lock step, each on its own memory, or all on one that
 * they share.
 *
 * <pre>{@code
 * Simulator simulator = Simulator.builder(TataaConfig.u280()).program(program).build();
 * simulator.core(0).memory().write(ExternalMemory.Space.X, 0, operands);
 * RunResult result = simulator.run();
 * }</pre>
 *
 * <p>Not thread safe.
 */
public final class Simulator {
  /** Cycle limit of a run if none is given. */
  public static final long DEFAULT_CYCLE_LIMIT = 10_000_000_000L;

  /** Cycles between two questions whether the run is still wanted. */
  private static final long CYCLES_STEPPED = 1 << 10;

  private static final long CYCLES_FORWARDED = 1 << 15;

  private final TataaConfig config;
  private final TataaCore[] cores;
  private final long cycleLimit;
  private final Engine engine;
  private final int threads;

  /** Whether cores slow one another down, and are therefore ticked together. */
  private final boolean sharesChannels;

  private long cycle;

  Simulator(
      TataaConfig config,
      List<Program> programs,
      long cycleLimit,
      HostOptions host,
      boolean sharesMemory) {
    engine = host.engine();
    threads = host.threads();
    this.config = config;
    this.cycleLimit = cycleLimit;
    cores = new TataaCore[config.cores()];
    requireOnePerCore(programs);
    HbmConfig hbm = config.memory().hbm();
    sharesChannels = hbm != null && hbm.isShared() && cores.length > 1;
    Hbm channels = sharesChannels ? new Hbm(config, sharesMemory) : null;
    ExternalMemory memory = new ExternalMemory(config.memory());
    for (int i = 0; i < cores.length; i++) {
      ExternalMemory own = sharesMemory || i == 0 ? memory : new ExternalMemory(config.memory());
      cores[i] = channels == null ? engine.core(config, own) : engine.core(config, own, channels);
    }
    load(programs);
  }

  /**
   * Starts a description of a simulator.
   *
   * @param config the machine
   * @return a builder with defaults
   */
  public static Builder builder(TataaConfig config) {
    return new Builder(config);
  }

  /** Describes a simulator. */
  public static final class Builder {
    private final TataaConfig config;
    private Program program = Program.ofWords(new long[0]);
    private long cycleLimit = DEFAULT_CYCLE_LIMIT;
    private Engine engine = HostOptions.DEFAULT.engine();
    private int threads = HostOptions.DEFAULT.threads();
    private boolean sharesMemory;

    private Builder(TataaConfig config) {
      this.config = Objects.requireNonNull(config, "config");
    }

    /**
     * The program all cores start with.
     *
     * @param value the new value
     * @return this builder
     */
    public Builder program(Program value) {
      program = Objects.requireNonNull(value, "program");
      return this;
    }

    /**
     * Cycles after which {@link #run()} gives up.
     *
     * @param value the new value
     * @return this builder
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder cycleLimit(long value) {
      if (value <= 0) {
        throw new IllegalArgumentException("cycleLimit=" + value + " is not positive");
      }
      cycleLimit = value;
      return this;
    }

    /**
     * How it gets from cycle to cycle (default: {@link Engine#FAST_FORWARD}).
     *
     * @param value the new value
     * @return this builder
     */
    public Builder engine(Engine value) {
      engine = Objects.requireNonNull(value, "engine");
      return this;
    }

    /**
     * Host threads cores are simulated on at most, 0 for one per processor (the default). The
     * result does not depend on it.
     *
     * @param value the new value
     * @return this builder
     */
    public Builder threads(int value) {
      threads = value;
      return this;
    }

    /**
     * All cores on one memory. Their programs must not read or write bytes that another core's
     * program writes: cores are simulated one after the other or at the same time, and what they
     * would see of each other is not modelled.
     *
     * @return this builder
     */
    public Builder sharedMemory() {
      sharesMemory = true;
      return this;
    }

    /**
     * Engine and threads.
     *
     * @param value the new value
     * @return this builder
     */
    public Builder host(HostOptions value) {
      return engine(value.engine()).threads(value.threads());
    }

    /** {@return the simulator, at cycle 0} */
    public Simulator build() {
      return new Simulator(
          config,
          Collections.nCopies(config.cores(), program),
          cycleLimit,
          new HostOptions(engine, threads),
          sharesMemory);
    }
  }

  /** {@return the configuration} */
  public TataaConfig config() {
    return config;
  }

  /** {@return number of cores} */
  public int coreCount() {
    return cores.length;
  }

  /**
   * {@return one core; all its state can be read, its memory also written}
   *
   * @param number number of the core, from 0
   */
  public TataaCore core(int number) {
    return cores[Objects.checkIndex(number, cores.length)];
  }

  /** {@return whether all cores have one memory} */
  public boolean sharesMemory() {
    return cores.length > 1 && cores[0].memory() == cores[1].memory();
  }

  /**
   * {@return external memory of one core}
   *
   * @param number number of the core, from 0
   */
  public ExternalMemory memory(int number) {
    return core(number).memory();
  }

  /** {@return cycles since the programs were started} */
  public long cycle() {
    return cycle;
  }

  /**
   * Resets all cores except their memories and starts one program on each of them.
   *
   * @param programs a program for each core
   */
  public void load(List<Program> programs) {
    requireOnePerCore(programs);
    cycle = 0;
    for (int i = 0; i < cores.length; i++) {
      cores[i].load(programs.get(i));
    }
  }

  /**
   * Starts one program on each core with all memories, registers and counters as they are.
   *
   * @param programs a program for each core
   * @throws IllegalStateException if a core is not finished
   */
  public void continueWith(List<Program> programs) {
    requireOnePerCore(programs);
    cycle = 0;
    for (int i = 0; i < cores.length; i++) {
      cores[i].continueWith(programs.get(i));
    }
  }

  private void requireOnePerCore(List<Program> programs) {
    if (programs.size() != cores.length) {
      throw new IllegalArgumentException(
          "programs=" + programs.size() + ", expected one for each of " + cores.length + " cores");
    }
  }

  /** {@return cycles after which {@link #run()} gives up} */
  public long cycleLimit() {
    return cycleLimit;
  }

  /**
   * Passes a chain over the registers of all cores, not over their memories ({@link
   * TataaCore#scan}).
   *
   * @param chain reads or writes the state
   */
  public void scan(ScanChain chain) {
    cycle = chain.scan("simulator.cycle", cycle);
    for (TataaCore core : cores) {
      core.scan(chain);
    }
  }

  /** {@return whether every core is finished} */
  public boolean isFinished() {
    for (TataaCore core : cores) {
      if (!core.isFinished()) {
        return false;
      }
    }
    return true;
  }

  /** Advances all cores by one clock cycle; finished cores rest. */
  public void step() {
    for (TataaCore core : cores) {
      if (!core.isFinished()) {
        core.tick();
      }
    }
    cycle++;
  }

  /**
   * Advances all cores by up to {@code cycles} cycles, less if all are finished before.
   *
   * @param cycles how many cycles
   * @throws CancelledException if the calling thread is interrupted
   */
  public void step(long cycles) {
    if (engine != Engine.FAST_FORWARD || sharesChannels) {
      for (long i = 0; i < cycles && !isFinished(); i++) {
        if (i % CYCLES_STEPPED == 0) {
          HostThreads.check();
        }
        step();
      }
      return;
    }
    advanceTo(cycles < Long.MAX_VALUE - cycle ? cycle + cycles : Long.MAX_VALUE);
  }

  // No core sees what another writes, so each goes its way alone; the device is at the cycle of the
  // last.
  private void advanceTo(long end) {
    RuntimeException[] failures = new RuntimeException[cores.length];
    long[] steps = new long[cores.length];
    long from = cycle;
    HostThreads.forEach(
        cores.length,
        threads,
        i -> {
          long before = cores[i].cycle();
          try {
            advance(cores[i], end - from);
          } catch (RuntimeException e) {
            failures[i] = e;
          }
          steps[i] = cores[i].cycle() - before;
        });
    for (int i = 0; i < cores.length; i++) {
      cycle = Math.max(cycle, from + steps[i]);
    }
    throwFirst(failures, steps);
  }

  private static void advance(TataaCore core, long cycles) {
    for (long left = cycles; left > 0 && !core.isFinished(); left -= CYCLES_FORWARDED) {
      HostThreads.check();
      core.advance(Math.min(left, CYCLES_FORWARDED));
    }
  }

  // Of several failures the one that stepping would have met.
  private static void throwFirst(@Nullable RuntimeException[] failures, long[] steps) {
    int first = -1;
    for (int i = 0; i < failures.length; i++) {
      if (failures[i] != null && (first < 0 || steps[i] < steps[first])) {
        first = i;
      }
    }
    RuntimeException failure = first < 0 ? null : failures[first];
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Advances until a condition holds after a cycle, or all cores are finished.
   *
   * @param condition when to stop
   * @return whether the condition was met
   * @throws CycleLimitException if neither happens within the cycle limit
   */
  public boolean runUntil(Predicate<Simulator> condition) {
    while (!isFinished()) {
      checkLimit();
      step();
      if (condition.test(this)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Runs all programs to their end.
   *
   * @return cycles and counters of every core
   * @throws CycleLimitException if they do not end within the cycle limit
   * @throws CancelledException if the calling thread is interrupted
   */
  public RunResult run() {
    RunEvent event = FlightEvents.begun(RunEvent::new);
    long first = cycle;
    Counters[] before = new Counters[cores.length];
    for (int i = 0; i < cores.length; i++) {
      before[i] = new Counters();
      before[i].copyFrom(cores[i].counters());
    }
    while (!isFinished()) {
      checkLimit();
      step(cycleLimit - cycle);
    }
    List<CoreResult> results = new ArrayList<>();
    for (int i = 0; i < cores.length; i++) {
      TataaCore core = cores[i];
      results.add(
          new CoreResult(
              i,
              core.cycle(),
              core.controller().latencyCycles(),
              core.counters().since(before[i])));
    }
    RunResult result = new RunResult(config, cycle, results);
    if (event != null) {
      event.end();
      event.machine = config.name();
      event.cycles = cycle - first;
      event.instructions = result.total().instructions();
      event.commit();
    }
    return result;
  }

  private void checkLimit() {
    if (cycle >= cycleLimit) {
      StringBuilder state = new StringBuilder();
      for (int i = 0; i < cores.length; i++) {
        state.append("core ").append(i).append(": ").append(cores[i]).append('\n');
      }
      throw new CycleLimitException(cycleLimit, state.toString());
    }
  }

  @Override
  public String toString() {
    return config.name() + " with " + cores.length + " cores, cycle " + cycle;
  }
}
