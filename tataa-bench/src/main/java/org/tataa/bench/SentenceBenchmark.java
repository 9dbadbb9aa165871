package org.tataa.bench;

import java.util.List;
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
import org.openjdk.jmh.annotations.Warmup;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.CoreMachine;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.ModelSession;
import org.tataa.pipeline.SentenceEncoder;
import org.tataa.pipeline.TextInputs;
import org.tataa.pipeline.TextTokenizer;
import org.tataa.sim.Engine;

/** How long does one all-MiniLM-L6-v2 sentence of 32 tokens take on one core, all values exact? */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class SentenceBenchmark {
  private static final String SENTENCE =
      "The quick brown fox jumps over the lazy dog while the old farmer watches from his porch and"
          + " wonders whether it will rain before the evening comes again";

  /** How the simulator gets from cycle to cycle. */
  @Param({"FAST_FORWARD", "STEPPING"})
  Engine engine = Engine.FAST_FORWARD;

  private Map<String, NdTensor> item = Map.of();
  private @Nullable CompiledModel program;
  private @Nullable CoreMachine machine;

  /** Compiles the model for the sentence and loads it. */
  @Setup
  public void setup() {
    OnnxImporter.Model model =
        TextInputs.meanPooled(
            SentenceEncoder.model(SentenceEncoder.MINI_LM), SentenceEncoder.EMBEDDING);
    try (TextTokenizer tokenizer = TextTokenizer.miniLm(32)) {
      item = TextInputs.of(model.graph(), tokenizer.encode(SENTENCE));
    }
    ModelSession session =
        new ModelSession(TataaConfig.u280(), model, TextInputs.FIXED, CompilerOptions.DEFAULT);
    session.calibrate(List.of(item), (done, of) -> {});
    CompiledModel compiled = session.compile(item);
    program = compiled;
    CoreMachine loaded = CoreMachine.simulated(compiled.core(), engine);
    compiled.load(loaded);
    machine = loaded;
  }

  /** Runs the sentence. */
  @Benchmark
  public long sentence() {
    if (program == null || machine == null) {
      throw new IllegalStateException("not set up");
    }
    return program.run(machine, item).cycles();
  }
}
