package org.tataa.tensor;

import java.util.List;

/**
 * A HOST value as bfloat16 on the device: rounded to nearest even, denormals flushed to a zero of
 * their sign, NaN as 0x7fc0.
 *
 * @param operand a HOST value of float elements, or of integers or truth values that are exact
 * @param result a BF16 value of the same shape
 */
public record UploadOp(Value operand, Value result) implements TensorOp {
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
    return "upload %" + operand.name();
  }
}
