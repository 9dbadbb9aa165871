package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;

/** The whole pre-trained encoder on the machine, against ONNX Runtime. */
class SentenceAccuracyTest {
  private static final AccuracyStudy.Scheme DEFAULT = AccuracyStudy.schemes().get(0);

  @Test
  void everyTwelfthSentence() throws Exception {
    List<String> sentences = new ArrayList<>();
    for (int i = 1; i < Sentences.test().size(); i += 12) {
      sentences.add(Sentences.test().get(i));
    }
    AccuracyStudy.Row row = row(sentences);
    assertThat(row.meanCosine()).isGreaterThan(0.99);
    assertThat(row.minCosine()).isGreaterThan(0.975);
    assertThat(row.spearman()).isGreaterThan(0.95);
    assertThat(row.wraps()).isZero();
  }

  @Test
  @Tag("heavy")
  void hundredSentences() throws Exception {
    assertThat(Sentences.test()).hasSize(100).doesNotContainAnyElementsOf(Sentences.calibration());
    AccuracyStudy.Row row = row(Sentences.test());
    assertThat(row.meanCosine()).isGreaterThanOrEqualTo(0.99);
    assertThat(row.minCosine()).isGreaterThanOrEqualTo(0.975);
    assertThat(row.spearman()).isGreaterThanOrEqualTo(0.985);
    assertThat(row.wraps()).isZero();
  }

  private static AccuracyStudy.Row row(List<String> sentences) throws Exception {
    try (SentenceEncoder encoder = SentenceEncoder.miniLm(TataaConfig.u280())) {
      encoder.calibrate(Sentences.calibration(), (done, of) -> {});
      BatchResult result = encoder.run(sentences, true, (done, of) -> {});
      List<float[]> expected = onnxRuntime(encoder, sentences);
      List<float[]> reference = encoder.expected(result);
      for (int i = 0; i < expected.size(); i++) {
        for (int j = 0; j < expected.get(i).length; j++) {
          assertThat(reference.get(i)[j])
              .as("float32 reference of `%s`", sentences.get(i))
              .isCloseTo(expected.get(i)[j], Offset.offset(1e-4f));
        }
      }
      return AccuracyStudy.row(DEFAULT, encoder, result, expected);
    }
  }

  // Token embeddings of ONNX Runtime, averaged here.
  private static List<float[]> onnxRuntime(SentenceEncoder encoder, List<String> sentences)
      throws IOException, OrtException {
    byte[] file;
    try (InputStream stream =
        SentenceAccuracyTest.class.getResourceAsStream("/all-minilm-l6-v2.onnx")) {
      file = stream.readAllBytes();
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    List<float[]> embeddings = new ArrayList<>();
    try (OrtSession session = environment.createSession(file)) {
      for (String sentence : sentences) {
        Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
        int tokens = 0;
        for (Map.Entry<String, NdTensor> input : encoder.inputs(sentence).entrySet()) {
          long[] values = input.getValue().longs();
          tokens = values.length;
          feeds.put(
              input.getKey(),
              OnnxTensor.createTensor(
                  environment, LongBuffer.wrap(values), new long[] {1, values.length}));
        }
        try (OrtSession.Result result = session.run(feeds)) {
          float[][][] hidden = (float[][][]) result.get(0).getValue();
          float[] mean = new float[hidden[0][0].length];
          for (int i = 0; i < mean.length; i++) {
            double sum = 0;
            for (float[] token : hidden[0]) {
              sum += token[i];
            }
            mean[i] = (float) (sum / tokens);
          }
          embeddings.add(mean);
        }
      }
    }
    return embeddings;
  }
}
