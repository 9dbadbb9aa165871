package org.tataa.graph;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An operator applied to values.
 *
 * @param name name in the file, or one made from its first output
 * @param op operator, an ONNX name or one of {@link Operators#FUSED}
 * @param inputs names of values; an empty name is an optional input left out
 * @param outputs names of values; an empty name is an output nobody wants
 * @param attributes values: Long, Float, String, long[], float[] or NdTensor
 */
public record Node(
    String name,
    String op,
    List<String> inputs,
    List<String> outputs,
    Map<String, Object> attributes) {
  /** Takes copies. */
  public Node {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = Map.copyOf(attributes);
  }

  /** First output. */
  public String output() {
    return outputs.get(0);
  }

  /** Name of an input, empty if it was left out. */
  public String input(int number) {
    return number < inputs.size() ? inputs.get(number) : "";
  }

  /** Whether an attribute was given. */
  public boolean has(String attribute) {
    return attributes.containsKey(attribute);
  }

  /** An integer attribute. */
  public long integer(String attribute, long missing) {
    Object value = attributes.get(attribute);
    if (value == null) {
      return missing;
    }
    if (!(value instanceof Long number)) {
      throw wrongType(attribute, "an integer", value);
    }
    return number;
  }

  /** A float attribute. */
  public float number(String attribute, float missing) {
    Object value = attributes.get(attribute);
    if (value == null) {
      return missing;
    }
    if (!(value instanceof Float number)) {
      throw wrongType(attribute, "a float", value);
    }
    return number;
  }

  /** A text attribute. */
  public String text(String attribute, String missing) {
    Object value = attributes.get(attribute);
    if (value == null) {
      return missing;
    }
    if (!(value instanceof String text)) {
      throw wrongType(attribute, "a string", value);
    }
    return text;
  }

  /** A list of integers, or null if it was not given. */
  public long @Nullable [] integers(String attribute) {
    Object value = attributes.get(attribute);
    if (value == null) {
      return null;
    }
    if (!(value instanceof long[] numbers)) {
      throw wrongType(attribute, "a list of integers", value);
    }
    return numbers;
  }

  /** A tensor attribute, or null if it was not given. */
  public @Nullable NdTensor tensor(String attribute) {
    Object value = attributes.get(attribute);
    if (value == null) {
      return null;
    }
    if (!(value instanceof NdTensor tensor)) {
      throw wrongType(attribute, "a tensor", value);
    }
    return tensor;
  }

  private GraphException wrongType(String attribute, String expected, Object found) {
    return new GraphException(
        this
            + ": attribute "
            + attribute
            + ": expected "
            + expected
            + ", found "
            + found.getClass().getSimpleName());
  }

  @Override
  public String toString() {
    return op + " `" + name + "`";
  }
}
