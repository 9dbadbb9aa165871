package org.tataa.tensor;

import java.util.List;

/**
 * A BF16 value as int8: scaled, rounded to nearest even, saturated at [-128, 127]; NaN becomes 0
 * (arithmetic.md, Requantiser).
 *
 * @param scale the requantiser's scale
 * @param operand a BF16 value
 * @param result an INT8 value of the same shape
 */
public record QuantiseOp(Scale scale, Value operand, Value result) implements TensorOp {
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
    return "quantise %" + operand.name() + " scale " + scale;
  }
}
