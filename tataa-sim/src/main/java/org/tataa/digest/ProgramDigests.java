package org.tataa.digest;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.tataa.config.MemoryConfig;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.isa.StoreMode;
import org.tataa.kernel.MatMulKernel;
import org.tataa.kernel.Scale;
import org.tataa.kernel.SoftmaxKernel;
import org.tataa.memory.ExternalMemory;
import org.tataa.numeric.Bfloat16;
import org.tataa.reference.RandomPrograms;
import org.tataa.sim.Engine;
import org.tataa.sim.HostOptions;
import org.tataa.sim.Simulator;

/** Digests of programs: random ones, and the two kernels. Integers only, the same on every host. */
final class ProgramDigests {
  private static final int CORES = 3;
  private static final int STOPS = 4;
  private static final int KERNEL_MEMORY = 1 << 21;

  private interface Loader {
    void load(Simulator simulator);
  }

  private final HostOptions host;
  private long cycles;
  private final Sha memory = new Sha();
  private final Sha counters = new Sha();
  private final Sha registers = new Sha();
  private final Sha events = new Sha();

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
    return digests.result(job);
  }

  /** A matrix product on all cores, deeper than a tile, with a bias. */
  static JobDigest matmul(String job, HostOptions host) {
    int m = 100;
    int n = 90;
    int k = 700;
    TataaConfig config = kernelMachine();
    Random random = new Random(1);
    byte[] a = new byte[m * k];
    byte[] b = new byte[k * n];
    random.nextBytes(a);
    random.nextBytes(b);
    int[] bias = random.ints(m, -100_000, 100_000).toArray();
    MatMulKernel kernel =
        new MatMulKernel(config, m, n, k, StoreMode.ACC_TO_INT8, Scale.of(0.001), bias);
    ProgramDigests digests = new ProgramDigests(host);
    digests.add(
        config,
        1,
        simulator -> {
          kernel.place(simulator, a, b);
          simulator.load(kernel.programs());
        });
    return digests.result(job);
  }

  /** A SoftMax on all cores. */
  static JobDigest softmax(String job, HostOptions host) {
    int rows = 70;
    int features = 45;
    TataaConfig config = kernelMachine();
    Random random = new Random(1);
    int[] x = new int[rows * features];
    for (int i = 0; i < x.length; i++) {
      x[i] = Bfloat16.fromFloat(random.nextInt(1600) / 64f - 12);
    }
    SoftmaxKernel kernel = new SoftmaxKernel(config, rows, features);
    ProgramDigests digests = new ProgramDigests(host);
    digests.add(
        config,
        1,
        simulator -> {
          kernel.place(simulator, x);
          simulator.load(kernel.programs());
        });
    return digests.result(job);
  }

  private static TataaConfig kernelMachine() {
    TataaConfig config = TataaConfig.u280();
    MemoryConfig memory = config.memory();
    return config.withMemory(
        MemoryConfig.unified(KERNEL_MEMORY)
            .withPortBytes(memory.portBytes())
            .withLatencyCycles(memory.latencyCycles()));
  }

  // Runs it with stops, and once more by stepping with somebody listening.
  private void add(TataaConfig config, long seed, Loader loader) {
    Simulator simulator = Simulator.builder(config).host(host).build();
    loader.load(simulator);
    Random random = new Random(seed);
    for (int stop = 0; stop < STOPS && !simulator.isFinished(); stop++) {
      simulator.step(1 + random.nextInt(1 << random.nextInt(10)));
      simulator.scan(registers);
    }
    simulator.run();
    simulator.scan(registers);
    for (int core = 0; core < simulator.coreCount(); core++) {
      cycles += simulator.core(core).cycle();
      simulator.core(core).counters().scan(counters);
      ExternalMemory contents = simulator.memory(core);
      contents.scan(memory, 0, contents.config().totalBytes());
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
      events.add(perCore.get(core).text().getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      events.add(simulator.core(core).cycle());
    }
  }

  private JobDigest result(String job) {
    return new JobDigest(
        job, cycles, memory.text(), counters.text(), registers.text(), events.text());
  }
}
