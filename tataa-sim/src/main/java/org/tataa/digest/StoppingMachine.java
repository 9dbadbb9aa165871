package org.tataa.digest;

import java.util.List;
import java.util.Random;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.machine.CoreMachine;
import org.tataa.memory.ExternalMemory;
import org.tataa.sim.Engine;
import org.tataa.sim.RunResult;
import org.tataa.sim.Simulator;

/** A clocked core that stops in every program now and then, and hands over all its registers. */
final class StoppingMachine implements CoreMachine {
  private static final int STOPS = 4;

  private final Simulator simulator;
  private final Sha registers;
  private final Random random = new Random(1);

  /**
   * A core.
   *
   * @param registers receives the registers at stops and at the ends of programs
   */
  StoppingMachine(TataaConfig config, Engine engine, Sha registers) {
    simulator = Simulator.builder(config).engine(engine).build();
    this.registers = registers;
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
  public Cost run(Program program) {
    simulator.load(List.of(program));
    for (int stop = 0; stop < STOPS && !simulator.isFinished(); stop++) {
      simulator.step(1 + random.nextInt(1 << random.nextInt(10)));
      simulator.scan(registers);
    }
    RunResult result = simulator.run();
    simulator.scan(registers);
    return new Cost(result.cycles(), result.total());
  }
}
