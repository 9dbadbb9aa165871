package org.tataa.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.tataa.config.TataaConfig;
import org.tataa.kernel.SoftmaxKernel;
import org.tataa.numeric.Bfloat16;
import org.tataa.sim.Engine;
import org.tataa.sim.HostOptions;
import org.tataa.sim.Simulator;

/** How many elements per second does a whole SoftMax of 1024 x 128 on eight cores reach? */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SoftmaxBenchmark {
  private static final int ROWS = 1024;
  private static final int FEATURES = 128;
  private static final int ELEMENTS = ROWS * FEATURES;

  /** How the simulator gets from cycle to cycle. */
  @Param({"FAST_FORWARD", "STEPPING"})
  Engine engine = Engine.FAST_FORWARD;

  /** Host threads. */
  @Param({"1", "2"})
  int threads = 1;

  private @Nullable Simulator simulator;
  private @Nullable SoftmaxKernel kernel;

  /** Operands and programs. */
  @Setup
  public void setup() {
    TataaConfig config = TataaConfig.u280();
    kernel = new SoftmaxKernel(config, ROWS, FEATURES);
    simulator = Simulator.builder(config).host(new HostOptions(engine, threads)).build();
    Random random = new Random(1);
    int[] x = new int[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++) {
      x[i] = Bfloat16.fromFloat((float) (4 * random.nextGaussian()));
    }
    kernel.place(simulator, x);
  }

  /** Runs {@value #ELEMENTS} elements. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public long elements() {
    if (simulator == null || kernel == null) {
      throw new IllegalStateException("not set up");
    }
    simulator.load(kernel.programs());
    return simulator.run().cycles();
  }
}
