package org.tataa.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.io.ByteArrayInputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.graph.Evaluator;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;

/** Operators of domain com.microsoft give what ONNX Runtime gives. */
class RuntimeOperatorsTest {
  private static final String MS = "com.microsoft.";
  private static final double TOLERANCE = 2e-5;

  private final OnnxBuilder b = new OnnxBuilder(17, 3);
  private final Map<String, NdTensor> inputs = new HashMap<>();

  private String input(String name, int... dims) {
    inputs.put(name, RuntimeComparison.random(name.hashCode(), dims));
    return b.input(name, dims);
  }

  private String integers(String name, long[] values, int... dims) {
    inputs.put(name, NdTensor.of(values, dims));
    return b.integers(name, dims);
  }

  private String tokens(String name, long[] values, int... dims) {
    inputs.put(name, NdTensor.of(values, dims));
    return b.tokens(name, dims);
  }

  private void assertSame(String... outputs) throws Exception {
    RuntimeComparison.assertSame(b.build(outputs), inputs, TOLERANCE);
  }

  @Test
  void activations() throws Exception {
    String x = input("x", 2, 3, 8);
    assertSame(
        b.op(MS + "BiasGelu", x, b.weight(0, 1, 8)),
        b.op(MS + "FastGelu", x, b.weight(0, 1, 8)),
        b.op(MS + "FastGelu", x),
        b.op(MS + "QuickGelu", Map.of("alpha", 1.5f), x),
        b.op(MS + "Gelu", x));
  }

  @Test
  void skipNormalisations() throws Exception {
    String x = input("x", 2, 3, 8);
    String skip = input("skip", 2, 3, 8);
    String gamma = b.weight(1, 0.2, 8);
    Map<String, Object> epsilon = Map.of("epsilon", 1e-5f);
    List<String> layer =
        b.ops(
            MS + "SkipLayerNormalization",
            4,
            epsilon,
            x,
            skip,
            gamma,
            b.weight(0, 1, 8),
            b.weight(0, 1, 8));
    List<String> rms = b.ops(MS + "SkipSimplifiedLayerNormalization", 4, epsilon, x, skip, gamma);
    // Nobody wants the statistics, so they are left out of the graph's outputs below.
    byte[] model = without(b.build(layer.get(0), layer.get(3), rms.get(0), rms.get(3)));
    RuntimeComparison.assertSame(model, inputs, TOLERANCE);
  }

  // Empties the names of the outputs that stand between the first and the last.
  private static byte[] without(byte[] model) throws Exception {
    var builder = ai.onnx.proto.OnnxMl.ModelProto.parseFrom(model).toBuilder();
    for (var node : builder.getGraphBuilder().getNodeBuilderList()) {
      for (int i = 1; i < node.getOutputCount() - 1; i++) {
        node.setOutput(i, "");
      }
    }
    return builder.build().toByteArray();
  }

  @Test
  void simplifiedLayerNormalisation() throws Exception {
    String x = input("x", 2, 3, 8);
    assertSame(
        b.op(
            "SimplifiedLayerNormalization",
            Map.of("axis", -1L, "epsilon", 1e-5f, "stash_type", 1L),
            x,
            b.weight(1, 0.3, 8)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void embedLayerNormalisation(boolean isFull) throws Exception {
    String ids = integers("ids", new long[] {1, 4, 2, 0, 3, 3}, 2, 3);
    String segments = isFull ? integers("segments", new long[] {0, 1, 1, 0, 0, 1}, 2, 3) : "";
    String mask = isFull ? integers("mask", new long[] {1, 1, 0, 1, 0, 0}, 2, 3) : "";
    String table = b.weight(0, 1, 5, 8);
    String positions = b.weight(0, 1, 7, 8);
    String types = isFull ? b.weight(0, 1, 2, 8) : "";
    String gamma = b.weight(1, 0.2, 8);
    String beta = b.weight(0, 1, 8);
    List<String> out =
        b.ops(
            MS + "EmbedLayerNormalization",
            3,
            Map.of("epsilon", 1e-6f),
            ids,
            segments,
            table,
            positions,
            types,
            gamma,
            beta,
            mask);
    assertSame(out.toArray(new String[0]));
  }

  @ParameterizedTest
  @CsvSource({"0,none", "1,none", "0,raw", "1,raw", "0,lengths", "0,square", "0,past", "1,past"})
  void attention(long unidirectional, String form) throws Exception {
    String x = input("x", 2, 5, 8);
    int past = form.equals("past") ? 3 : 0;
    String mask =
        switch (form) {
          case "raw" -> integers("mask", new long[] {1, 1, 1, 1, 0, 1, 1, 1, 0, 0}, 2, 5);
          case "lengths" -> integers("mask", new long[] {4, 2}, 2);
          case "square" -> {
            long[] values = new Random(5).longs(50, 0, 2).toArray();
            yield integers("mask", values, 2, 5, 5);
          }
          default -> "";
        };
    String weights = b.weight(0, 0.4, 8, 24);
    String bias = b.weight(0, 0.4, 24);
    Map<String, Object> attributes = Map.of("num_heads", 2L, "unidirectional", unidirectional);
    if (past == 0) {
      assertSame(b.op(MS + "Attention", attributes, x, weights, bias, mask));
    } else {
      String cache = input("past", 2, 2, 2, past, 4);
      assertSame(
          b.ops(MS + "Attention", 2, attributes, x, weights, bias, mask, cache)
              .toArray(new String[0]));
    }
  }

  @Test
  void attentionWithBiasOfScoresAndSizes() throws Exception {
    String x = input("x", 1, 4, 8);
    String scores = input("scores", 1, 2, 4, 4);
    assertSame(
        b.op(
            MS + "Attention",
            Map.of("num_heads", 2L, "scale", 0.3f, "qkv_hidden_sizes", new long[] {8, 8, 12}),
            x,
            b.weight(0, 0.4, 8, 28),
            b.weight(0, 0.4, 28),
            "",
            "",
            scores));
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "bias", "mask", "past", "empty", "cross", "scores", "causal"})
  void multiHeadAttention(String form) throws Exception {
    String query = input("query", 2, 3, 8);
    boolean isCross = form.equals("cross");
    int keys = form.equals("plain") || form.equals("mask") ? 5 : 3;
    String key = isCross ? input("key", 2, 2, 6, 4) : input("key", 2, keys, 8);
    String value = isCross ? input("value", 2, 2, 6, 4) : input("value", 2, keys, 8);
    String bias = form.equals("bias") ? b.weight(0, 1, 24) : "";
    String mask =
        form.equals("mask")
            ? integers("mask", new long[] {1, 1, 0, 1, 1, 1, 1, 1, 0, 0}, 2, 5)
            : "";
    String scores = form.equals("scores") ? input("scores", 1, 2, 3, 3) : "";
    Map<String, Object> attributes =
        Map.of("num_heads", 2L, "unidirectional", form.equals("causal") ? 1L : 0L);
    if (form.equals("past") || form.equals("empty")) {
      int length = form.equals("past") ? 4 : 0;
      String pastKey = input("pastKey", 2, 2, length, 4);
      String pastValue = input("pastValue", 2, 2, length, 4);
      assertSame(
          b.ops(
                  MS + "MultiHeadAttention",
                  3,
                  attributes,
                  query,
                  key,
                  value,
                  bias,
                  mask,
                  scores,
                  pastKey,
                  pastValue)
              .toArray(new String[0]));
    } else {
      assertSame(
          b.op(MS + "MultiHeadAttention", attributes, query, key, value, bias, mask, scores));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"prompt", "rotary", "interleaved", "packed", "token", "window", "cap"})
  void groupQueryAttention(String form) throws Exception {
    boolean isToken = form.equals("token");
    int length = isToken ? 1 : 4;
    int past = isToken ? 3 : 0;
    boolean isPacked = form.equals("packed");
    String query = input("query", 1, length, isPacked ? 128 : 64);
    String key = isPacked ? "" : input("key", 1, length, 32);
    String value = isPacked ? "" : input("value", 1, length, 32);
    String pastKey = input("pastKey", 1, 2, past, 16);
    String pastValue = input("pastValue", 1, 2, past, 16);
    boolean isRotary = form.equals("rotary") || form.equals("interleaved") || isToken;
    Map<String, Object> attributes = new HashMap<>();
    attributes.put("num_heads", 4L);
    attributes.put("kv_num_heads", 2L);
    attributes.put("do_rotary", isRotary ? 1L : 0L);
    attributes.put("rotary_interleaved", form.equals("interleaved") ? 1L : 0L);
    attributes.put("local_window_size", form.equals("window") ? 2L : -1L);
    attributes.put("softcap", form.equals("cap") ? 1.5f : 0f);
    String cos = isRotary ? b.weight(0, 1, 10, 8) : "";
    String sin = isRotary ? b.weight(0, 1, 10, 8) : "";
    assertSame(
        b.ops(
                MS + "GroupQueryAttention",
                3,
                attributes,
                query,
                key,
                value,
                pastKey,
                pastValue,
                b.ints(past + length - 1),
                b.integer(past + length),
                cos,
                sin)
            .toArray(new String[0]));
  }

  private void assertRefused(String out, String message) {
    OnnxImporter.Model model = OnnxImporter.read(new ByteArrayInputStream(b.build(out)), "model");
    assertThatThrownBy(() -> new Evaluator(model.graph(), model.opset()).run(inputs, null))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining(message);
  }

  @Test
  void itemsOfDifferentLengthsAreRefused() {
    String query = input("query", 2, 3, 16);
    String key = input("key", 2, 3, 16);
    String out =
        b.op(
            MS + "GroupQueryAttention",
            Map.of("num_heads", 1L, "kv_num_heads", 1L),
            query,
            key,
            key,
            "",
            "",
            b.ints(2, 1),
            b.integer(3));
    assertRefused(out, "outside axis");
  }

  @Test
  void aPastWithRoomBehindItIsRefused() {
    String query = input("query", 1, 1, 16);
    String key = input("key", 1, 1, 16);
    String pastKey = input("pastKey", 1, 1, 5, 16);
    String out =
        b.op(
            MS + "GroupQueryAttention",
            Map.of("num_heads", 1L, "kv_num_heads", 1L),
            query,
            key,
            key,
            pastKey,
            pastKey,
            b.ints(3),
            b.integer(4));
    assertRefused(out, "cannot reshape");
  }

  @ParameterizedTest
  @CsvSource({"0,false", "1,false", "0,true", "1,true"})
  void rotaryEmbedding(long interleaved, boolean isOffset) throws Exception {
    String x = input("x", 2, 3, 16);
    String heads = input("heads", 2, 2, 3, 8);
    String positions =
        isOffset
            ? tokens("positions", new long[] {2}, 1)
            : tokens("positions", new long[] {0, 1, 2, 3, 1, 4}, 2, 3);
    String cos = b.weight(0, 1, 9, 4);
    String sin = b.weight(0, 1, 9, 4);
    Map<String, Object> attributes = Map.of("interleaved", interleaved);
    assertSame(
        b.op(MS + "RotaryEmbedding", attributes, x, positions, cos, sin),
        b.op(MS + "RotaryEmbedding", attributes, heads, positions, cos, sin));
  }

  @Test
  void fusedMatMul() throws Exception {
    String x = input("x", 2, 5, 3);
    String y = input("y", 2, 4, 5);
    assertSame(b.op(MS + "FusedMatMul", Map.of("transA", 1L, "transB", 1L, "alpha", 0.5f), x, y));
  }

  // Rows of the unit matrix show the weights; two codes of 4 bits in a byte, the first one low.
  @Test
  void weightsOfFourBits() {
    byte[] codes = {0x21, 0x43, (byte) 0xf8, 0x70};
    String weights = b.raw(DataType.UINT8, codes, 2, 1, 2);
    String scales = b.floats(new float[] {0.5f, 2}, 2);
    String zeros = b.raw(DataType.UINT8, new byte[] {3, 8}, 2);
    NdTensor unit = NdTensor.of(new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, 3, 3);
    String x = b.input("x", 3, 3);
    Map<String, Object> attributes = Map.of("K", 3L, "N", 2L, "bits", 4L, "block_size", 4L);
    String plain = b.op(MS + "MatMulNBits", attributes, x, weights, scales);
    String shifted = b.op(MS + "MatMulNBits", attributes, x, weights, scales, zeros);
    OnnxImporter.Model model =
        OnnxImporter.read(new ByteArrayInputStream(b.build(plain, shifted)), "model");
    Map<String, NdTensor> out =
        new Evaluator(model.graph(), model.opset()).run(Map.of("x", unit), null);
    assertThat(out.get(plain).floats()).containsExactly(-3.5f, 0, -3, 14, -2.5f, -16);
    assertThat(out.get(shifted).floats()).containsExactly(-1, 0, -0.5f, 14, 0, -16);
  }

  @Test
  void whatIsNotSupportedIsNamed() {
    String x = input("x", 2, 5, 8);
    byte[] model =
        b.build(
            b.op(
                MS + "Attention",
                Map.of("num_heads", 2L, "do_rotary", 1L),
                x,
                b.weight(0, 1, 8, 24)));
    assertThatThrownBy(() -> OnnxImporter.read(new ByteArrayInputStream(model), "model"))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("Attention")
        .hasMessageContaining("do_rotary");
    assertThat(Rewrite.hasRule(MS + "Attention")).isTrue();
  }
}
