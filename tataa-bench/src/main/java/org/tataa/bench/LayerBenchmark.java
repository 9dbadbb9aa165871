package org.tataa.bench;

import java.util.List;
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
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.SentenceEncoder;
import org.tataa.pipeline.TextInputs;
import org.tataa.sim.Engine;

/**
 * How long does the first encoder layer of all-MiniLM-L6-v2 take for 32 tokens on one core, with
 * the embedding before it?
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LayerBenchmark {
  private static final String LAYER = "/encoder/layer.0/output/LayerNorm/Add_1_output_0";

  /** How the simulator gets from cycle to cycle. */
  @Param({"FAST_FORWARD", "STEPPING"})
  Engine engine = Engine.FAST_FORWARD;

  private @Nullable LoadedModel model;

  /** Cuts the model after the layer, compiles and loads it. */
  @Setup
  public void setup() {
    OnnxImporter.Model whole = SentenceEncoder.model(SentenceEncoder.MINI_LM);
    OnnxImporter.Model layer =
        new OnnxImporter.Model(whole.graph().withOutputs(List.of(LAYER)), whole.opset());
    model = new LoadedModel(layer, LoadedModel.sentence(whole), TextInputs.FIXED, engine);
  }

  /** Runs the layer and compares its result. */
  @Benchmark
  public long layer() {
    if (model == null) {
      throw new IllegalStateException("not set up");
    }
    return model.run();
  }
}
