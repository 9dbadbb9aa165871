package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.tataa.config.TataaConfig;
import org.tataa.graph.ElementType;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.machine.CoreMachine;
import org.tataa.onnx.OnnxImporter;
import org.tataa.quant.Calibration;

/**
 * Runs a model four ways: ONNX Runtime, the float32 reference, the compiled program on the
 * simulated machine, and the same program executed without a clock.
 */
final class Agreement {
  private Agreement() {}

  /** A model with samples; the first is the one that is run. */
  @SuppressWarnings("ArrayRecordComponent")
  record Case(byte[] file, List<Map<String, NdTensor>> samples, Set<String> fixed) {}

  /** Samples of normally distributed floats and tokens below a vocabulary size. */
  static Case random(byte[] file, int vocabulary, long seed) throws IOException {
    OnnxImporter.Model model = OnnxImporter.read(new ByteArrayInputStream(file), "test");
    Random random = new Random(seed);
    List<Map<String, NdTensor>> samples = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Map<String, NdTensor> sample = new LinkedHashMap<>();
      for (Graph.Input input : model.graph().inputs()) {
        int[] shape = input.dims().stream().mapToInt(Integer::intValue).toArray();
        int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        if (input.type() == ElementType.FLOAT) {
          float[] values = new float[size];
          for (int j = 0; j < size; j++) {
            values[j] = (float) random.nextGaussian();
          }
          sample.put(input.name(), NdTensor.of(values, shape));
        } else {
          long[] values = random.longs(size, 0, vocabulary).toArray();
          sample.put(input.name(), NdTensor.of(values, shape));
        }
      }
      samples.add(sample);
    }
    return new Case(file, samples, Set.of());
  }

  /**
   * Checks that all agree.
   *
   * @param minCosine smallest cosine of the machine's results and float32
   * @return what the machine did
   */
  static CompiledModel.Result check(Case test, double minCosine) throws IOException, OrtException {
    return check(test, minCosine, TataaConfig.u280(), CompilerOptions.DEFAULT);
  }

  static CompiledModel.Result check(
      Case test, double minCosine, TataaConfig config, CompilerOptions options)
      throws IOException, OrtException {
    OnnxImporter.Model model = OnnxImporter.read(new ByteArrayInputStream(test.file()), "test");
    Map<String, NdTensor> inputs = test.samples().get(0);
    Map<String, NdTensor> expected = new Evaluator(model.graph(), model.opset()).run(inputs, null);
    onnxRuntime(test.file(), inputs)
        .forEach(
            (name, values) ->
                assertThat(worst(values, expected.get(name).floats())).as(name).isLessThan(2e-4));
    Compiler compiler = new Compiler(config, model, options);
    Calibration calibration = compiler.calibrate(test.samples(), test.fixed(), (done, of) -> {});
    CompiledModel compiled = compiler.compile(inputs, test.fixed(), calibration);
    CoreMachine simulated = CoreMachine.simulated(compiled.core());
    compiled.load(simulated);
    CompiledModel.Result result = compiled.run(simulated, inputs);
    CoreMachine unclocked = CoreMachine.unclocked(compiled.core());
    compiled.load(unclocked);
    compiled.run(unclocked, inputs);
    int bytes = compiled.core().memory().xBytes(); // one memory for both ports
    for (long from = 0; from < bytes; from += 1 << 20) {
      int length = (int) Math.min(1 << 20, bytes - from);
      assertThat(simulated.read(from, length))
          .as("memory from %d", from)
          .isEqualTo(unclocked.read(from, length));
    }
    result
        .outputs()
        .forEach(
            (name, value) ->
                assertThat(CompiledModel.cosine(value.floats(), expected.get(name).floats()))
                    .as(name)
                    .isGreaterThan(minCosine));
    return result;
  }

  // Largest difference relative to the largest magnitude.
  private static double worst(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double scale = 1e-6;
    double worst = 0;
    for (int i = 0; i < actual.length; i++) {
      scale = Math.max(scale, Math.abs(expected[i]));
      worst = Math.max(worst, Math.abs((double) actual[i] - expected[i]));
    }
    return worst / scale;
  }

  static Map<String, float[]> onnxRuntime(byte[] file, Map<String, NdTensor> inputs)
      throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    for (Map.Entry<String, NdTensor> input : inputs.entrySet()) {
      NdTensor value = input.getValue();
      long[] shape = Arrays.stream(value.shape()).asLongStream().toArray();
      feeds.put(
          input.getKey(),
          value.type() == ElementType.FLOAT
              ? OnnxTensor.createTensor(environment, FloatBuffer.wrap(value.floats()), shape)
              : OnnxTensor.createTensor(environment, LongBuffer.wrap(value.longs()), shape));
    }
    Map<String, float[]> outputs = new LinkedHashMap<>();
    try (OrtSession session = environment.createSession(file);
        OrtSession.Result result = session.run(feeds)) {
      for (Map.Entry<String, ai.onnxruntime.OnnxValue> output : result) {
        FloatBuffer buffer = ((OnnxTensor) output.getValue()).getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        outputs.put(output.getKey(), values);
      }
    }
    return outputs;
  }
}
