package org.tataa.digest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.memory.ExternalMemory;
import org.tataa.reference.RandomPrograms;
import org.tataa.sim.Engine;
import org.tataa.sim.HostOptions;
import org.tataa.sim.Simulator;

/** Digests of random programs. Integers only, the same on every host. */
final class ProgramDigests {
  private static final int CORES = 3;

  private interface Loader {
    void load(Simulator simulator);
  }

  private final HostOptions host;
  private final Shas shas = new Shas();

  private ProgramDigests(HostOptions host) {
    this.host = host;
  }

  /** Random programs for random machines of three cores. */
  static JobDigest random(
      String job, HostOptions host, TataaConfig base, int firstSeed, int seeds) {
    ProgramDigests digests = new ProgramDigests(host);
    for (int seed = firstSeed; seed < firstSeed + seeds; seed++) {
      Random random = new Random(seed);
      TataaConfig config = RandomPrograms.machine(random, base).withCores(CORES);
      List<Program> programs = new ArrayList<>();
      for (int core = 0; core < CORES; core++) {
        int length = 1 + random.nextInt(100);
        programs.add(Program.of(RandomPrograms.generate(random, config, length)));
      }
      long contents = random.nextLong();
      digests.add(
          config,
          seed,
          simulator -> {
            Random bytes = new Random(contents);
            for (int core = 0; core < CORES; core++) {
              byte[] image = new byte[config.memory().xBytes()];
              bytes.nextBytes(image);
              simulator.memory(core).write(ExternalMemory.Space.X, 0, image);
            }
            simulator.load(programs);
          });
    }
    return digests.shas.result(job);
  }

  // Runs it with stops, and once more by stepping with somebody listening.
  private void add(TataaConfig config, long seed, Loader loader) {
    Simulator simulator = Simulator.builder(config).host(host).build();
    loader.load(simulator);
    shas.runWithStops(simulator, new Random(seed));
    for (int core = 0; core < simulator.coreCount(); core++) {
      shas.cycles += simulator.core(core).cycle();
      simulator.core(core).counters().scan(shas.counters);
      ExternalMemory contents = simulator.memory(core);
      contents.scan(shas.memory, 0, contents.config().totalBytes());
    }
    listen(config, loader);
  }

  private void listen(TataaConfig config, Loader loader) {
    Simulator simulator = Simulator.builder(config).engine(Engine.STEPPING).build();
    loader.load(simulator);
    List<EventDigest> digests = new ArrayList<>();
    List<Sha> perCore = new ArrayList<>();
    for (int core = 0; core < simulator.coreCount(); core++) {
      perCore.add(new Sha());
      digests.add(new EventDigest(perCore.get(core)));
      simulator.core(core).observe(digests.get(core));
    }
    simulator.run();
    digests.forEach(EventDigest::finish);
    for (int core = 0; core < simulator.coreCount(); core++) {
      shas.events.add(perCore.get(core).text().getBytes(StandardCharsets.US_ASCII));
      shas.events.add(simulator.core(core).cycle());
    }
  }
}
