package org.tataa.bench;

import java.util.Map;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.tataa.graph.Evaluator;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.SentenceEncoder;
import org.tataa.pipeline.TextInputs;
import org.tataa.sim.Engine;

/**
 * How long does one all-MiniLM-L6-v2 sentence of 32 tokens take on one core, from the compiled
 * program to the result compared with float32, and how long does ONNX Runtime take for the same
 * sentence in float32 on one thread?
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SentenceBenchmark {
  /** The simulated sentence. */
  @State(Scope.Thread)
  public static class Simulated {
    /** How the simulator gets from cycle to cycle. */
    @Param({"FAST_FORWARD", "STEPPING"})
    Engine engine = Engine.FAST_FORWARD;

    private @Nullable LoadedModel model;

    /** Compiles the model for the sentence and loads it. */
    @Setup
    public void setup() {
      OnnxImporter.Model source = LoadedModel.miniLm();
      model = new LoadedModel(source, LoadedModel.sentence(source), TextInputs.FIXED, engine);
    }
  }

  /** The sentence on ONNX Runtime. */
  @State(Scope.Thread)
  public static class Float32 {
    private @Nullable Float32Runtime runtime;
    private Map<String, NdTensor> expected = Map.of();

    /** Opens the model. */
    @Setup
    public void setup() {
      OnnxImporter.Model source = LoadedModel.miniLm();
      Map<String, NdTensor> item = LoadedModel.sentence(source);
      expected = new Evaluator(source.graph(), source.opset()).run(item, null);
      runtime = new Float32Runtime(item);
    }

    /** Closes the model. */
    @TearDown
    public void close() {
      if (runtime != null) {
        runtime.close();
      }
    }
  }

  /** Runs the sentence on the machine and compares the embedding. */
  @Benchmark
  public long simulated(Simulated state) {
    if (state.model == null) {
      throw new IllegalStateException("not set up");
    }
    return state.model.run();
  }

  /** Runs the sentence on ONNX Runtime and compares the embedding. */
  @Benchmark
  public float[] onnxRuntime(Float32 state) {
    if (state.runtime == null) {
      throw new IllegalStateException("not set up");
    }
    float[] embedding = state.runtime.run();
    LoadedModel.compare(SentenceEncoder.EMBEDDING, embedding, state.expected);
    return embedding;
  }
}
