package org.tataa.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
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

/**
 * How does the cost of a simulation grow with its size? A product of two square matrices on the
 * eight cores of u280, on one host thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SizeBenchmark {
  /** Rows and columns of both matrices. */
  @Param({"64", "128", "256", "512"})
  int size = 64;

  /** How the simulator gets from cycle to cycle. */
  @Param({"FAST_FORWARD"})
  Engine engine = Engine.FAST_FORWARD;

  private @Nullable MatrixProduct product;

  /** Operands and programs. */
  @Setup
  public void setup() {
    Random random = new Random(1);
    HostOptions host = new HostOptions(engine, 1);
    Int8Matrix a = codes(random);
    Int8Matrix b = codes(random);
    product = MatrixProduct.of(TataaConfig.u280(), a, b, Scale.of(0.01), host);
  }

  private Int8Matrix codes(Random random) {
    byte[] codes = new byte[size * size];
    random.nextBytes(codes);
    return new Int8Matrix(size, size, codes);
  }

  /** Simulates the product. */
  @Benchmark
  public long product() {
    if (product == null) {
      throw new IllegalStateException("not set up");
    }
    return product.run().run().cycles();
  }
}
