package org.tataa.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.ElementType;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.graph.Operators;

/**
 * Reads ONNX models, opsets 13 to 21, weights in float32, float16, bfloat16 or double, inside the
 * file or beside it.
 *
 * <p>A tensor is only allocated after the bytes it claims to have were found, so memory is bounded
 * by the size of the file.
 */
public final class OnnxImporter {
  /** First opset that is read. */
  public static final int FIRST_OPSET = 13;

  /** Last opset that is read. */
  public static final int LAST_OPSET = 21;

  private final String name;
  private final @Nullable Path directory;
  private int made;

  private OnnxImporter(String name, @Nullable Path directory) {
    this.name = name;
    this.directory = directory;
  }

  /**
   * A model.
   *
   * @param graph its graph
   * @param opset version of its operators
   */
  public record Model(Graph graph, int opset) {}

  /**
   * Reads a file; external data is looked for beside it.
   *
   * @throws ModelFormatException if it cannot be read or is no model this importer understands
   */
  public static Model read(Path path) {
    try (InputStream stream = Files.newInputStream(path)) {
      return new OnnxImporter(path.toString(), path.toAbsolutePath().getParent()).read(stream);
    } catch (IOException e) {
      throw new ModelFormatException(path + ": cannot be read: " + e, e);
    }
  }

  /**
   * Reads a stream to its end; the model must have all its data inside.
   *
   * @param name name for messages
   * @throws ModelFormatException if it cannot be read or is no model this importer understands
   */
  public static Model read(InputStream stream, String name) {
    try {
      return new OnnxImporter(name, null).read(stream);
    } catch (IOException e) {
      throw new ModelFormatException(name + ": cannot be read: " + e, e);
    }
  }

  private Model read(InputStream stream) throws IOException {
    ModelProto model;
    try {
      CodedInputStream input = CodedInputStream.newInstance(new BufferedInputStream(stream));
      input.setSizeLimit(Integer.MAX_VALUE);
      model = ModelProto.parseFrom(input);
    } catch (InvalidProtocolBufferException e) {
      throw new ModelFormatException(name + ": is not an ONNX model: " + e.getMessage(), e);
    }
    if (model.getIrVersion() <= 0 || !model.hasGraph() || model.getGraph().getNodeCount() == 0) {
      throw new ModelFormatException(
          name + ": is not an ONNX model: it has no IR version or no graph");
    }
    int opset = opset(model);
    try {
      return new Model(graph(model.getGraph()), opset);
    } catch (GraphException e) {
      throw new ModelFormatException(name + ": " + e.getMessage(), e);
    }
  }

  private int opset(ModelProto model) {
    for (OperatorSetIdProto id : model.getOpsetImportList()) {
      if (id.getDomain().isEmpty() || id.getDomain().equals("ai.onnx")) {
        if (id.getVersion() < FIRST_OPSET || id.getVersion() > LAST_OPSET) {
          throw new ModelFormatException(
              name
                  + ": opset "
                  + id.getVersion()
                  + ", expected "
                  + FIRST_OPSET
                  + " to "
                  + LAST_OPSET);
        }
        return (int) id.getVersion();
      }
    }
    throw new ModelFormatException(name + ": names no opset of the ONNX operators");
  }

  private Graph graph(GraphProto proto) {
    Map<String, NdTensor> constants = new LinkedHashMap<>();
    for (TensorProto tensor : proto.getInitializerList()) {
      if (tensor.getName().isEmpty()) {
        throw new ModelFormatException(name + ": a weight has no name");
      }
      constants.put(tensor.getName(), tensor(tensor));
    }
    if (proto.getSparseInitializerCount() > 0) {
      throw new ModelFormatException(name + ": sparse weights are not supported");
    }
    List<Graph.Input> inputs = new ArrayList<>();
    for (ValueInfoProto input : proto.getInputList()) {
      if (!constants.containsKey(input.getName())) {
        inputs.add(input(input));
      }
    }
    List<Node> nodes = new ArrayList<>();
    for (NodeProto node : proto.getNodeList()) {
      nodes.add(node(node));
    }
    List<String> outputs = new ArrayList<>();
    for (ValueInfoProto output : proto.getOutputList()) {
      outputs.add(output.getName());
    }
    if (outputs.isEmpty()) {
      throw new ModelFormatException(name + ": has no outputs");
    }
    return new Graph(name, inputs, constants, nodes, outputs);
  }

  private Graph.Input input(ValueInfoProto proto) {
    if (!proto.getType().hasTensorType()) {
      throw new ModelFormatException(name + ": input `" + proto.getName() + "` is no tensor");
    }
    ElementType type = type(proto.getType().getTensorType().getElemType(), proto.getName());
    List<Integer> dims = new ArrayList<>();
    List<String> symbols = new ArrayList<>();
    int axis = 0;
    for (TensorShapeProto.Dimension dim : proto.getType().getTensorType().getShape().getDimList()) {
      boolean fixed = dim.hasDimValue();
      if (fixed && (dim.getDimValue() < 0 || dim.getDimValue() > NdTensor.MAX_ELEMENTS)) {
        throw new ModelFormatException(
            name + ": input `" + proto.getName() + "` has a dimension " + dim.getDimValue());
      }
      dims.add(fixed ? (int) dim.getDimValue() : -1);
      String symbol = dim.getDimParam();
      symbols.add(fixed ? "" : symbol.isEmpty() ? proto.getName() + "." + axis : symbol);
      axis++;
    }
    return new Graph.Input(proto.getName(), type, dims, symbols);
  }

  private ElementType type(int onnx, String what) {
    try {
      return Operators.type(onnx);
    } catch (GraphException e) {
      throw new ModelFormatException(name + ": `" + what + "`: " + e.getMessage(), e);
    }
  }

  private Node node(NodeProto proto) {
    String label =
        !proto.getName().isEmpty()
            ? proto.getName()
            : proto.getOutputCount() > 0 ? proto.getOutput(0) : "node" + made++;
    Map<String, Object> attributes = new LinkedHashMap<>();
    for (AttributeProto attribute : proto.getAttributeList()) {
      attributes.put(attribute.getName(), attribute(attribute, label));
    }
    String domain = proto.getDomain();
    boolean standard = domain.isEmpty() || domain.equals("ai.onnx");
    return new Node(
        label,
        standard ? proto.getOpType() : domain + "." + proto.getOpType(),
        proto.getInputList(),
        proto.getOutputList(),
        attributes);
  }

  private Object attribute(AttributeProto proto, String node) {
    return switch (proto.getType()) {
      case FLOAT -> proto.getF();
      case INT -> proto.getI();
      case STRING -> proto.getS().toStringUtf8();
      case TENSOR -> tensor(proto.getT());
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
                  + ": node `"
                  + node
                  + "`: attribute `"
                  + proto.getName()
                  + "` of type "
                  + proto.getType()
                  + " is not supported");
    };
  }

  private NdTensor tensor(TensorProto proto) {
    String label = "tensor `" + proto.getName() + "`";
    int[] shape = new int[proto.getDimsCount()];
    for (int i = 0; i < shape.length; i++) {
      long dim = proto.getDims(i);
      if (dim < 0 || dim > NdTensor.MAX_ELEMENTS) {
        throw new ModelFormatException(name + ": " + label + " has a dimension " + dim);
      }
      shape[i] = (int) dim;
    }
    int size;
    try {
      size = NdTensor.elements(shape);
    } catch (GraphException e) {
      throw new ModelFormatException(name + ": " + label + ": " + e.getMessage(), e);
    }
    int type = proto.getDataType();
    ElementType element = type(type, proto.getName());
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      return decode(external(proto, label, size * (long) width(type)), type, size, shape, label);
    }
    if (proto.hasRawData()) {
      ByteString raw = proto.getRawData();
      requireCount(label, raw.size(), size * (long) width(type), "bytes");
      return decode(
          raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN), type, size, shape, label);
    }
    return element == ElementType.FLOAT
        ? floats(proto, type, size, shape, label)
        : integers(proto, element, size, shape, label);
  }

  private NdTensor floats(TensorProto proto, int type, int size, int[] shape, String label) {
    int found =
        switch (type) {
          case 1 -> proto.getFloatDataCount();
          case 11 -> proto.getDoubleDataCount();
          default -> proto.getInt32DataCount();
        };
    requireCount(label, found, size, "values");
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] =
          switch (type) {
            case 1 -> proto.getFloatData(i);
            case 11 -> (float) proto.getDoubleData(i);
            case 10 -> half((short) proto.getInt32Data(i));
            default -> Float.intBitsToFloat(proto.getInt32Data(i) << 16);
          };
    }
    return NdTensor.of(values, shape);
  }

  private NdTensor integers(
      TensorProto proto, ElementType element, int size, int[] shape, String label) {
    boolean wide = proto.getDataType() == 7;
    boolean unsigned = proto.getDataType() == 12 || proto.getDataType() == 13;
    requireCount(
        label,
        wide
            ? proto.getInt64DataCount()
            : unsigned ? proto.getUint64DataCount() : proto.getInt32DataCount(),
        size,
        "values");
    long[] values = new long[size];
    for (int i = 0; i < size; i++) {
      values[i] =
          wide ? proto.getInt64Data(i) : unsigned ? proto.getUint64Data(i) : proto.getInt32Data(i);
    }
    return element == ElementType.BOOL
        ? NdTensor.ofBool(values, shape)
        : NdTensor.of(values, shape);
  }

  private void requireCount(String label, long found, long expected, String unit) {
    if (found != expected) {
      throw new ModelFormatException(
          name + ": " + label + " has " + found + " " + unit + ", expected " + expected);
    }
  }

  private static int width(int type) {
    return switch (type) {
      case 2, 3, 9 -> 1;
      case 4, 5, 10, 16 -> 2;
      case 1, 6, 12 -> 4;
      default -> 8;
    };
  }

  private ByteBuffer external(TensorProto proto, String label, long bytes) {
    String location = "";
    long offset = 0;
    long length = -1;
    try {
      for (var entry : proto.getExternalDataList()) {
        switch (entry.getKey()) {
          case "location" -> location = entry.getValue();
          case "offset" -> offset = Long.parseLong(entry.getValue());
          case "length" -> length = Long.parseLong(entry.getValue());
          default -> {}
        }
      }
    } catch (NumberFormatException e) {
      throw new ModelFormatException(name + ": " + label + ": external data: " + e.getMessage(), e);
    }
    if (directory == null) {
      throw new ModelFormatException(name + ": " + label + " has its data in another file");
    }
    Path file;
    try {
      file = directory.resolve(location).normalize();
    } catch (java.nio.file.InvalidPathException e) {
      throw new ModelFormatException(name + ": " + label + ": external data: " + e.getMessage(), e);
    }
    if (location.isEmpty() || !file.startsWith(directory)) {
      throw new ModelFormatException(
          name + ": " + label + ": external data `" + location + "` is not beside the model");
    }
    if (length >= 0) {
      requireCount(label, length, bytes, "bytes");
    }
    try (RandomAccessFile data = new RandomAccessFile(file.toFile(), "r")) {
      if (offset < 0 || bytes > Integer.MAX_VALUE || offset + bytes > data.length()) {
        throw new ModelFormatException(
            name
                + ": "
                + label
                + " needs bytes "
                + offset
                + " to "
                + (offset + bytes)
                + " of "
                + file
                + ", which has "
                + data.length());
      }
      byte[] content = new byte[(int) bytes];
      data.seek(offset);
      data.readFully(content);
      return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new ModelFormatException(name + ": " + label + ": cannot read " + file + ": " + e, e);
    }
  }

  private NdTensor decode(ByteBuffer data, int type, int size, int[] shape, String label) {
    requireCount(label, data.remaining(), size * (long) width(type), "bytes");
    if (type == 1) {
      float[] values = new float[size];
      data.asFloatBuffer().get(values);
      return NdTensor.of(values, shape);
    }
    if (type == 10 || type == 11 || type == 16) {
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] =
            switch (type) {
              case 10 -> half(data.getShort());
              case 11 -> (float) data.getDouble();
              default -> Float.intBitsToFloat(data.getShort() << 16);
            };
      }
      return NdTensor.of(values, shape);
    }
    long[] values = new long[size];
    for (int i = 0; i < size; i++) {
      values[i] =
          switch (type) {
            case 2, 9 -> data.get() & 0xff;
            case 3 -> data.get();
            case 4 -> data.getShort() & 0xffff;
            case 5 -> data.getShort();
            case 6 -> data.getInt();
            case 12 -> data.getInt() & 0xffffffffL;
            default -> data.getLong();
          };
    }
    return type == 9 ? NdTensor.ofBool(values, shape) : NdTensor.of(values, shape);
  }

  /** float16 to float32. */
  private static float half(short bits) {
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    float magnitude =
        exponent == 0
            ? Math.scalb((float) fraction, -24)
            : exponent == 31
                ? (fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN)
                : Math.scalb((float) (fraction | 0x400), exponent - 25);
    return bits < 0 ? -magnitude : magnitude;
  }
}
