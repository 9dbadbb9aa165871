package org.tataa.bench;

import java.util.List;
import java.util.Random;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.memory.ExternalMemory;
import org.tataa.numeric.Bfloat16;
import org.tataa.sim.Engine;
import org.tataa.sim.Simulator;

/** One u280 core with a program, run again and again. */
final class CoreRun {
  private final Simulator simulator;
  private final List<Program> programs;

  /**
   * A core with seeded bfloat16 values of magnitude 0.5 to 2 at the bottom of its memory.
   *
   * @param values how many
   */
  CoreRun(Engine engine, Program program, int values) {
    simulator = Simulator.builder(TataaConfig.u280().withCores(1)).engine(engine).build();
    programs = List.of(program);
    Random random = new Random(1);
    byte[] image = new byte[2 * values];
    for (int i = 0; i < values; i++) {
      float magnitude = 0.5f + 1.5f * random.nextFloat();
      int bits = Bfloat16.fromFloat(random.nextBoolean() ? magnitude : -magnitude);
      image[2 * i] = (byte) bits;
      image[2 * i + 1] = (byte) (bits >> 8);
    }
    simulator.memory(0).write(ExternalMemory.Space.YZ, 0, image);
  }

  /** Runs the program from its start to its end and returns its cycles. */
  long run() {
    simulator.load(programs);
    simulator.step(Simulator.DEFAULT_CYCLE_LIMIT);
    return simulator.cycle();
  }

  /** Lane operations the program does; to check that a benchmark counts right. */
  long laneOperations() {
    return simulator.core(0).counters().laneOperations();
  }
}
