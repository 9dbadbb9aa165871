package org.tataa.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.tataa.onnx.OnnxImporter;

/** The whole pre-trained model in float32, against ONNX Runtime. */
class MiniLmGraphTest {
  private static final String RESOURCE = "/all-minilm-l6-v2.onnx";

  @Test
  void importedModelAgreesWithOnnxRuntime() throws IOException, OrtException {
    OnnxImporter.Model model;
    byte[] file;
    try (InputStream stream = MiniLmGraphTest.class.getResourceAsStream(RESOURCE)) {
      file = stream.readAllBytes();
    }
    model = OnnxImporter.read(new ByteArrayInputStream(file), RESOURCE);
    int[] tokens = {101, 1037, 2291, 21864, 9140, 4800, 24759, 3111, 2235, 24028, 102};
    Map<String, NdTensor> inputs = new LinkedHashMap<>();
    Map<String, OnnxTensor> feeds = new HashMap<>();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    for (Graph.Input input : model.graph().inputs()) {
      long[] values = new long[tokens.length];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (input.name()) {
              case "input_ids" -> tokens[i];
              case "attention_mask" -> i < tokens.length - 3 ? 1 : 0;
              default -> 0;
            };
      }
      inputs.put(input.name(), NdTensor.of(values, 1, tokens.length));
      feeds.put(
          input.name(),
          OnnxTensor.createTensor(
              environment, LongBuffer.wrap(values), new long[] {1, tokens.length}));
    }

    Map<String, NdTensor> shapes = new LinkedHashMap<>();
    inputs.forEach((name, value) -> shapes.put(name, value.withoutData()));
    Graph folded = new Evaluator(model.graph(), model.opset()).folded(shapes);
    assertThat(folded.nodes().size()).isLessThan(model.graph().nodes().size());
    Map<String, NdTensor> outputs = new Evaluator(folded, model.opset()).run(inputs, null);

    try (OrtSession session = environment.createSession(file);
        OrtSession.Result result = session.run(feeds)) {
      for (String output : folded.outputs()) {
        OnnxTensor expected = (OnnxTensor) result.get(output).orElseThrow();
        float[] values = new float[outputs.get(output).size()];
        expected.getFloatBuffer().get(values);
        float[] actual = outputs.get(output).floats();
        assertThat(actual).as(output).hasSameSizeAs(values);
        for (int i = 0; i < actual.length; i++) {
          assertThat(actual[i]).as(output).isCloseTo(values[i], Offset.offset(2e-4f));
        }
      }
    }
  }
}
