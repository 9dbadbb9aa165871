package org.tataa.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.tataa.graph.ElementType;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.graph.OnnxTypes;
import org.tataa.graph.Operators;

/**
 * What is in a model, found without reading its weights.
 *
 * @param opsets version by domain; the domain of ONNX is {@code ai.onnx}
 * @param inputs inputs without those that have a value
 * @param outputs results
 * @param operators number of nodes by operator, in subgraphs too
 * @param weights constants by element type
 * @param externalBytes bytes in other files by their name
 * @param unsupported operators that cannot be read or evaluated
 */
public record ModelSummary(
    Map<String, Long> opsets,
    List<Value> inputs,
    List<Value> outputs,
    Map<String, Integer> operators,
    Map<String, Weights> weights,
    Map<String, Long> externalBytes,
    Set<String> unsupported) {

  /**
   * An input or output.
   *
   * @param name its name
   * @param type ONNX element type, or kind of value
   * @param dims sizes, or names of dimensions that are open
   */
  public record Value(String name, String type, List<String> dims) {}

  /**
   * Constants of a type.
   *
   * @param tensors their number
   * @param elements their elements
   * @param bytes what they occupy
   */
  public record Weights(int tensors, long elements, long bytes) {
    private Weights plus(Weights other) {
      return new Weights(tensors + other.tensors, elements + other.elements, bytes + other.bytes);
    }
  }

  private static ModelSummary empty() {
    return new ModelSummary(
        new TreeMap<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new TreeMap<>(),
        new TreeMap<>(),
        new TreeMap<>(),
        new TreeSet<>());
  }

  /**
   * Summary of a file.
   *
   * @throws ModelFormatException if it cannot be read or is no ONNX model
   */
  public static ModelSummary read(Path path) {
    try (InputStream stream = Files.newInputStream(path)) {
      return of(OnnxImporter.parsed(stream, path.toString()));
    } catch (IOException e) {
      throw new ModelFormatException(path + ": cannot be read: " + e, e);
    }
  }

  /** Summary of a model that was made or imported already. */
  public static ModelSummary of(OnnxImporter.Model model) {
    ModelSummary summary = empty();
    Graph graph = model.graph();
    summary.opsets.put("ai.onnx", (long) model.opset());
    for (Graph.Input input : graph.inputs()) {
      List<String> dims = new ArrayList<>();
      for (int i = 0; i < input.dims().size(); i++) {
        int dim = input.dims().get(i);
        dims.add(dim < 0 ? input.symbols().get(i) : Integer.toString(dim));
      }
      summary.inputs.add(new Value(input.name(), input.type().toString(), dims));
    }
    graph.outputs().forEach(name -> summary.outputs.add(new Value(name, "FLOAT", List.of())));
    graph.nodes().forEach(node -> summary.count(node.op()));
    for (NdTensor constant : graph.constants().values()) {
      long bytes =
          (long) constant.size()
              * (constant.type() == ElementType.FLOAT ? Float.BYTES : Long.BYTES);
      summary.weights.merge(
          constant.type().toString(), new Weights(1, constant.size(), bytes), Weights::plus);
    }
    return summary;
  }

  private static ModelSummary of(ModelProto model) {
    ModelSummary summary = empty();
    for (OperatorSetIdProto id : model.getOpsetImportList()) {
      summary.opsets.put(id.getDomain().isEmpty() ? "ai.onnx" : id.getDomain(), id.getVersion());
    }
    Set<String> constants = new TreeSet<>();
    for (TensorProto tensor : model.getGraph().getInitializerList()) {
      constants.add(tensor.getName());
      summary.weigh(tensor);
    }
    for (ValueInfoProto input : model.getGraph().getInputList()) {
      if (!constants.contains(input.getName())) {
        summary.inputs.add(value(input));
      }
    }
    model.getGraph().getOutputList().forEach(output -> summary.outputs.add(value(output)));
    model.getGraph().getNodeList().forEach(summary::count);
    return summary;
  }

  private void count(NodeProto node) {
    String domain = node.getDomain();
    boolean isStandard = domain.isEmpty() || domain.equals("ai.onnx");
    count(isStandard ? node.getOpType() : domain + "." + node.getOpType());
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG()) {
        attribute.getG().getNodeList().forEach(this::count);
      }
      if (attribute.hasT()) {
        weigh(attribute.getT());
      }
    }
  }

  private void count(String op) {
    operators.merge(op, 1, Integer::sum);
    if (!Operators.isKnown(op) && !Rewrite.hasRule(op)) {
      unsupported.add(op);
    }
  }

  private void weigh(TensorProto tensor) {
    long elements = 1;
    for (long dim : tensor.getDimsList()) {
      elements *= Math.max(0, dim);
    }
    long bytes = (elements * OnnxTypes.bits(tensor.getDataType()) + 7) / 8;
    weights.merge(
        OnnxTypes.name(tensor.getDataType()), new Weights(1, elements, bytes), Weights::plus);
    if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      for (var entry : tensor.getExternalDataList()) {
        if (entry.getKey().equals("location")) {
          externalBytes.merge(entry.getValue(), bytes, Long::sum);
        }
      }
    }
  }

  private static Value value(ValueInfoProto proto) {
    if (!proto.getType().hasTensorType()) {
      return new Value(proto.getName(), proto.getType().getValueCase().toString(), List.of());
    }
    List<String> dims = new ArrayList<>();
    for (TensorShapeProto.Dimension dim : proto.getType().getTensorType().getShape().getDimList()) {
      boolean isFixed = dim.hasDimValue() && dim.getDimValue() != -1;
      String symbol = dim.getDimParam().isEmpty() ? "?" : dim.getDimParam();
      dims.add(isFixed ? Long.toString(dim.getDimValue()) : symbol);
    }
    String type = OnnxTypes.name(proto.getType().getTensorType().getElemType());
    return new Value(proto.getName(), type, dims);
  }

  /** Names of open dimensions of the inputs, which the inputs of a run fix. */
  public Set<String> openDimensions() {
    Set<String> open = new TreeSet<>();
    for (Value input : inputs) {
      for (int axis = 0; axis < input.dims().size(); axis++) {
        String dim = input.dims().get(axis);
        if (!dim.matches("\\d+")) {
          open.add(dim.equals("?") ? input.name() + "." + axis : dim);
        }
      }
    }
    return open;
  }
}
