package org.tataa.tensor;

import java.util.List;

/**
 * A constant on the device.
 *
 * @param bits row-major, one per element: bfloat16 patterns, or int8 values; shared, not copied,
 *     and never written to
 * @param result a BF16 or INT8 value
 */
@SuppressWarnings("ArrayRecordComponent")
public record ConstantOp(short[] bits, Value result) implements TensorOp {
  /**
   * Checks the length.
   *
   * @throws IllegalArgumentException if there is not one pattern per element
   */
  public ConstantOp {
    if (bits.length != result.size()) {
      throw new IllegalArgumentException(
          result + " needs " + result.size() + " patterns, found " + bits.length);
    }
  }

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
    return "constant";
  }
}
