package org.tataa.bench;

import java.util.Set;
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
import org.tataa.pipeline.Workloads;
import org.tataa.sim.Engine;

/**
 * How many elements per second does a SoftMax of 128 x 128 on one core reach, from the host's
 * scores to the host's result?
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SoftmaxBenchmark {
  private static final int ROWS = 128;
  private static final int FEATURES = 128;
  private static final int ELEMENTS = ROWS * FEATURES;

  /** How the simulator gets from cycle to cycle. */
  @Param({"FAST_FORWARD", "STEPPING"})
  Engine engine = Engine.FAST_FORWARD;

  private @Nullable LoadedModel softmax;

  /** Compiles and loads. */
  @Setup
  public void setup() {
    Workloads.Workload workload = Workloads.softmax(ROWS, FEATURES);
    softmax = new LoadedModel(workload.model(), workload.inputs(), Set.of(), engine);
  }

  /** Runs {@value #ELEMENTS} elements. */
  @Benchmark
  @OperationsPerInvocation(ELEMENTS)
  public long elements() {
    if (softmax == null) {
      throw new IllegalStateException("not set up");
    }
    return softmax.run();
  }
}
