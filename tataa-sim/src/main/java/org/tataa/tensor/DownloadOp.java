package org.tataa.tensor;

import java.util.List;

/**
 * A BF16 value as float32 in the host's memory; exact.
 *
 * @param operand a BF16 value
 * @param result a HOST value of the same shape
 */
public record DownloadOp(Value operand, Value result) implements TensorOp {
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
    return "download %" + operand.name();
  }
}
