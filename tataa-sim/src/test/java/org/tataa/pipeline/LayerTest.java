package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers are found in the names exporters give. */
class LayerTest {
  @ParameterizedTest
  @CsvSource({
    "/encoder/layer.0/attention/self/MatMul_1_output_0, /encoder/layer.0",
    "/encoder/layer.11/output/Add_output_0, /encoder/layer.11",
    "/model/layers.3/mlp/Mul, /model/layers.3",
    "transformer.h.2.attn, transformer.h.2",
    "/embeddings/LayerNorm/Add_1_output_0, /embeddings",
    "MatMul_21/q, MatMul_21",
    "sentence_embedding, sentence_embedding"
  })
  void nameOfTheLayer(String value, String layer) {
    assertThat(Layer.of(value)).isEqualTo(layer);
  }
}
