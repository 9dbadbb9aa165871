package org.tataa.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.Program;
import org.tataa.memory.ExternalMemory;
import org.tataa.observe.Counters;
import org.tataa.reference.Interpreter;
import org.tataa.sim.CoreResult;
import org.tataa.sim.HostOptions;
import org.tataa.sim.HostThreads;
import org.tataa.sim.RunResult;
import org.tataa.sim.Simulator;

/** The two kinds of {@link CoreMachine}. */
final class Machines {
  private Machines() {}

  /** Steps cycle by cycle. */
  static final class Simulated implements CoreMachine {
    private final Simulator simulator;
    private final Function<Simulator, RunResult> run;

    Simulated(TataaConfig config, HostOptions host, Function<Simulator, RunResult> run) {
      simulator = Simulator.builder(config).host(host).sharedMemory().build();
      this.run = run;
    }

    TataaCore core(int number) {
      return simulator.core(number);
    }

    @Override
    public TataaConfig config() {
      return simulator.config();
    }

    @Override
    public void write(long address, byte[] bytes) {
      simulator.memory(0).write(ExternalMemory.Space.YZ, address, bytes);
    }

    @Override
    public byte[] read(long address, int length) {
      return simulator.memory(0).read(ExternalMemory.Space.YZ, address, length);
    }

    @Override
    public Cost run(List<Program> programs) {
      simulator.load(programs);
      RunResult result = run.apply(simulator);
      List<Counters> cores = new ArrayList<>();
      for (CoreResult core : result.cores()) {
        cores.add(Cost.withIdle(core.counters(), result.cycles() - core.cycles()));
      }
      return new Cost(result.cycles(), cores);
    }
  }

  /** Goes from instruction to instruction and computes nothing. */
  static final class Timed implements CoreMachine {
    private final TataaCore core;

    Timed(TataaConfig config) {
      core = TataaCore.withoutValues(config);
    }

    @Override
    public TataaConfig config() {
      return core.config();
    }

    @Override
    public void write(long address, byte[] bytes) {
      core.memory().write(ExternalMemory.Space.YZ, address, bytes);
    }

    @Override
    public byte[] read(long address, int length) {
      return core.memory().read(ExternalMemory.Space.YZ, address, length);
    }

    @Override
    public Cost run(List<Program> programs) {
      core.load(programs.get(0));
      HostThreads.check();
      core.advance(Long.MAX_VALUE);
      Counters counters = new Counters();
      counters.copyFrom(core.counters());
      return new Cost(core.cycle(), List.of(counters));
    }
  }

  /** Executes instruction by instruction, one core after the other. */
  static final class Unclocked implements CoreMachine {
    private final TataaConfig config;
    private final Interpreter interpreter;

    Unclocked(TataaConfig config) {
      this.config = config;
      interpreter = new Interpreter(config);
    }

    @Override
    public TataaConfig config() {
      return config;
    }

    @Override
    public void write(long address, byte[] bytes) {
      System.arraycopy(bytes, 0, interpreter.memory(), (int) address, bytes.length);
    }

    @Override
    public byte[] read(long address, int length) {
      return Arrays.copyOfRange(interpreter.memory(), (int) address, (int) address + length);
    }

    @Override
    public Cost run(List<Program> programs) {
      List<Counters> cores = new ArrayList<>();
      for (Program program : programs) {
        interpreter.run(program);
        cores.add(new Counters());
      }
      return new Cost(0, cores);
    }
  }
}
