package org.tataa.model;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The weights and nodes of an ONNX model. */
public final class OnnxFile {
  /**
   * A node of the graph.
   *
   * @param name name in the file
   * @param op operator
   * @param inputs names of tensors it reads
   * @param outputs names of tensors it writes
   */
  public record Node(String name, String op, List<String> inputs, List<String> outputs) {
    /** Takes copies of the lists. */
    public Node {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
    }
  }

  private final String name;
  private final Map<String, TensorProto> weights = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  private OnnxFile(String name, GraphProto graph) {
    this.name = name;
    for (TensorProto tensor : graph.getInitializerList()) {
      weights.put(tensor.getName(), tensor);
    }
    for (NodeProto node : graph.getNodeList()) {
      nodes.add(
          new Node(node.getName(), node.getOpType(), node.getInputList(), node.getOutputList()));
    }
  }

  /**
   * Reads a file.
   *
   * @throws ModelFormatException if it cannot be read or is no ONNX model
   */
  public static OnnxFile read(Path path) {
    try (InputStream stream = Files.newInputStream(path)) {
      return read(stream, path.toString());
    } catch (IOException e) {
      throw new ModelFormatException(path + ": cannot be read: " + e, e);
    }
  }

  /**
   * Reads a stream to its end.
   *
   * @param name name for error messages
   * @throws ModelFormatException if it cannot be read or is no ONNX model
   */
  public static OnnxFile read(InputStream stream, String name) {
    ModelProto model;
    try {
      CodedInputStream input = CodedInputStream.newInstance(new BufferedInputStream(stream));
      input.setSizeLimit(Integer.MAX_VALUE);
      model = ModelProto.parseFrom(input);
    } catch (InvalidProtocolBufferException e) {
      throw new ModelFormatException(name + ": is not an ONNX model: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ModelFormatException(name + ": cannot be read: " + e, e);
    }
    if (model.getIrVersion() <= 0 || !model.hasGraph() || model.getGraph().getNodeCount() == 0) {
      throw new ModelFormatException(
          name + ": is not an ONNX model: it has no IR version or no graph");
    }
    return new OnnxFile(name, model.getGraph());
  }

  /** Names of all weights. */
  public Set<String> weightNames() {
    return java.util.Collections.unmodifiableSet(weights.keySet());
  }

  /** All nodes in the order of the file. */
  public List<Node> nodes() {
    return java.util.Collections.unmodifiableList(nodes);
  }

  /**
   * A float32 weight.
   *
   * @throws ModelFormatException if there is none of that name, or its type, size or data are wrong
   */
  public Tensor weight(String weight) {
    TensorProto tensor = weights.get(weight);
    if (tensor == null) {
      throw new ModelFormatException(name + ": has no weight " + weight);
    }
    if (tensor.getDataType() != TensorProto.DataType.FLOAT.getNumber()) {
      throw new ModelFormatException(
          name
              + ": weight "
              + weight
              + " has data type "
              + tensor.getDataType()
              + ", expected 1 (FLOAT)");
    }
    if (tensor.getExternalDataCount() > 0) {
      throw new ModelFormatException(
          name + ": weight " + weight + " is in an external file, expected it in the model");
    }
    long[] dims = new long[tensor.getDimsCount()];
    long count = 1;
    for (int i = 0; i < dims.length; i++) {
      dims[i] = tensor.getDims(i);
      if (dims[i] < 0 || (dims[i] > 0 && count > Integer.MAX_VALUE / dims[i])) {
        throw new ModelFormatException(
            name + ": weight " + weight + " has impossible dimensions " + tensor.getDimsList());
      }
      count *= dims[i];
    }
    boolean raw = tensor.hasRawData();
    long available =
        raw ? tensor.getRawData().size() / (long) Float.BYTES : tensor.getFloatDataCount();
    if (available != count || (raw && tensor.getRawData().size() % Float.BYTES != 0)) {
      throw new ModelFormatException(
          name
              + ": weight "
              + weight
              + " of dimensions "
              + tensor.getDimsList()
              + " needs "
              + count
              + " values, found "
              + (raw ? tensor.getRawData().size() + " bytes" : available + " values"));
    }
    float[] data = new float[(int) count];
    if (raw) {
      ByteBuffer bytes = tensor.getRawData().asReadOnlyByteBuffer();
      bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(data);
    } else {
      for (int i = 0; i < data.length; i++) {
        data[i] = tensor.getFloatData(i);
      }
    }
    return new Tensor(weight, dims, data);
  }

  /**
   * The matrix a Linear layer with this bias multiplies with: the weight of the MatMul whose result
   * the bias is added to.
   *
   * @throws ModelFormatException if there is no such pair of nodes
   */
  public Tensor matrixOfBias(String bias) {
    for (Node add : nodes) {
      if (!add.op().equals("Add") || !add.inputs().contains(bias)) {
        continue;
      }
      for (Node product : nodes) {
        if (product.op().equals("MatMul") && add.inputs().contains(product.outputs().get(0))) {
          return weight(product.inputs().get(1));
        }
      }
    }
    throw new ModelFormatException(
        name + ": no MatMul whose result is added to " + bias + " was found");
  }
}
