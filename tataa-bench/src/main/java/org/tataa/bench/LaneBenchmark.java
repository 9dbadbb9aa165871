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
import org.tataa.numeric.LaneOp;
import org.tataa.simd.HostKernels;
import org.tataa.simd.LaneKernel;

/**
 * How many bfloat16 lane operations per second do the host kernels reach on vectors of 128 lanes,
 * one after another out of a register file's worth of memory? One operation is one lane.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = Kernels.MODULE)
public class LaneBenchmark {
  private static final int LANES = 128;
  private static final int VECTORS = 16;

  /** Which implementation. */
  @Param({"scalar", "vector"})
  String kernels = "scalar";

  /** Which operation. */
  @Param({"MUL", "ADD", "MAX", "FLOOR", "EXP2I", "APP"})
  LaneOp op = LaneOp.MUL;

  private final short[] a = new short[VECTORS * LANES];
  private final short[] b = new short[VECTORS * LANES];
  private final short[] result = new short[VECTORS * LANES];
  private LaneKernel lanes = HostKernels.scalar().lanes();

  /** Normally distributed operands. */
  @Setup
  public void setup() {
    lanes = Kernels.named(kernels).lanes();
    Random random = new Random(1);
    for (int i = 0; i < a.length; i++) {
      a[i] = (short) Bfloat16.fromFloat((float) random.nextGaussian());
      b[i] = (short) Bfloat16.fromFloat((float) random.nextGaussian());
    }
  }

  /** Every vector once, the second operand negated for every other one. */
  @Benchmark
  @OperationsPerInvocation(VECTORS * LANES)
  public short[] lanes() {
    for (int at = 0; at < a.length; at += LANES) {
      lanes.apply(op, a, at, 0, b, at, at << 8 & Bfloat16.SIGN, result, at, LANES);
    }
    return result;
  }
}
