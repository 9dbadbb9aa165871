package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.model.MiniLm;
import org.tataa.onnx.OnnxImporter;
import org.tataa.quant.Calibration;

/** The pre-trained encoder on the machine. */
class MiniLmCompilerTest {
  @Test
  void oneSentence() throws IOException {
    OnnxImporter.Model read;
    try (InputStream stream =
        MiniLmCompilerTest.class.getResourceAsStream("/all-minilm-l6-v2.onnx")) {
      read = OnnxImporter.read(stream, "all-minilm-l6-v2.onnx");
    }
    OnnxImporter.Model model =
        new OnnxImporter.Model(
            read.graph().withOutputs(List.of(read.graph().outputs().get(0))), read.opset());
    int[] tokens = MiniLm.defaultTokens();
    Map<String, NdTensor> inputs = new LinkedHashMap<>();
    for (Graph.Input input : model.graph().inputs()) {
      long[] values = new long[tokens.length];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (input.name()) {
              case "input_ids" -> tokens[i];
              case "attention_mask" -> 1;
              default -> 0;
            };
      }
      inputs.put(input.name(), NdTensor.of(values, 1, tokens.length));
    }
    Set<String> fixed = Set.of("attention_mask", "token_type_ids");
    Compiler compiler = new Compiler(TataaConfig.u280(), model, CompilerOptions.DEFAULT);
    Calibration calibration = compiler.calibrate(List.of(inputs), fixed, (done, of) -> {});
    long start = System.nanoTime();
    CompiledModel compiled = compiler.compile(inputs, fixed, calibration);
    System.err.println("A compile " + (System.nanoTime() - start) / 1e9);
    CoreMachine machine = CoreMachine.simulated(compiled.core());
    compiled.load(machine);
    start = System.nanoTime();
    CompiledModel.Result result = compiled.run(machine, inputs);
    System.err.println("A run " + (System.nanoTime() - start) / 1e9);
    String output = model.graph().outputs().get(0);
    float[] expected =
        new Evaluator(model.graph(), model.opset()).run(inputs, null).get(output).floats();
    float[] actual = result.outputs().get(output).floats();
    java.util.Map<String, long[]> by = new java.util.TreeMap<>();
    for (CompiledModel.StepReport r : result.steps()) {
      long[] x = by.computeIfAbsent(r.kind(), k -> new long[3]);
      x[0] += r.cycles();
      x[1] += r.bound();
      x[2]++;
    }
    by.forEach((k, v) -> System.err.println("A " + k + " " + java.util.Arrays.toString(v)));
    double dot = 0;
    double a = 0;
    double b = 0;
    for (int i = 0; i < actual.length; i++) {
      dot += (double) actual[i] * expected[i];
      a += (double) actual[i] * actual[i];
      b += (double) expected[i] * expected[i];
    }
    System.err.println("A cosine " + dot / Math.sqrt(a * b));
    assertThat(dot / Math.sqrt(a * b)).isGreaterThan(0.99);
  }
}
