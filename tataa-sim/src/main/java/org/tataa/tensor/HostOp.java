package org.tataa.tensor;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Work the host does on values of its own: integers, masks, embeddings, constants, and operators
 * the device has no form for.
 *
 * @param function what is computed
 * @param operands HOST values
 * @param results HOST values
 */
public record HostOp(HostFunction function, List<Value> operands, List<Value> results)
    implements TensorOp {
  /** Takes copies. */
  public HostOp {
    operands = List.copyOf(operands);
    results = List.copyOf(results);
  }

  @Override
  public String describe() {
    return operands.stream()
        .map(value -> "%" + value.name())
        .collect(Collectors.joining(", ", "host " + function.name() + "(", ")"));
  }
}
