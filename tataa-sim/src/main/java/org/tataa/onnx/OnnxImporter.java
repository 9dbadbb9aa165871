package org.tataa.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphException;

/**
 * Reads ONNX models, opsets {@value #FIRST_OPSET} to {@value #LAST_OPSET}, with weights of any
 * numeric type of at most 64 bits, inside the file or beside it. All floating-point types become
 * float32.
 *
 * <p>Operators of older opsets are brought into their newest form, and operators of ONNX Runtime
 * (domain {@code com.microsoft}) and large operators of newer opsets are taken apart into ordinary
 * ones, so that everything behind the importer sees one form of each operator.
 */
public final class OnnxImporter {
  /** First opset that is read. */
  public static final int FIRST_OPSET = 7;

  /** Last opset that is read. */
  public static final int LAST_OPSET = 28;

  private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

  private OnnxImporter() {}

  /**
   * A model.
   *
   * @param graph its graph
   * @param opset version of its operators in the file
   */
  public record Model(Graph graph, int opset) {}

  /**
   * Reads a file; external data is looked for beside it.
   *
   * @throws ModelFormatException if it cannot be read or is no model this importer understands
   */
  public static Model read(Path path) {
    try (InputStream stream = Files.newInputStream(path)) {
      return model(
          parsed(stream, path.toString()), path.toString(), path.toAbsolutePath().getParent());
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
      return model(parsed(stream, name), name, null);
    } catch (IOException e) {
      throw new ModelFormatException(name + ": cannot be read: " + e, e);
    }
  }

  /** The content of a model file. */
  static ModelProto parsed(InputStream stream, String name) throws IOException {
    ModelProto model;
    try {
      // Nobody else has the array: tensors can be parts of it.
      CodedInputStream input =
          UnsafeByteOperations.unsafeWrap(content(stream, name)).newCodedInput();
      input.enableAliasing(true);
      model = ModelProto.parseFrom(input);
    } catch (InvalidProtocolBufferException e) {
      throw new ModelFormatException(name + ": is not an ONNX model: " + e.getMessage(), e);
    }
    if (model.getIrVersion() <= 0 || !model.hasGraph() || model.getGraph().getNodeCount() == 0) {
      throw new ModelFormatException(
          name + ": is not an ONNX model: it has no IR version or no graph");
    }
    return model;
  }

  // All of a stream. Those of files and of entries of archives say how long they are: their bytes
  // are not copied.
  private static byte[] content(InputStream stream, String name) throws IOException {
    byte[] known = new byte[Math.min(stream.available(), MOST_BYTES)];
    int count = stream.readNBytes(known, 0, known.length);
    byte[] rest = stream.readNBytes(MOST_BYTES - count);
    if (count + rest.length == MOST_BYTES && stream.read() >= 0) {
      throw new ModelFormatException(
          name + ": is larger than 2 GiB; expected its weights in files beside it");
    }
    if (rest.length == 0 && count == known.length) {
      return known;
    }
    byte[] content = Arrays.copyOf(known, count + rest.length);
    System.arraycopy(rest, 0, content, count, rest.length);
    return content;
  }

  private static Model model(ModelProto model, String name, @Nullable Path directory) {
    int opset = opset(model, name);
    try {
      return new Model(new GraphReader(name, directory, opset).read(model.getGraph()), opset);
    } catch (GraphException e) {
      throw new ModelFormatException(name + ": " + e.getMessage(), e);
    }
  }

  private static int opset(ModelProto model, String name) {
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
}
