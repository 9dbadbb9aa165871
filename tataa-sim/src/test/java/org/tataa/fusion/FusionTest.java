package org.tataa.fusion;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.onnx.OnnxImporter;

/** Fused graphs compute what the imported ones do. */
class FusionTest {
  @Test
  void preTrainedEncoder() throws IOException {
    OnnxImporter.Model model;
    try (InputStream stream = FusionTest.class.getResourceAsStream("/all-minilm-l6-v2.onnx")) {
      model = OnnxImporter.read(stream, "all-minilm-l6-v2.onnx");
    }
    int[] tokens = {101, 1037, 2291, 21864, 9140, 4800, 24759, 3111, 2235, 24028, 102};
    Map<String, NdTensor> inputs = new LinkedHashMap<>();
    Map<String, NdTensor> known = new LinkedHashMap<>();
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
      NdTensor value = NdTensor.of(values, 1, tokens.length);
      inputs.put(input.name(), value);
      known.put(input.name(), input.name().equals("input_ids") ? value.withoutData() : value);
    }
    Graph fused = Fusion.fuse(model.graph(), model.opset(), known, Set.of());
    Map<String, Integer> count = new TreeMap<>();
    for (Node node : fused.nodes()) {
      count.merge(node.op(), 1, Integer::sum);
    }
    assertThat(count)
        .containsEntry("Linear", 37)
        .containsEntry("LayerNormalization", 13)
        .containsEntry("Gelu", 6)
        .containsEntry("MatMul", 12)
        .containsEntry("Softmax", 6)
        .doesNotContainKeys("Erf", "Sqrt", "Pow", "ReduceMean");
    Map<String, NdTensor> expected = new Evaluator(model.graph(), model.opset()).run(inputs, null);
    Map<String, NdTensor> actual = new Evaluator(fused, model.opset()).run(inputs, null);
    for (String output : fused.outputs()) {
      float[] values = actual.get(output).floats();
      for (int i = 0; i < values.length; i++) {
        assertThat(values[i])
            .as(output)
            .isCloseTo(expected.get(output).floats()[i], Offset.offset(2e-4f));
      }
    }
  }
}
