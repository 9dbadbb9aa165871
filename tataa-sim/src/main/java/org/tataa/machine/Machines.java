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
import org.tataa.observe.SectionListener;
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
      return run(programs, List.of(0), (section, stored) -> {}).get(0);
    }

    @Override
    public List<Cost> run(List<Program> programs, List<Integer> starts, SectionListener accepted) {
      simulator.load(programs);
      int cut = 0;
      while (starts.size() > 1 && programs.get(cut).size() <= starts.get(1)) {
        cut++;
      }
      simulator.core(cut).cut(starts, accepted);
      RunResult result = run.apply(simulator);
      accepted.onAccepted(starts.size() - 1, starts.size());
      List<Counters> sections = simulator.core(cut).sectionCounters();
      List<Cost> costs = new ArrayList<>();
      for (int section = 0; section < sections.size(); section++) {
        // The others are done in the first.
        long cycles = sections.size() == 1 ? result.cycles() : sections.get(section).cycles();
        List<Counters> cores = new ArrayList<>();
        for (CoreResult core : result.cores()) {
          if (core.core() == cut) {
            Counters own = sections.get(section);
            cores.add(Cost.withIdle(own, cycles - own.cycles()));
          } else if (section == 0) {
            cores.add(Cost.withIdle(core.counters(), cycles - core.cycles()));
          } else {
            cores.add(Cost.withIdle(new Counters(), cycles));
          }
        }
        costs.add(new Cost(cycles, cores));
      }
      return costs;
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
      return run(programs, List.of(0), (section, stored) -> {}).get(0);
    }

    @Override
    public List<Cost> run(List<Program> programs, List<Integer> starts, SectionListener accepted) {
      core.load(programs.get(0));
      core.cut(starts, accepted);
      HostThreads.check();
      core.advance(Long.MAX_VALUE);
      accepted.onAccepted(starts.size() - 1, starts.size());
      return core.sectionCounters().stream()
          .map(section -> new Cost(section.cycles(), List.of(section)))
          .toList();
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
