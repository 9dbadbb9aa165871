package org.tataa.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
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

/** Operators of ONNX in forms of several opsets give what ONNX Runtime gives. */
class StandardOperatorsTest {
  private static final double TOLERANCE = 2e-5;

  private final Map<String, NdTensor> inputs = new HashMap<>();
  private OnnxBuilder b = new OnnxBuilder(17, 5);

  private String input(String name, int... dims) {
    inputs.put(name, RuntimeComparison.random(name.hashCode(), dims));
    return b.input(name, dims);
  }

  private String tokens(String name, long[] values, int... dims) {
    inputs.put(name, NdTensor.of(values, dims));
    return b.tokens(name, dims);
  }

  private void assertSame(String... outputs) throws Exception {
    RuntimeComparison.assertSame(b.build(outputs), inputs, TOLERANCE);
  }

  private static long[] of(long... values) {
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 9, 11})
  void attributesThatBecameInputs(int opset) throws Exception {
    b = new OnnxBuilder(opset, 5);
    String x = input("x", 2, 6, 4);
    List<String> parts = b.ops("Split", 2, Map.of("axis", 1L, "split", of(2, 4)), x);
    String reduced = b.op("ReduceSum", Map.of("axes", of(-1), "keepdims", 0L), x);
    if (opset == 11) {
      reduced = b.op("Clip", reduced, b.number(-0.5), b.number(1));
    } else {
      reduced = b.op("Clip", Map.of("min", -0.5f, "max", 1f), reduced);
    }
    String padded =
        opset == 11
            ? b.op("Pad", x, b.longs(0, 1, 0, 0, 0, 2), b.number(0.5))
            : b.op("Pad", Map.of("pads", of(0, 1, 0, 0, 0, 2), "value", 0.5f), x);
    String sliced =
        opset == 11
            ? b.op("Slice", x, b.longs(1), b.longs(-1), b.longs(1), b.longs(2))
            : b.op("Slice", Map.of("starts", of(1), "ends", of(-1), "axes", of(1)), x);
    String dropped = b.op("Dropout", Map.of("ratio", 0.5f), x);
    String row = b.op("Unsqueeze", Map.of("axes", of(0, 3)), x);
    assertSame(
        parts.get(1),
        reduced,
        padded,
        sliced,
        dropped,
        b.op("Squeeze", Map.of("axes", of(3)), row));
  }

  @ParameterizedTest
  @CsvSource({"9,Softmax", "11,LogSoftmax", "12,Softmax", "11,Hardmax", "13,Softmax"})
  void softmaxOverSeveralAxes(int opset, String op) throws Exception {
    b = new OnnxBuilder(opset, 5);
    String x = input("x", 2, 3, 4);
    assertSame(b.op(op, Map.of("axis", 1L), x), b.op(op, x), b.op(op, Map.of("axis", -1L), x));
  }

  @Test
  void topKInOldForm() throws Exception {
    b = new OnnxBuilder(9, 5);
    assertSame(
        b.ops("TopK", 2, Map.of("axis", 1L, "k", 2L), input("x", 3, 5)).toArray(new String[0]));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ReduceMean",
        "ReduceMax",
        "ReduceMin",
        "ReduceProd",
        "ReduceSumSquare",
        "ReduceL1",
        "ReduceL2",
        "ReduceLogSumExp"
      })
  void reductions(String op) throws Exception {
    String x = input("x", 2, 3, 4);
    assertSame(
        b.op(op, Map.of("axes", of(0, 2), "keepdims", 0L), x),
        b.op(op, Map.of("axes", of(1)), x),
        b.op(op, x));
  }

  @ParameterizedTest
  @CsvSource({"1,NOTSET,1", "2,NOTSET,1", "1,SAME_UPPER,2", "2,SAME_LOWER,4", "1,VALID,1"})
  void convolutions(long stride, String pad, long groups) throws Exception {
    String x = input("x", 2, 4, 9, 8);
    String line = input("line", 1, 4, 11);
    Map<String, Object> attributes = new HashMap<>();
    attributes.put("strides", of(stride, stride));
    attributes.put("group", groups);
    attributes.put("auto_pad", pad);
    if (pad.equals("NOTSET")) {
      attributes.put("pads", of(1, 0, 2, 1));
      attributes.put("dilations", of(2, 1));
    }
    int depth = (int) (4 / groups);
    assertSame(
        b.op("Conv", attributes, x, b.weight(0, 1, 8, depth, 3, 2), b.weight(0, 1, 8)),
        b.op(
            "Conv",
            Map.of("group", groups, "strides", of(stride)),
            line,
            b.weight(0, 1, 4, depth, 3)));
  }

  @Test
  void pooling() throws Exception {
    String x = input("x", 1, 2, 7, 8);
    Map<String, Object> window =
        Map.of("kernel_shape", of(3, 2), "strides", of(2, 2), "pads", of(1, 0, 1, 0));
    Map<String, Object> counted = new HashMap<>(window);
    counted.put("count_include_pad", 1L);
    Map<String, Object> ceil = new HashMap<>(window);
    ceil.put("ceil_mode", 1L);
    assertSame(
        b.op("MaxPool", window, x),
        b.op("MaxPool", ceil, x),
        b.op("AveragePool", window, x),
        b.op("AveragePool", counted, x),
        b.op("GlobalAveragePool", x),
        b.op("GlobalMaxPool", x));
  }

  @Test
  void normalisations() throws Exception {
    String x = input("x", 2, 4, 5);
    assertSame(
        b.op(
            "BatchNormalization",
            Map.of("epsilon", 1e-3f),
            x,
            b.weight(1, 0.1, 4),
            b.weight(0, 1, 4),
            b.weight(0, 1, 4),
            b.floats(new float[] {1, 2, 3, 0.5f}, 4)),
        b.op("InstanceNormalization", x, b.weight(1, 0.1, 4), b.weight(0, 1, 4)),
        b.op(
            "LayerNormalization",
            Map.of("axis", 1L),
            x,
            b.weight(1, 0.1, 4, 5),
            b.weight(0, 1, 4, 5)),
        b.op("LpNormalization", Map.of("axis", 1L), x));
  }

  @Test
  void indices() throws Exception {
    String x = input("x", 3, 4, 2);
    String index = tokens("index", of(0, 2, -1, 1), 2, 2);
    String pairs = tokens("pairs", of(0, 1, 2, 3), 2, 2);
    String row = input("row", 2, 2);
    assertSame(
        b.op("Gather", Map.of("axis", 1L), x, index),
        b.op("GatherND", x, pairs),
        b.op("ScatterND", x, pairs, row),
        b.op(
            "GatherElements",
            Map.of("axis", 1L),
            b.op("Concat", Map.of("axis", 1L), row, row),
            index),
        b.op("ArgMax", Map.of("axis", 1L, "keepdims", 0L), x),
        b.op("ArgMin", Map.of("axis", 0L), x),
        b.op("OneHot", Map.of("axis", 0L), index, b.longs(4), b.floats(new float[] {-1, 2}, 2)),
        b.op("NonZero", b.op("Relu", x)),
        b.op("CumSum", Map.of("exclusive", 1L, "reverse", 1L), x, b.longs(1)),
        b.op("Trilu", Map.of("upper", 0L), x));
  }

  @Test
  void scatteredElements() throws Exception {
    b = new OnnxBuilder(18, 5);
    String x = input("x", 3, 4);
    String index = tokens("index", of(0, 2, 2, 1), 2, 2);
    String updates = input("updates", 2, 2);
    assertSame(
        b.op("ScatterElements", Map.of("axis", 1L, "reduction", "add"), x, index, updates),
        b.op("ScatterElements", Map.of("axis", 0L, "reduction", "max"), x, index, updates));
  }

  @ParameterizedTest
  @CsvSource({"0,5,-3,-1", "1,5,-3,2", "0,-5,3,1", "1,-5,3,-2"})
  void remainders(long fmod, long a, long d, long expected) {
    String x = tokens("x", of(a), 1);
    String y = b.op("Mod", Map.of("fmod", fmod), x, b.longs(d));
    OnnxImporter.Model model = OnnxImporter.read(new ByteArrayInputStream(b.build(y)), "model");
    Map<String, NdTensor> out = new Evaluator(model.graph(), model.opset()).run(inputs, null);
    assertThat(out.get(y).longs()).containsExactly(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bhid,bhjd->bhij", "bhid,bhjd", "...id,...jd->...ij"})
  void einsum(String equation) throws Exception {
    assertSame(
        b.op(
            "Einsum",
            Map.of("equation", equation),
            input("x", 2, 3, 4, 5),
            input("y", 2, 3, 6, 5)));
  }

  @Test
  void padModes() throws Exception {
    String x = input("x", 3, 4);
    String pads = b.longs(1, 2, 2, 1);
    assertSame(
        b.op("Pad", Map.of("mode", "reflect"), x, pads),
        b.op("Pad", Map.of("mode", "edge"), x, pads),
        b.op("Pad", x, b.longs(-1, 0, 0, 1)));
  }

  @Test
  void quantisedOperators() throws Exception {
    b = new OnnxBuilder(13, 5);
    String x = input("x", 3, 4);
    String scale = b.number(0.05);
    String zero = b.raw(DataType.UINT8, new byte[] {(byte) 120});
    String codes = b.op("QuantizeLinear", x, scale, zero);
    byte[] bytes = new byte[20];
    new Random(2).nextBytes(bytes);
    String weights = b.raw(DataType.INT8, bytes, 4, 5);
    String weightScale = b.weight(0.1, 0.01, 5);
    String none = b.raw(DataType.INT8, new byte[5], 5);
    List<String> dynamic = b.ops("DynamicQuantizeLinear", 3, Map.of(), x);
    String signed = b.op("QuantizeLinear", x, scale, b.raw(DataType.INT8, new byte[] {-5}));
    assertSame(
        codes,
        signed,
        b.op("DequantizeLinear", codes, scale, zero),
        b.op("DequantizeLinear", Map.of("axis", 1L), weights, weightScale, none),
        b.op(
            "QLinearMatMul",
            codes,
            scale,
            zero,
            weights,
            weightScale,
            none,
            b.number(0.3),
            b.raw(DataType.UINT8, new byte[] {100})),
        b.op("MatMulInteger", dynamic.get(0), weights, dynamic.get(2)),
        dynamic.get(0),
        dynamic.get(1),
        dynamic.get(2));
  }

  @Test
  void integersWrapAround() throws Exception {
    String x = tokens("x", of(200, 100, -1), 3);
    String bytes = b.op("Cast", Map.of("to", 2L), x);
    String small = b.op("Cast", Map.of("to", 3L), x);
    assertSame(bytes, small, b.op("Cast", Map.of("to", 7L), b.op("Sub", bytes, bytes)));
  }

  @Test
  void emptyDimensions() throws Exception {
    String past = input("past", 1, 2, 0, 4);
    String x = input("x", 1, 2, 3, 4);
    String all = b.op("Concat", Map.of("axis", 2L), past, x);
    String scores = b.op("MatMul", x, b.op("Transpose", Map.of("perm", of(0, 1, 3, 2)), all));
    String empty = b.op("MatMul", past, b.op("Transpose", Map.of("perm", of(0, 1, 3, 2)), x));
    assertSame(scores, b.op("Softmax", empty), b.op("ReduceSum", past, b.longs(2)));
  }

  @Test
  void weightsOfFourBits() {
    b = new OnnxBuilder(21, 5);
    String codes = b.raw(DataType.UINT8, new byte[] {1}, 1);
    String y = b.op("Add", b.input("x", 3), b.op("Cast", Map.of("to", 1L), codes));
    byte[] model = retyped(b.build(y));
    OnnxImporter.Model read = OnnxImporter.read(new ByteArrayInputStream(model), "model");
    Map<String, NdTensor> out =
        new Evaluator(read.graph(), read.opset())
            .run(Map.of("x", NdTensor.of(new float[3], 3)), null);
    assertThat(out.get(y).floats()).containsExactly(1, -2, 7);
  }

  // Types of 4 bits are newer than the classes that read the file: number 22, elements 1, -2, 7.
  private static byte[] retyped(byte[] model) {
    try {
      var builder = ai.onnx.proto.OnnxMl.ModelProto.parseFrom(model).toBuilder();
      builder
          .getGraphBuilder()
          .getInitializerBuilder(0)
          .setDataType(22)
          .setDims(0, 3)
          .setRawData(ByteString.copyFrom(new byte[] {(byte) 0xe1, 7}));
      return builder.build().toByteArray();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatIsNotSupportedIsNamed() {
    String x = b.input("x", 2, 3);
    refused(b.op("Dropout", x, b.number(0.5), b.booleans(new boolean[] {true})), "training_mode");
    refused(b.op("Frobnicate", x), "Frobnicate");
    refused(b.op("Pad", Map.of("mode", "odd"), x, b.longs(1, 1, 1, 1)), "mode odd");
    refused(b.op("Cast", Map.of("to", 8L), x), "STRING");
  }

  private void refused(String output, String message) {
    byte[] model = b.build(output);
    b = new OnnxBuilder(17, 5);
    b.input("x", 2, 3);
    assertThatThrownBy(
            () -> {
              OnnxImporter.Model read = OnnxImporter.read(new ByteArrayInputStream(model), "model");
              NdTensor x = NdTensor.of(new float[6], 2, 3);
              new Evaluator(read.graph(), read.opset()).run(Map.of("x", x), null);
            })
        .isInstanceOfAny(ModelFormatException.class, GraphException.class)
        .hasMessageContaining(message);
  }
}
