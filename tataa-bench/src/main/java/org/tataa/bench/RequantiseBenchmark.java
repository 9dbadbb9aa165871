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
import org.tataa.numeric.Bfloat16;
import org.tataa.simd.HostKernels;
import org.tataa.simd.RequantiseKernel;

/**
 * How many values per second do the host kernels convert on the store path, row by row of a block
 * of a u280 core? One operation is one value.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = Kernels.MODULE)
public class RequantiseBenchmark {
  private static final int ROWS = 32;
  private static final int COLUMNS = 16;
  private static final int VALUES = 2 * ROWS * COLUMNS;
  private static final int MANTISSA = 20_000;
  private static final int SHIFT = 24;

  /** Which implementation. */
  @Param({"scalar", "vector"})
  String kernels = "scalar";

  private final int[] lo = new int[ROWS * COLUMNS];
  private final int[] hi = new int[ROWS * COLUMNS];
  private final int[] patterns = new int[VALUES];
  private final byte[] out = new byte[2 * VALUES];
  private RequantiseKernel kernel = HostKernels.scalar().requantise();

  /** Sums of which a few saturate, normally distributed patterns. */
  @Setup
  public void setup() {
    kernel = Kernels.named(kernels).requantise();
    Random random = new Random(1);
    for (int i = 0; i < lo.length; i++) {
      lo[i] = (int) (40_000 * random.nextGaussian());
      hi[i] = (int) (40_000 * random.nextGaussian());
    }
    for (int i = 0; i < VALUES; i++) {
      patterns[i] = Bfloat16.fromFloat((float) random.nextGaussian());
    }
  }

  /** Partial sums to int8; returns the number of saturated ones. */
  @Benchmark
  @OperationsPerInvocation(VALUES)
  public int accToInt8() {
    int saturated = 0;
    for (int row = 0; row < ROWS; row++) {
      int from = row * COLUMNS;
      saturated += kernel.accToInt8(lo, hi, from, COLUMNS, 2, MANTISSA, SHIFT, out, 2 * from);
    }
    return saturated;
  }

  /** Partial sums to bfloat16. */
  @Benchmark
  @OperationsPerInvocation(VALUES)
  public byte[] accToBf16() {
    for (int row = 0; row < ROWS; row++) {
      int from = row * COLUMNS;
      kernel.accToBf16(lo, hi, from, COLUMNS, 2, MANTISSA, SHIFT, out, 4 * from);
    }
    return out;
  }

  /** bfloat16 to int8, 128 values at a time; returns the number of saturated ones. */
  @Benchmark
  @OperationsPerInvocation(VALUES)
  public long bf16ToInt8() {
    long reported = 0;
    for (int from = 0; from < VALUES; from += 128) {
      reported += kernel.bf16ToInt8(patterns, from, 128, MANTISSA, 9, out, from);
    }
    return reported;
  }
}
