package org.tataa.train;

import ai.djl.ndarray.NDArray;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes a graph of ONNX operators, a node after the other. */
final class OnnxFile {
  private static final int OPSET = 20;
  private static final int IR = 9;
  private static final int FLOAT = 1;
  private static final int INT64 = 7;

  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private String scope = "";

  OnnxFile(String name) {
    graph.setName(name);
  }

  /** What follows belongs to this part. */
  void scope(String name) {
    scope = name;
  }

  private static ValueInfoProto value(String name, int type, String... dims) {
    TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder().setElemType(type);
    for (String dim : dims) {
      if (Character.isDigit(dim.charAt(0))) {
        tensor.getShapeBuilder().addDimBuilder().setDimValue(Long.parseLong(dim));
      } else {
        tensor.getShapeBuilder().addDimBuilder().setDimParam(dim);
      }
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /** An input of numbers; dimensions are numbers or names. */
  void input(String name, String... dims) {
    graph.addInput(value(name, FLOAT, dims));
  }

  /** An input of integers. */
  void intInput(String name, String... dims) {
    graph.addInput(value(name, INT64, dims));
  }

  /** An output of numbers: the result of a node by another name, behind the other outputs. */
  void output(String result, String name, String... dims) {
    output(graph.getOutputCount(), result, name, dims);
  }

  /** An output before all others. */
  void firstOutput(String result, String name, String... dims) {
    output(0, result, name, dims);
  }

  private void output(int place, String result, String name, String... dims) {
    graph.addNode(
        NodeProto.newBuilder()
            .setName(name)
            .setOpType("Identity")
            .addInput(result)
            .addOutput(name));
    graph.addOutput(place, value(name, FLOAT, dims));
  }

  /** A node; the name of its result. */
  String op(String type, Map<String, Object> attributes, String... inputs) {
    String result = scope + type + "_" + graph.getNodeCount();
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setName(result)
            .setOpType(type)
            .addAllInput(List.of(inputs))
            .addOutput(result);
    attributes.forEach((name, value) -> node.addAttribute(attribute(name, value)));
    graph.addNode(node);
    return result;
  }

  String op(String type, String... inputs) {
    return op(type, Map.of(), inputs);
  }

  private static AttributeProto attribute(String name, Object value) {
    AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(name);
    if (value instanceof Long number) {
      attribute.setI(number).setType(AttributeProto.AttributeType.INT);
    } else if (value instanceof Float number) {
      attribute.setF(number).setType(AttributeProto.AttributeType.FLOAT);
    } else if (value instanceof String text) {
      attribute.setS(ByteString.copyFromUtf8(text)).setType(AttributeProto.AttributeType.STRING);
    } else {
      for (long number : (long[]) value) {
        attribute.addInts(number);
      }
      attribute.setType(AttributeProto.AttributeType.INTS);
    }
    return attribute.build();
  }

  private String add(String name, int type, ByteBuffer data, long... shape) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type);
    for (long dim : shape) {
      tensor.addDims(dim);
    }
    data.flip();
    graph.addInitializer(tensor.setRawData(ByteString.copyFrom(data)));
    return name;
  }

  private String next() {
    return "constant_" + graph.getInitializerCount();
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A constant of integers. */
  String longs(long... values) {
    ByteBuffer data = buffer(8 * values.length);
    for (long value : values) {
      data.putLong(value);
    }
    return add(next(), INT64, data, values.length);
  }

  /** A constant integer. */
  String scalar(long value) {
    return add(next(), INT64, buffer(8).putLong(value));
  }

  /** A constant number. */
  String number(float value) {
    return add(next(), FLOAT, buffer(4).putFloat(value));
  }

  /** A table of numbers. */
  String table(String name, float[] values, long... shape) {
    ByteBuffer data = buffer(4 * values.length);
    for (float number : values) {
      data.putFloat(number);
    }
    return add(name, FLOAT, data, shape);
  }

  /** What was learnt. */
  String weights(String name, NDArray value) {
    return table(name, value.toFloatArray(), value.getShape().getShape());
  }

  /** The file. */
  ModelProto built(Map<String, String> card) {
    List<StringStringEntryProto> entries = new ArrayList<>();
    card.forEach(
        (key, text) ->
            entries.add(StringStringEntryProto.newBuilder().setKey(key).setValue(text).build()));
    return ModelProto.newBuilder()
        .setIrVersion(IR)
        .setProducerName("tataa")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .setGraph(graph)
        .addAllMetadataProps(entries)
        .build();
  }
}
