package org.tataa;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;

/** An immutable float32 model, read from an ONNX file (opsets 7 to 28). */
public final class Model {
  /**
   * An input of a model.
   *
   * @param name its name
   * @param type what its elements are
   * @param dims its dimensions; -1 for one that is free in every run
   */
  public record Input(String name, Tensor.Type type, List<Integer> dims) {
    /**
     * Takes a copy.
     *
     * @param name its name
     * @param type what its elements are
     * @param dims its dimensions; -1 for one that is free in every run
     */
    public Input {
      dims = List.copyOf(dims);
    }
  }

  private final OnnxImporter.Model source;

  private Model(OnnxImporter.Model source) {
    this.source = source;
  }

  /**
   * Reads a file; weights may be in files beside it.
   *
   * @param file the file
   * @return the model
   * @throws TataaException if it cannot be read or is no model that is understood
   */
  public static Model read(Path file) {
    return TataaException.explain(() -> new Model(OnnxImporter.read(file)));
  }

  /**
   * Reads a stream to its end; it is not closed. All weights must be inside.
   *
   * @param stream the bytes of a model
   * @param name what messages call it
   * @return the model
   * @throws TataaException if it cannot be read or is no model that is understood
   */
  public static Model read(InputStream stream, String name) {
    return TataaException.explain(() -> new Model(OnnxImporter.read(stream, name)));
  }

  /** {@return its name in the file} */
  public String name() {
    return source.graph().name();
  }

  /** {@return what it needs, in the order of the file} */
  public List<Input> inputs() {
    return source.graph().inputs().stream()
        .map(input -> new Input(input.name(), Tensor.Type.of(input.type()), input.dims()))
        .toList();
  }

  /** {@return names of its results, in the order of the file} */
  public List<String> outputs() {
    return source.graph().outputs();
  }

  OnnxImporter.Model source() {
    return source;
  }

  // An item as the compiler takes it.
  Map<String, NdTensor> item(Tensors tensors) {
    for (Graph.Input input : source.graph().inputs()) {
      check(input, tensors);
    }
    Set<String> known = Set.copyOf(inputs().stream().map(Input::name).toList());
    for (String name : tensors.names()) {
      if (!known.contains(name)) {
        throw new TataaException(
            name() + ": has no input `" + name + "`, expected " + source.graph().inputs());
      }
    }
    return tensors.internal();
  }

  private void check(Graph.Input input, Tensors tensors) {
    if (!tensors.contains(input.name())) {
      throw new TataaException(
          name() + ": needs a value of input " + input + ", found " + tensors.names());
    }
    NdTensor value = tensors.get(input.name()).internal();
    boolean fits = value.type() == input.type() && value.rank() == input.dims().size();
    for (int axis = 0; fits && axis < value.rank(); axis++) {
      fits = input.dims().get(axis) < 0 || input.dims().get(axis) == value.dim(axis);
    }
    if (!fits) {
      throw new TataaException(name() + ": input " + input + " cannot be " + value);
    }
  }

  @Override
  public String toString() {
    return name() + source.graph().inputs() + " -> " + outputs();
  }
}
