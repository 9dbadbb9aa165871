package org.tataa.bench;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.TataaConfig;
import org.tataa.graph.Evaluator;
import org.tataa.graph.NdTensor;
import org.tataa.machine.CoreMachine;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.ModelSession;
import org.tataa.pipeline.SentenceEncoder;
import org.tataa.pipeline.TextInputs;
import org.tataa.pipeline.TextTokenizer;
import org.tataa.sim.Engine;

/** A model compiled for one item and loaded into one u280 core, with its results in float32. */
final class LoadedModel {
  /** Tokens of the sentence. */
  static final int TOKENS = 32;

  private static final String SENTENCE =
      "The quick brown fox jumps over the lazy dog while the old farmer watches from his porch and"
          + " wonders whether it will rain before the quiet summer evening comes again";

  private static final double LEAST_COSINE = 0.97;

  private final Map<String, NdTensor> item;
  private final CompiledModel program;
  private final CoreMachine machine;
  private final Map<String, NdTensor> expected;

  /**
   * Calibrates on the item, compiles and loads.
   *
   * @param fixed inputs that are the same for every item of a shape
   */
  LoadedModel(
      OnnxImporter.Model model, Map<String, NdTensor> item, Set<String> fixed, Engine engine) {
    this.item = item;
    ModelSession session =
        new ModelSession(TataaConfig.u280(), model, fixed, CompilerOptions.DEFAULT);
    session.calibrate(List.of(item), (done, of) -> {});
    program = session.compile(item);
    machine = CoreMachine.simulated(program.core(), engine);
    program.load(machine);
    expected = new Evaluator(model.graph(), model.opset()).run(item, null);
  }

  /** all-MiniLM-L6-v2 with mean pooling. */
  static OnnxImporter.Model miniLm() {
    return TextInputs.meanPooled(
        SentenceEncoder.model(SentenceEncoder.MINI_LM), SentenceEncoder.EMBEDDING);
  }

  /** The sentence, exactly {@value #TOKENS} tokens with those at both ends. */
  static Map<String, NdTensor> sentence(OnnxImporter.Model model) {
    try (TextTokenizer tokenizer = TextTokenizer.miniLm(TOKENS)) {
      long[] ids = tokenizer.encode(SENTENCE);
      if (ids.length != TOKENS) {
        throw new IllegalStateException(ids.length + " tokens, expected " + TOKENS);
      }
      return TextInputs.of(model.graph(), ids);
    }
  }

  /** Runs the program and compares the results with float32; returns the cycles. */
  long run() {
    CompiledModel.Result result = program.run(machine, item);
    result.outputs().forEach((name, value) -> compare(name, value.floats(), expected));
    return result.cycles();
  }

  /** Compares a result with what float32 gave. */
  static void compare(String name, float[] actual, Map<String, NdTensor> expected) {
    NdTensor reference = expected.get(name);
    double cosine =
        reference == null ? Double.NaN : CompiledModel.cosine(actual, reference.floats());
    if (!(cosine > LEAST_COSINE)) {
      throw new IllegalStateException("result " + name + " has cosine " + cosine);
    }
  }
}
