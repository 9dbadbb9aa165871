package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.config.TataaConfig;
import org.tataa.graph.Evaluator;
import org.tataa.graph.NdTensor;
import org.tataa.lower.LoweringOptions;
import org.tataa.onnx.OnnxBuilder;
import org.tataa.onnx.OnnxImporter;
import org.tataa.quant.Calibration;
import org.tataa.tensor.ContractOp;

/** Codes of keys straight from the sums of their projection. */
class DirectKeysTest {
  private static final int HEADS = 2;
  private static final int DEPTH = 32;
  private static final int FEATURES = HEADS * DEPTH;

  @ParameterizedTest
  @ValueSource(ints = {5, 32, 45})
  void keysNeedNoPassOfTheirOwn(int tokens) throws IOException {
    Compilation direct = compiled(tokens, 30, 0, TataaConfig.u280(), Set.of());
    Compilation usual =
        compiled(tokens, 30, 0, TataaConfig.u280(), Set.of(LoweringOptions.KEY_CODES));
    assertThat(codesOfSums(direct)).isEqualTo(1);
    assertThat(codesOfSums(usual)).isZero();
    assertThat(direct.schedule().tiles().steps())
        .hasSizeLessThan(usual.schedule().tiles().steps().size());
  }

  @Test
  void keysFarFromTheirBiasAreTakenAroundTheirMean() throws IOException {
    assertThat(codesOfSums(compiled(40, 1, 6, TataaConfig.u280(), Set.of()))).isZero();
  }

  @Test
  void blocksMustBeSquare() throws IOException {
    TataaConfig config = TataaConfig.tiny();
    Compilation compilation = compiled(9, 1, 0, config, Set.of());
    assertThat(codesOfSums(compilation)).isEqualTo(config.canTranspose() ? 1 : 0);
  }

  private static long codesOfSums(Compilation compilation) {
    return compilation.tensors().ops().stream()
        .filter(op -> op instanceof ContractOp contract && contract.toInt8())
        .count();
  }

  // Checks all levels and the result, too.
  private static Compilation compiled(
      int tokens, float keyBias, float mean, TataaConfig config, Set<String> disabled)
      throws IOException {
    OnnxBuilder b = new OnnxBuilder(17, 7);
    String x = b.input("x", 1, tokens, FEATURES);
    Random random = new Random(11);
    String q = heads(b, projection(b, x, random, 1), tokens);
    String k = heads(b, projection(b, x, random, keyBias), tokens);
    String v = heads(b, projection(b, x, random, 1), tokens);
    String scores =
        b.op("Mul", b.op("MatMul", q, b.transpose(k, 0, 1, 3, 2)), b.number(1 / Math.sqrt(DEPTH)));
    byte[] file = b.build(b.op("MatMul", b.op("Softmax", Map.of("axis", -1L), scores), v));
    List<Map<String, NdTensor>> samples = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      float[] values = new float[tokens * FEATURES];
      for (int j = 0; j < values.length; j++) {
        values[j] = mean + (float) random.nextGaussian();
      }
      samples.add(Map.of("x", NdTensor.of(values, 1, tokens, FEATURES)));
    }
    OnnxImporter.Model model = OnnxImporter.read(new ByteArrayInputStream(file), "test");
    CompilerOptions options = CompilerOptions.DEFAULT.withoutPasses(disabled);
    Map<String, NdTensor> inputs = samples.get(0);
    Calibration calibration =
        new Compiler(config, model, options)
            .calibrate(
                samples,
                Set.of(),
                Compilation.requests(config, options, model, inputs, Set.of()),
                (done, of) -> {});
    Compilation compilation = Compilation.of(config, options, model, inputs, Set.of(), calibration);
    Map<String, NdTensor> reference = new Evaluator(model.graph(), model.opset()).run(inputs, null);
    CompilationTest.levels(compilation, inputs)
        .forEach(
            (name, value) ->
                assertThat(CompiledModel.cosine(value.floats(), reference.get(name).floats()))
                    .as(name)
                    .isGreaterThan(0.997));
    return compilation;
  }

  private static String projection(OnnxBuilder b, String x, Random random, float bias) {
    float[] weights = new float[FEATURES * FEATURES];
    float[] biases = new float[FEATURES];
    for (int out = 0; out < FEATURES; out++) {
      biases[out] = bias * (float) random.nextGaussian();
      for (int in = 0; in < FEATURES; in++) {
        weights[in * FEATURES + out] = (float) (random.nextGaussian() / Math.sqrt(FEATURES));
      }
    }
    String product = b.op("MatMul", x, b.floats(weights, FEATURES, FEATURES));
    return b.op("Add", product, b.floats(biases, FEATURES));
  }

  private static String heads(OnnxBuilder b, String value, int tokens) {
    return b.transpose(b.reshape(value, 1, tokens, HEADS, DEPTH), 0, 2, 1, 3);
  }
}
