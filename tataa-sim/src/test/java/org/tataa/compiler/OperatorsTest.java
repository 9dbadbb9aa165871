package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tataa.config.TataaConfig;
import org.tataa.onnx.OnnxBuilder;

/** A small graph of each operator: ONNX Runtime, float32, the machine and its un-clocked twin. */
class OperatorsTest {
  private static final int TOKENS = 20;
  private static final int FEATURES = 48;

  private final Map<String, BiFunction<OnnxBuilder, String, String>> graphs = new LinkedHashMap<>();

  private void add(String name, BiFunction<OnnxBuilder, String, String> graph) {
    graphs.put(name, graph);
  }

  @TestFactory
  Stream<DynamicTest> operators() {
    add("MatMul", (b, x) -> b.product(x, FEATURES, 40));
    add("MatMul and Add", (b, x) -> b.linear(x, FEATURES, 40));
    add(
        "Gemm",
        (b, x) ->
            b.op(
                "Gemm",
                Map.of("transB", 1L, "alpha", 0.5f),
                b.reshape(x, TOKENS, FEATURES),
                b.weight(0, 0.2, 33, FEATURES),
                b.weight(0, 1, 33)));
    add("residual", (b, x) -> b.op("Add", x, b.linear(x, FEATURES, FEATURES)));
    add("product of values", (b, x) -> b.op("Mul", x, b.linear(x, FEATURES, FEATURES)));
    add("difference of values", (b, x) -> b.op("Sub", b.linear(x, FEATURES, FEATURES), x));
    add("Sub from itself", (b, x) -> b.op("Add", b.op("Sub", x, x), x));
    add("Mul by a row", (b, x) -> b.op("Mul", x, b.weight(1, 0.5, FEATURES)));
    add("Add of a token's number", (b, x) -> b.op("Add", x, b.weight(0, 1, 1, TOKENS, 1)));
    add("Div by a number", (b, x) -> b.op("Div", x, b.number(3)));
    add("Div by a row", (b, x) -> b.op("Div", x, b.weight(3, 0.3, FEATURES)));
    add("Div by values", (b, x) -> b.op("Div", x, b.op("Add", b.op("Mul", x, x), b.number(1))));
    add("Neg", (b, x) -> b.op("Neg", x));
    add("Pow", (b, x) -> b.op("Pow", x, b.number(2)));
    for (String function : List.of("Relu", "Tanh", "Sigmoid", "Abs")) {
      add(function, (b, x) -> b.op(function, x));
    }
    add("Sqrt", (b, x) -> b.op("Sqrt", b.op("Add", b.op("Mul", x, x), b.number(0.1))));
    add("Gelu in primitives, erf", Families::gelu);
    add("Gelu in primitives, tanh", Families::geluTanh);
    add("Silu in primitives", (b, x) -> b.op("Mul", x, b.op("Sigmoid", x)));
    add("Clip", (b, x) -> b.op("Clip", x, b.number(-0.5), b.number(1)));
    add("Max", (b, x) -> b.op("Max", x, b.linear(x, FEATURES, FEATURES)));
    add("Min", (b, x) -> b.op("Min", x, b.linear(x, FEATURES, FEATURES)));
    add("LayerNormalization", (b, x) -> b.layerNorm(x, FEATURES));
    add("RMSNorm in primitives", (b, x) -> b.rmsNorm(x, FEATURES));
    add("Softmax", (b, x) -> b.op("Softmax", Map.of("axis", -1L), x));
    add("Softmax of a product", (b, x) -> b.op("Softmax", b.linear(x, FEATURES, 37)));
    add("Transpose and product", (b, x) -> b.product(b.transpose(x, 0, 2, 1), TOKENS, 24));
    add("Slice of tokens", (b, x) -> b.slice(b.linear(x, FEATURES, 40), 1, 3, 11));
    add("Slice of features", (b, x) -> b.product(b.slice(x, 2, 5, 37), 32, 16));
    add(
        "Concat of features",
        (b, x) ->
            b.product(
                b.op("Concat", Map.of("axis", -1L), x, b.linear(x, FEATURES, 16)),
                FEATURES + 16,
                24));
    add(
        "Concat of tokens",
        (b, x) -> b.op("Concat", Map.of("axis", 1L), x, b.linear(x, FEATURES, FEATURES)));
    add(
        "Split",
        (b, x) -> {
          List<String> parts =
              b.ops("Split", 2, Map.of("axis", -1L), b.linear(x, FEATURES, 64), b.longs(32, 32));
          return b.op("Mul", parts.get(0), b.op("Sigmoid", parts.get(1)));
        });
    add(
        "mean over tokens",
        (b, x) ->
            b.op(
                "ReduceMean",
                Map.of("axes", new long[] {1}, "keepdims", 0L),
                b.linear(x, FEATURES, FEATURES)));
    add("quantised file", OperatorsTest::quantised);
    add("Conv", (b, x) -> conv(b, x, 1));
    add("Conv in groups", (b, x) -> conv(b, x, 2));
    add("Conv by channel", (b, x) -> conv(b, x, 4));
    add(
        "Conv over one axis",
        (b, x) ->
            b.op(
                "Conv",
                Map.of("strides", new long[] {2}, "dilations", new long[] {2}),
                x,
                b.weight(0, 0.2, 16, TOKENS, 3)));
    add("Reshape", (b, x) -> b.linear(b.reshape(x, 1, 2 * TOKENS, 24), 24, 8));
    return graphs.entrySet().stream()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.getKey(), () -> check(entry.getKey(), entry.getValue())));
  }

  // As quantisers of files write it: pairs around products, int8 weights with a scale each.
  private static String quantised(OnnxBuilder b, String x) {
    byte[] weights = new byte[FEATURES * 24];
    Random random = new Random(1);
    for (int i = 0; i < weights.length; i++) {
      // Of 7 bits: ONNX Runtime saturates pairs of 8-bit products on some processors.
      weights[i] = (byte) (random.nextInt(127) - 63);
    }
    String w =
        b.op(
            "DequantizeLinear",
            Map.of("axis", 1L),
            b.raw(DataType.INT8, weights, FEATURES, 24),
            b.weight(0.006, 0.001, 24),
            b.raw(DataType.INT8, new byte[24], 24));
    String y = b.op("Add", b.op("MatMul", pair(b, x, 0.03), w), b.weight(0, 1, 24));
    return b.op("Relu", pair(b, y, 0.06));
  }

  private static String pair(OnnxBuilder b, String x, double step) {
    String scale = b.number(step);
    String zero = b.raw(DataType.UINT8, new byte[] {(byte) 128});
    return b.op("DequantizeLinear", b.op("QuantizeLinear", x, scale, zero), scale, zero);
  }

  private static String conv(OnnxBuilder b, String x, int groups) {
    return b.op(
        "Conv",
        Map.of("pads", new long[] {1, 1, 1, 1}, "group", (long) groups),
        b.reshape(x, 1, 4, 12, 20),
        b.weight(0, 0.2, 8, 4 / groups, 3, 3),
        b.weight(0, 1, 8));
  }

  private static void check(String name, BiFunction<OnnxBuilder, String, String> graph)
      throws Exception {
    OnnxBuilder b = new OnnxBuilder(14 + 3 * (name.startsWith("Layer") ? 1 : 0), name.hashCode());
    String x = b.input("x", 1, TOKENS, FEATURES);
    Agreement.Case test = Agreement.random(b.build(graph.apply(b, x)), 0, 3);
    CompiledModel.Result result = Agreement.check(test, 0.999);
    assertThat(result.outputs()).hasSize(1);
    CompilerOptions plain = CompilerOptions.DEFAULT.withoutPasses(Set.copyOf(Passes.names()));
    Agreement.check(test, 0.998, TataaConfig.u280(), plain);
    if (name.startsWith("Conv") || name.equals("quantised file")) {
      assertThat(result.steps())
          .as("a product of the array")
          .anyMatch(s -> s.kind().equals("LINEAR"));
    }
  }
}
