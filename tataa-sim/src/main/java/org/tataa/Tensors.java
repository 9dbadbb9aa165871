package org.tataa;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tataa.graph.NdTensor;

/** Tensors by name, in an order: the inputs or the results of one item. Immutable. */
public final class Tensors {
  private final Map<String, Tensor> tensors;

  private Tensors(Map<String, Tensor> tensors) {
    this.tensors = tensors;
  }

  static Tensors of(Map<String, NdTensor> values) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    values.forEach((name, value) -> tensors.put(name, Tensor.of(value)));
    return new Tensors(tensors);
  }

  /**
   * {@return one tensor with its name}
   *
   * @param name the name
   * @param tensor its values
   */
  public static Tensors of(String name, Tensor tensor) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(name, tensor);
    return new Tensors(tensors);
  }

  /**
   * {@return these and another one, which replaces one of the same name}
   *
   * @param name the name
   * @param tensor its values
   */
  public Tensors with(String name, Tensor tensor) {
    Map<String, Tensor> more = new LinkedHashMap<>(tensors);
    more.put(name, tensor);
    return new Tensors(more);
  }

  /** {@return all names, in order} */
  public List<String> names() {
    return List.copyOf(tensors.keySet());
  }

  /**
   * {@return whether there is a tensor of a name}
   *
   * @param name the name
   */
  public boolean contains(String name) {
    return tensors.containsKey(name);
  }

  /**
   * {@return a tensor by its name}
   *
   * @param name the name
   * @throws IllegalArgumentException if there is none, with the names there are
   */
  public Tensor get(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "there is no tensor `" + name + "`, expected one of " + names());
    }
    return tensor;
  }

  /**
   * {@return the only tensor}
   *
   * @throws IllegalStateException if there are several, with their names
   */
  public Tensor only() {
    if (tensors.size() != 1) {
      throw new IllegalStateException("there are several tensors, ask by name: " + names());
    }
    return tensors.values().iterator().next();
  }

  Map<String, NdTensor> internal() {
    Map<String, NdTensor> values = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> values.put(name, tensor.internal()));
    return values;
  }

  /** Names with types and shapes. */
  @Override
  public String toString() {
    return tensors.toString();
  }
}
