package org.tataa.tensor;

import java.util.List;

/**
 * Elements of a value in another order or shape: reshape, transpose, slice, broadcast, padding,
 * gather with known indices. Nothing is computed.
 *
 * @param movement what moves, for printing and for finding cheap forms
 * @param operand any device value
 * @param result a value of the same kind of elements
 */
public record ViewOp(Movement movement, Value operand, Value result) implements TensorOp {
  @Override
  public List<Value> operands() {
    return List.of(operand);
  }

  @Override
  public List<Value> results() {
    return List.of(result);
  }

  @Override
  public String describe() {
    return "view " + movement + " %" + operand.name();
  }
}
