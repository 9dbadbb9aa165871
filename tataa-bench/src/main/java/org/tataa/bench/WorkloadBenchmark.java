package org.tataa.bench;

import java.util.Set;
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
import org.tataa.pipeline.Workloads;
import org.tataa.sim.Engine;

/**
 * How long does one item of a whole model of known dimensions take on one core, from the compiled
 * program to the compared result: DeiT-S on an image, BERT-base on 128 tokens?
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class WorkloadBenchmark {
  /** The model. */
  @Param({"deit-s", "bert-base"})
  String workload = "deit-s";

  /** How the simulator gets from cycle to cycle. */
  @Param({"FAST_FORWARD"})
  Engine engine = Engine.FAST_FORWARD;

  private @Nullable LoadedModel model;

  /** Builds, compiles and loads the model. */
  @Setup
  public void setup() {
    Workloads.Workload source = Workloads.of(workload);
    model = new LoadedModel(source.model(), source.inputs(), Set.of(), engine);
  }

  /** Runs the item and compares the result. */
  @Benchmark
  public long item() {
    if (model == null) {
      throw new IllegalStateException("not set up");
    }
    return model.run();
  }
}
