package org.tataa.digest;

import java.util.Random;
import org.tataa.sim.RunResult;
import org.tataa.sim.Simulator;

/** The digests of a job while it runs. */
final class Shas {
  private static final int STOPS = 4;

  /** Core cycles so far. */
  long cycles;

  final Sha memory = new Sha();
  final Sha counters = new Sha();
  final Sha registers = new Sha();
  final Sha events = new Sha();

  /** Runs what is loaded to its end, with a few stops, and takes in all registers at each. */
  RunResult runWithStops(Simulator simulator, Random random) {
    for (int stop = 0; stop < STOPS && !simulator.isFinished(); stop++) {
      simulator.step(1 + random.nextInt(1 << random.nextInt(10)));
      simulator.scan(registers);
    }
    RunResult result = simulator.run();
    simulator.scan(registers);
    return result;
  }

  JobDigest result(String job) {
    return new JobDigest(
        job, cycles, memory.text(), counters.text(), registers.text(), events.text());
  }
}
