package org.tataa.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Models with messages changed: what a careless exporter, or a malicious one, could write. */
public final class ModelMutations {
  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    2,
    3,
    5,
    7,
    64,
    1 << 20,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 31,
    1L << 32,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };
  private static final String[] OPERATORS = {
    "Add",
    "And",
    "ArgMax",
    "AveragePool",
    "Cast",
    "Clip",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Conv",
    "CumSum",
    "Div",
    "Einsum",
    "Equal",
    "Erf",
    "Exp",
    "Expand",
    "Flatten",
    "Gather",
    "GatherElements",
    "GatherND",
    "Gelu",
    "Gemm",
    "GlobalAveragePool",
    "Greater",
    "Identity",
    "If",
    "LayerNormalization",
    "Less",
    "Loop",
    "MatMul",
    "Max",
    "Min",
    "Mod",
    "Mul",
    "Neg",
    "NonZero",
    "Not",
    "OneHot",
    "Pad",
    "Pow",
    "Range",
    "Reciprocal",
    "ReduceMax",
    "ReduceMean",
    "ReduceSum",
    "Relu",
    "Reshape",
    "ScatterND",
    "Shape",
    "Sigmoid",
    "Sin",
    "Size",
    "Slice",
    "Softmax",
    "Split",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Tanh",
    "Tile",
    "TopK",
    "Transpose",
    "Trilu",
    "Unsqueeze",
    "Where",
    "NoSuchOperator"
  };
  private static final String[] ATTRIBUTES = {
    "axis",
    "axes",
    "perm",
    "keepdims",
    "to",
    "value",
    "value_ints",
    "epsilon",
    "alpha",
    "beta",
    "transA",
    "transB",
    "group",
    "pads",
    "strides",
    "dilations",
    "kernel_shape",
    "upper",
    "mode",
    "num_outputs",
    "split",
    "allowzero",
    "start",
    "end",
    "equation",
    "approximate",
    "batch_dims"
  };

  private final Random random;
  private final GraphProto.Builder graph;
  private final List<String> names = new ArrayList<>();

  private ModelMutations(Random random, GraphProto.Builder graph) {
    this.random = random;
    this.graph = graph;
    graph.getNodeList().forEach(node -> names.addAll(node.getOutputList()));
    graph.getInitializerList().forEach(tensor -> names.add(tensor.getName()));
    graph.getInputList().forEach(input -> names.add(input.getName()));
    names.add("");
    names.add("nowhere");
  }

  /** A model with one to four messages changed. */
  public static ModelProto mutated(ModelProto model, Random random) {
    ModelProto.Builder builder = model.toBuilder();
    ModelMutations mutations = new ModelMutations(random, builder.getGraphBuilder());
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      mutations.mutate(builder);
    }
    return builder.build();
  }

  private void mutate(ModelProto.Builder model) {
    switch (random.nextInt(20)) {
      case 0 -> model.setIrVersion(number());
      case 1 -> model.getOpsetImportBuilder(0).setVersion(random.nextInt(26));
      case 2, 3 -> input();
      case 4 -> output();
      case 5, 6, 7, 8 -> tensor();
      default -> node();
    }
  }

  private long number() {
    return random.nextBoolean() ? random.nextInt(9) - 4 : NUMBERS[random.nextInt(NUMBERS.length)];
  }

  private String name() {
    return names.get(random.nextInt(names.size()));
  }

  private void input() {
    if (graph.getInputCount() == 0) {
      return;
    }
    ValueInfoProto.Builder input = graph.getInputBuilder(random.nextInt(graph.getInputCount()));
    switch (random.nextInt(4)) {
      case 0 -> input.setName(name());
      case 1 -> input.getTypeBuilder().getTensorTypeBuilder().setElemType(random.nextInt(25) - 1);
      case 2 -> input.clearType();
      default -> {
        TensorShapeProto.Builder shape =
            input.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
        int at = random.nextInt(shape.getDimCount() + 1);
        if (at == shape.getDimCount()) {
          shape.addDimBuilder().setDimValue(random.nextInt(4));
        } else if (random.nextInt(3) == 0) {
          shape.removeDim(at);
        } else if (random.nextBoolean()) {
          shape.getDimBuilder(at).setDimParam("n");
        } else {
          shape.getDimBuilder(at).setDimValue(number());
        }
      }
    }
  }

  private void output() {
    if (graph.getOutputCount() == 0 || random.nextInt(4) == 0) {
      graph.addOutputBuilder().setName(name());
    } else if (random.nextBoolean()) {
      graph.removeOutput(random.nextInt(graph.getOutputCount()));
    } else {
      graph.getOutputBuilder(random.nextInt(graph.getOutputCount())).setName(name());
    }
  }

  private void tensor() {
    if (graph.getInitializerCount() > 0) {
      int at = random.nextInt(graph.getInitializerCount());
      if (random.nextInt(12) == 0) {
        graph.removeInitializer(at);
      } else {
        change(graph.getInitializerBuilder(at));
      }
    }
  }

  private void change(TensorProto.Builder tensor) {
    switch (random.nextInt(9)) {
      case 0 -> tensor.setName(name());
      case 1 -> tensor.setDataType(random.nextInt(25) - 1);
      case 2 -> tensor.addDims(random.nextInt(3));
      case 3 -> {
        if (tensor.getDimsCount() > 0) {
          tensor.setDims(random.nextInt(tensor.getDimsCount()), number());
        }
      }
      case 4 -> tensor.clearDims();
      case 5 -> {
        ByteString data = tensor.getRawData();
        tensor.setRawData(data.substring(0, random.nextInt(data.size() + 1)));
      }
      case 6 -> tensor.setRawData(values(tensor.getRawData().size()));
      case 7 -> tensor.clearRawData().addFloatData(1).addInt64Data(number());
      default -> tensor.setDataLocation(TensorProto.DataLocation.EXTERNAL);
    }
  }

  // As many bytes: shapes, axes and indices of extreme values.
  private ByteString values(int bytes) {
    byte[] result = new byte[bytes];
    for (int at = 0; at + 8 <= Math.min(bytes, 64); at += 8) {
      long value = number();
      for (int i = 0; i < 8; i++) {
        result[at + i] = (byte) (value >> 8 * i);
      }
    }
    return ByteString.copyFrom(result);
  }

  private void node() {
    if (graph.getNodeCount() == 0) {
      return;
    }
    int at = random.nextInt(graph.getNodeCount());
    NodeProto.Builder node = graph.getNodeBuilder(at);
    switch (random.nextInt(14)) {
      case 0 -> graph.removeNode(at);
      case 1 -> graph.addNode(node.build());
      case 2 -> swap(at, random.nextInt(graph.getNodeCount()));
      case 3, 4 -> node.setOpType(OPERATORS[random.nextInt(OPERATORS.length)]);
      case 5 -> node.addInput(name());
      case 6, 7 -> {
        if (node.getInputCount() > 0) {
          node.setInput(random.nextInt(node.getInputCount()), name());
        }
      }
      case 8 -> {
        List<String> inputs = new ArrayList<>(node.getInputList());
        if (random.nextBoolean()) {
          Collections.shuffle(inputs, random);
        } else if (!inputs.isEmpty()) {
          inputs.remove(inputs.size() - 1);
        }
        node.clearInput().addAllInput(inputs);
      }
      case 9 -> {
        if (random.nextBoolean()) {
          node.addOutput("more" + random.nextInt(3));
        } else if (node.getOutputCount() > 0) {
          node.setOutput(random.nextInt(node.getOutputCount()), name());
        }
      }
      case 10 -> node.clearAttribute();
      case 11 -> node.addAttribute(attribute(ATTRIBUTES[random.nextInt(ATTRIBUTES.length)]));
      default -> {
        if (node.getAttributeCount() > 0) {
          int attribute = random.nextInt(node.getAttributeCount());
          node.setAttribute(attribute, attribute(node.getAttribute(attribute).getName()));
        }
      }
    }
  }

  private void swap(int a, int b) {
    NodeProto first = graph.getNode(a);
    graph.setNode(a, graph.getNode(b));
    graph.setNode(b, first);
  }

  private AttributeProto attribute(String name) {
    AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(name);
    return switch (random.nextInt(7)) {
      case 0, 1 -> attribute.setType(AttributeProto.AttributeType.INT).setI(number()).build();
      case 2, 3 -> {
        attribute.setType(AttributeProto.AttributeType.INTS);
        for (int i = random.nextInt(5); i > 0; i--) {
          attribute.addInts(number());
        }
        yield attribute.build();
      }
      case 4 ->
          attribute
              .setType(AttributeProto.AttributeType.FLOAT)
              .setF(Float.intBitsToFloat(random.nextInt()))
              .build();
      case 5 ->
          attribute
              .setType(AttributeProto.AttributeType.STRING)
              .setS(ByteString.copyFromUtf8(random.nextBoolean() ? "tanh" : "bij,bjk->"))
              .build();
      default ->
          attribute
              .setType(AttributeProto.AttributeType.TENSOR)
              .setT(
                  TensorProto.newBuilder()
                      .setDataType(1 + 6 * random.nextInt(2))
                      .addDims(number())
                      .setRawData(values(8)))
              .build();
    };
  }
}
