package org.tataa.pipeline;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompiledModel;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.machine.CoreMachine;
import org.tataa.memory.ExternalMemory;
import org.tataa.sim.Engine;
import org.tataa.sim.Simulator;

/**
 * Executes a model without a clock and keeps a core as it is when one step begins: with the memory
 * its group shares, since none of the others writes what it reads.
 */
final class StepCapture implements CoreMachine, CompiledModel.Observer {
  private final CoreMachine machine;
  private final String wanted;
  private final int core;
  private final Function<TataaConfig, Engine> engine;
  private boolean isReached;
  private int steps;
  private @Nullable Simulator captured;

  StepCapture(TataaConfig config, String wanted, int core, Function<TataaConfig, Engine> engine) {
    this.core = core;
    this.engine = engine;
    machine = CoreMachine.unclocked(config);
    this.wanted = wanted;
  }

  @Override
  public void begins(int step, String name, String kind) {
    steps++;
    boolean isNumber = !wanted.isEmpty() && wanted.chars().allMatch(Character::isDigit);
    isReached |= isNumber ? Integer.toString(step).equals(wanted) : name.contains(wanted);
  }

  @Override
  public Cost run(List<Program> programs) {
    if (isReached && captured == null) {
      TataaConfig alone = config().withCores(1);
      Simulator simulator =
          Simulator.builder(alone).program(programs.get(core)).engine(engine.apply(alone)).build();
      int bytes = config().memory().xBytes();
      simulator.memory(0).write(ExternalMemory.Space.X, 0, machine.read(0, bytes));
      captured = simulator;
    }
    return machine.run(programs);
  }

  /**
   * The machine.
   *
   * @throws IllegalArgumentException if the step was not found
   */
  Simulator captured() {
    Simulator found = captured;
    if (found == null) {
      throw new IllegalArgumentException(
          "no step `" + wanted + "` with a program, expected 0.." + (steps - 1) + " or a name");
    }
    return found;
  }

  @Override
  public TataaConfig config() {
    return machine.config();
  }

  @Override
  public void write(long address, byte[] bytes) {
    machine.write(address, bytes);
  }

  @Override
  public byte[] read(long address, int length) {
    return machine.read(address, length);
  }
}
