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
import org.tataa.isa.StoreMode;
import org.tataa.kernel.MatMulKernel;
import org.tataa.kernel.Scale;
import org.tataa.sim.Engine;
import org.tataa.sim.HostOptions;
import org.tataa.sim.Simulator;

/** How many int8 MACs per second does a whole 384 x 384 x 128 product on eight cores reach? */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MatMulBenchmark {
  private static final int M = 384;
  private static final int K = 384;
  private static final int N = 128;
  private static final int MACS = M * K * N;

  /** How the simulator gets from cycle to cycle. */
  @Param({"FAST_FORWARD", "STEPPING"})
  Engine engine = Engine.FAST_FORWARD;

  /** Host threads. */
  @Param({"1", "2"})
  int threads = 1;

  private @Nullable Simulator simulator;
  private @Nullable MatMulKernel kernel;

  /** Operands and programs. */
  @Setup
  public void setup() {
    TataaConfig config = TataaConfig.u280();
    kernel = new MatMulKernel(config, M, N, K, StoreMode.ACC_TO_INT8, Scale.of(0.01), new int[0]);
    simulator = Simulator.builder(config).host(new HostOptions(engine, threads)).build();
    Random random = new Random(1);
    byte[] a = new byte[M * K];
    byte[] b = new byte[K * N];
    random.nextBytes(a);
    random.nextBytes(b);
    kernel.place(simulator, a, b);
  }

  /** Runs {@value #MACS} multiply-accumulates. */
  @Benchmark
  @OperationsPerInvocation(MACS)
  public long macs() {
    if (simulator == null || kernel == null) {
      throw new IllegalStateException("not set up");
    }
    simulator.load(kernel.programs());
    return simulator.run().cycles();
  }
}
