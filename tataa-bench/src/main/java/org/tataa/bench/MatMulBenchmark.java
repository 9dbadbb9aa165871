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
import org.tataa.compiler.Int8Matrix;
import org.tataa.compiler.MatrixProduct;
import org.tataa.config.TataaConfig;
import org.tataa.sim.Engine;
import org.tataa.sim.HostOptions;
import org.tataa.tensor.Scale;

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

  private @Nullable MatrixProduct product;

  /** Operands and programs. */
  @Setup
  public void setup() {
    Random random = new Random(1);
    Int8Matrix a = codes(random, M, K);
    Int8Matrix b = codes(random, K, N);
    HostOptions host = new HostOptions(engine, threads);
    product = MatrixProduct.of(TataaConfig.u280(), a, b, Scale.of(0.01), host);
  }

  private static Int8Matrix codes(Random random, int rows, int columns) {
    byte[] codes = new byte[rows * columns];
    random.nextBytes(codes);
    return new Int8Matrix(rows, columns, codes);
  }

  /** Runs {@value #MACS} multiply-accumulates. */
  @Benchmark
  @OperationsPerInvocation(MACS)
  public long macs() {
    if (product == null) {
      throw new IllegalStateException("not set up");
    }
    return product.run().run().cycles();
  }
}
