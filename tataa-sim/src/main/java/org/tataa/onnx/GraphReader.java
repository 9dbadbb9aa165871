package org.tataa.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.ElementType;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.graph.OnnxTypes;

/** Makes a graph of ordinary operators in their newest form from that of a file. */
final class GraphReader {
  private final String name;
  private final TensorReader tensors;
  private final int opset;
  private final ValueTypes types = new ValueTypes();
  private int made;

  GraphReader(String name, @Nullable Path directory, int opset) {
    this.name = name;
    tensors = new TensorReader(name, directory);
    this.opset = opset;
  }

  Graph read(GraphProto proto) {
    Map<String, NdTensor> constants = new LinkedHashMap<>();
    for (TensorProto tensor : proto.getInitializerList()) {
      if (tensor.getName().isEmpty()) {
        throw new ModelFormatException(name + ": a weight has no name");
      }
      constants.put(tensor.getName(), tensors.read(tensor));
      types.put(tensor.getName(), tensor.getDataType());
    }
    if (proto.getSparseInitializerCount() > 0) {
      throw new ModelFormatException(name + ": sparse weights are not supported");
    }
    List<Graph.Input> inputs = new ArrayList<>();
    for (ValueInfoProto input : proto.getInputList()) {
      if (!constants.containsKey(input.getName())) {
        inputs.add(input(input));
        types.put(input.getName(), input.getType().getTensorType().getElemType());
      }
    }
    for (ValueInfoProto value : proto.getValueInfoList()) {
      types.put(value.getName(), value.getType().getTensorType().getElemType());
    }
    List<String> outputs = new ArrayList<>();
    for (ValueInfoProto output : proto.getOutputList()) {
      if (output.getType().hasSequenceType() || output.getType().hasMapType()) {
        throw new ModelFormatException(
            name + ": output `" + output.getName() + "` is a sequence or map, no tensor");
      }
      outputs.add(output.getName());
      types.put(output.getName(), output.getType().getTensorType().getElemType());
    }
    if (outputs.isEmpty()) {
      throw new ModelFormatException(name + ": has no outputs");
    }
    Map<String, Integer> uses = new HashMap<>();
    outputs.forEach(output -> uses.merge(output, 1, Integer::sum));
    for (NodeProto node : proto.getNodeList()) {
      node.getInputList().forEach(input -> uses.merge(input, 1, Integer::sum));
    }
    Rewrite rewrite = new Rewrite(opset, inputs, constants, types, uses);
    for (NodeProto node : proto.getNodeList()) {
      rewrite.take(node(node));
    }
    return new Graph(name, inputs, rewrite.constants(), rewrite.nodes(), outputs);
  }

  private Graph.Input input(ValueInfoProto proto) {
    if (!proto.getType().hasTensorType()) {
      throw new ModelFormatException(
          name
              + ": input `"
              + proto.getName()
              + "` is no tensor but of type "
              + proto.getType().getValueCase());
    }
    ElementType type = type(proto.getType().getTensorType().getElemType(), proto.getName());
    List<Integer> dims = new ArrayList<>();
    List<String> symbols = new ArrayList<>();
    int axis = 0;
    for (TensorShapeProto.Dimension dim : proto.getType().getTensorType().getShape().getDimList()) {
      // Some exporters write -1 for a dimension that is open.
      boolean isFixed = dim.hasDimValue() && dim.getDimValue() != -1;
      if (isFixed && (dim.getDimValue() < 0 || dim.getDimValue() > NdTensor.MAX_ELEMENTS)) {
        throw new ModelFormatException(
            name + ": input `" + proto.getName() + "` has a dimension " + dim.getDimValue());
      }
      dims.add(isFixed ? (int) dim.getDimValue() : -1);
      String symbol = dim.getDimParam();
      symbols.add(isFixed ? "" : symbol.isEmpty() ? proto.getName() + "." + axis : symbol);
      axis++;
    }
    return new Graph.Input(proto.getName(), type, dims, symbols);
  }

  private ElementType type(int onnx, String what) {
    try {
      return OnnxTypes.element(onnx);
    } catch (GraphException e) {
      throw new ModelFormatException(name + ": `" + what + "`: " + e.getMessage(), e);
    }
  }

  private Node node(NodeProto proto) {
    String label =
        !proto.getName().isEmpty()
            ? proto.getName()
            : proto.getOutputCount() > 0 ? proto.getOutput(0) : "node" + made++;
    String domain = proto.getDomain();
    boolean isStandard = domain.isEmpty() || domain.equals("ai.onnx");
    String op = isStandard ? proto.getOpType() : domain + "." + proto.getOpType();
    Map<String, Object> attributes = new LinkedHashMap<>();
    for (AttributeProto attribute : proto.getAttributeList()) {
      attributes.put(attribute.getName(), attribute(attribute, op + " `" + label + "`"));
      if (op.startsWith("Constant") && attribute.getName().equals("value")) {
        types.put(proto.getOutput(0), attribute.getT().getDataType());
      }
    }
    return new Node(label, op, proto.getInputList(), proto.getOutputList(), attributes);
  }

  private Object attribute(AttributeProto proto, String node) {
    return switch (proto.getType()) {
      case FLOAT -> proto.getF();
      case INT -> proto.getI();
      case STRING -> proto.getS().toStringUtf8();
      case TENSOR -> tensors.read(proto.getT());
      case INTS -> proto.getIntsList().stream().mapToLong(Long::longValue).toArray();
      case FLOATS -> {
        float[] values = new float[proto.getFloatsCount()];
        for (int i = 0; i < values.length; i++) {
          values[i] = proto.getFloats(i);
        }
        yield values;
      }
      default ->
          throw new ModelFormatException(
              name
                  + ": node "
                  + node
                  + ": attribute `"
                  + proto.getName()
                  + "` of type "
                  + proto.getType()
                  + " is not supported");
    };
  }
}
