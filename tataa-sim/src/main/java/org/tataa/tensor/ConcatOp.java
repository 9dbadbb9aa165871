package org.tataa.tensor;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Values one after the other along an axis.
 *
 * @param axis not negative
 * @param operands device values of the same kind of elements; other dimensions equal
 * @param result their concatenation
 */
public record ConcatOp(int axis, List<Value> operands, Value result) implements TensorOp {
  /** Takes a copy. */
  public ConcatOp {
    operands = List.copyOf(operands);
  }

  @Override
  public List<Value> results() {
    return List.of(result);
  }

  @Override
  public String describe() {
    return operands.stream()
        .map(value -> "%" + value.name())
        .collect(Collectors.joining(", ", "concat axis " + axis + " (", ")"));
  }
}
