package org.tataa.onnx;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Writes small ONNX models with random weights, for tests. */
public final class OnnxBuilder {
  private final OnnxMl.GraphProto.Builder graph = OnnxMl.GraphProto.newBuilder().setName("test");
  private final int opset;
  private final Random random;
  private int count;

  /** A model of an operator set, with weights from a seed. */
  public OnnxBuilder(int opset, long seed) {
    this.opset = opset;
    random = new Random(seed);
  }

  /** A float32 input. */
  public String input(String name, int... dims) {
    graph.addInput(value(name, OnnxMl.TensorProto.DataType.FLOAT, dims));
    return name;
  }

  /** An int64 input. */
  public String tokens(String name, int... dims) {
    graph.addInput(value(name, OnnxMl.TensorProto.DataType.INT64, dims));
    return name;
  }

  private static OnnxMl.ValueInfoProto value(
      String name, OnnxMl.TensorProto.DataType type, int... dims) {
    OnnxMl.TensorShapeProto.Builder shape = OnnxMl.TensorShapeProto.newBuilder();
    for (int dim : dims) {
      shape.addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimValue(dim));
    }
    return OnnxMl.ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            OnnxMl.TypeProto.newBuilder()
                .setTensorType(
                    OnnxMl.TypeProto.Tensor.newBuilder()
                        .setElemType(type.getNumber())
                        .setShape(shape)))
        .build();
  }

  /** An int32 input. */
  public String integers(String name, int... dims) {
    graph.addInput(value(name, OnnxMl.TensorProto.DataType.INT32, dims));
    return name;
  }

  /** A constant of any type from its bytes. */
  public String raw(OnnxMl.TensorProto.DataType type, byte[] bytes, int... dims) {
    return constant(type, bytes, dims);
  }

  /** An int32 vector. */
  public String ints(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.putInt(value);
    }
    return constant(OnnxMl.TensorProto.DataType.INT32, bytes.array(), values.length);
  }

  /** An int32 scalar. */
  public String integer(int value) {
    byte[] bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    return constant(OnnxMl.TensorProto.DataType.INT32, bytes);
  }

  /** Normally distributed weights around a mean. */
  public String weight(double mean, double deviation, int... dims) {
    float[] values = new float[Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
    return floats(values, dims);
  }

  /** A float32 constant. */
  public String floats(float[] values, int... dims) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return constant(OnnxMl.TensorProto.DataType.FLOAT, bytes.array(), dims);
  }

  /** A float32 scalar. */
  public String number(double value) {
    return floats(new float[] {(float) value});
  }

  /** An int64 vector. */
  public String longs(long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      bytes.putLong(value);
    }
    return constant(OnnxMl.TensorProto.DataType.INT64, bytes.array(), values.length);
  }

  /** A boolean constant. */
  public String booleans(boolean[] values, int... dims) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (values[i] ? 1 : 0);
    }
    return constant(OnnxMl.TensorProto.DataType.BOOL, bytes, dims);
  }

  private String constant(OnnxMl.TensorProto.DataType type, byte[] bytes, int... dims) {
    String name = "c" + count++;
    OnnxMl.TensorProto.Builder tensor =
        OnnxMl.TensorProto.newBuilder()
            .setName(name)
            .setDataType(type.getNumber())
            .setRawData(ByteString.copyFrom(bytes));
    for (int dim : dims) {
      tensor.addDims(dim);
    }
    graph.addInitializer(tensor);
    return name;
  }

  /** A node without attributes and one output. */
  public String op(String type, String... inputs) {
    return op(type, Map.of(), inputs);
  }

  /** A node with one output. Attributes are Long, Float, String or {@code long[]}. */
  public String op(String type, Map<String, Object> attributes, String... inputs) {
    return ops(type, 1, attributes, inputs).get(0);
  }

  /**
   * A node with several outputs. The type of an operator outside of ONNX begins with its domain.
   */
  public List<String> ops(
      String type, int outputs, Map<String, Object> attributes, String... inputs) {
    List<String> names = new ArrayList<>();
    OnnxMl.NodeProto.Builder node =
        OnnxMl.NodeProto.newBuilder()
            .setOpType(type.substring(type.lastIndexOf('.') + 1))
            .setDomain(type.substring(0, Math.max(0, type.lastIndexOf('.'))))
            .setName(type + "_" + count);
    for (int i = 0; i < outputs; i++) {
      names.add(type.toLowerCase(Locale.ROOT) + "_" + count++);
    }
    node.addAllOutput(names).addAllInput(List.of(inputs));
    new TreeMap<>(attributes).forEach((name, value) -> node.addAttribute(attribute(name, value)));
    graph.addNode(node);
    return names;
  }

  private static OnnxMl.AttributeProto attribute(String name, Object value) {
    OnnxMl.AttributeProto.Builder builder = OnnxMl.AttributeProto.newBuilder().setName(name);
    if (value instanceof Long number) {
      builder.setType(OnnxMl.AttributeProto.AttributeType.INT).setI(number);
    } else if (value instanceof Integer number) {
      builder.setType(OnnxMl.AttributeProto.AttributeType.INT).setI(number);
    } else if (value instanceof Float number) {
      builder.setType(OnnxMl.AttributeProto.AttributeType.FLOAT).setF(number);
    } else if (value instanceof String text) {
      builder
          .setType(OnnxMl.AttributeProto.AttributeType.STRING)
          .setS(ByteString.copyFromUtf8(text));
    } else {
      builder.setType(OnnxMl.AttributeProto.AttributeType.INTS);
      for (long element : (long[]) value) {
        builder.addInts(element);
      }
    }
    return builder.build();
  }

  /** {@code x W + b}. */
  public String linear(String x, int in, int out) {
    return op("Add", op("MatMul", x, weight(0, 1 / Math.sqrt(in), in, out)), weight(0, 0.2, out));
  }

  /** {@code x W}. */
  public String product(String x, int in, int out) {
    return op("MatMul", x, weight(0, 1 / Math.sqrt(in), in, out));
  }

  /** Reshape to fixed dimensions. */
  public String reshape(String x, long... dims) {
    return op("Reshape", x, longs(dims));
  }

  /** Transpose. */
  public String transpose(String x, long... axes) {
    return op("Transpose", Map.of("perm", axes), x);
  }

  /** Slice of one axis. */
  public String slice(String x, int axis, long from, long to) {
    return op("Slice", x, longs(from), longs(to), longs(axis));
  }

  /** LayerNormalization over the last axis. */
  public String layerNorm(String x, int features) {
    return op(
        "LayerNormalization",
        Map.of("axis", -1L, "epsilon", 1e-5f),
        x,
        weight(1, 0.2, features),
        weight(0, 0.2, features));
  }

  /** RMSNorm in primitives. */
  public String rmsNorm(String x, int features) {
    String mean =
        op("ReduceMean", Map.of("axes", new long[] {-1}, "keepdims", 1L), op("Pow", x, number(2)));
    String inverse = op("Div", number(1), op("Sqrt", op("Add", mean, number(1e-5))));
    return op("Mul", op("Mul", x, inverse), weight(1, 0.2, features));
  }

  /** The model's bytes. */
  public byte[] build(String... outputs) {
    for (String output : outputs) {
      graph.addOutput(OnnxMl.ValueInfoProto.newBuilder().setName(output));
    }
    return OnnxMl.ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset))
        .addOpsetImport(
            OnnxMl.OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(1))
        .setGraph(graph)
        .build()
        .toByteArray();
  }
}
