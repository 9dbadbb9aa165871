package org.tataa.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
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
import org.tataa.simd.BlockProduct;
import org.tataa.simd.BlockShape;
import org.tataa.simd.HostKernels;

/**
 * How many multiply-accumulates per second do the host kernels reach, on one block of a u280 core
 * and on a whole matrix product that nobody simulates? One operation is one multiply-accumulate.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = Kernels.MODULE)
public class BlockProductBenchmark {
  private static final int ROWS = 32;
  private static final int COLUMNS = 16;
  private static final int DEPTH = 384;
  private static final int BLOCK = ROWS * COLUMNS * 2 * DEPTH;
  private static final int M = 128;
  private static final int K = 384;
  private static final int N = 1536;

  /** Which implementation. */
  @Param({"scalar", "vector"})
  String kernels = "scalar";

  private final byte[] x = new byte[ROWS * DEPTH];
  private final byte[] y = new byte[2 * COLUMNS * DEPTH];
  private final int[] sumLo = new int[ROWS * COLUMNS];
  private final int[] sumHi = new int[ROWS * COLUMNS];
  private final byte[] a = new byte[M * K];
  private final byte[] b = new byte[K * N];
  private final int[] c = new int[M * N];
  private BlockProduct product = block(HostKernels.scalar());
  private BlockedProduct matrices = new BlockedProduct(HostKernels.scalar(), M, K, N);

  private static BlockProduct block(HostKernels kernels) {
    return kernels.blockProduct(new BlockShape(ROWS, COLUMNS, 2, true, DEPTH));
  }

  /** Random operands. */
  @Setup
  public void setup() {
    HostKernels host = Kernels.named(kernels);
    product = block(host);
    matrices = new BlockedProduct(host, M, K, N);
    Random random = new Random(1);
    random.nextBytes(x);
    random.nextBytes(y);
    random.nextBytes(a);
    random.nextBytes(b);
  }

  /** A block of {@value #ROWS} rows, {@value #COLUMNS} columns of two outputs, K = 384. */
  @Benchmark
  @OperationsPerInvocation(BLOCK)
  public int[] block() {
    product.addTo(x, y, 2 * COLUMNS, DEPTH, sumLo, sumHi);
    return sumLo;
  }

  /** The baseline: {@value #M} x {@value #K} times {@value #K} x {@value #N}. */
  @Benchmark
  @OperationsPerInvocation(M * K * N)
  public int[] matrixProduct() {
    matrices.multiply(a, b, c);
    return c;
  }
}
