package org.tataa.tensor;

import java.util.List;
import org.tataa.graph.ElementType;

/**
 * An input of the model, given by the host for every run.
 *
 * @param result a HOST value named like the graph's input
 * @param type type of its elements
 */
public record InputOp(Value result, ElementType type) implements TensorOp {
  @Override
  public List<Value> operands() {
    return List.of();
  }

  @Override
  public List<Value> results() {
    return List.of(result);
  }

  @Override
  public String describe() {
    return "input " + type;
  }
}
