package org.tataa.tensor;

import java.util.List;

/**
 * A BF16 value as int8: scaled, rounded to nearest even, saturated at [-128, 127]; NaN becomes 0
 * (arithmetic.md, Requantiser).
 *
 * <p>Codes may be rearranged by a product with the identity on their way to memory. Then neighbours
 * along an axis, indices 2i and 2i + 1, pass through the two fields of one accumulator, as the
 * operands of any product do: -128 beside a negative low neighbour turns positive, and a 16-bit
 * read-out borrows.
 *
 * @param scale the requantiser's scale
 * @param pairAxis the axis of neighbours if codes are rearranged so, else -1
 * @param operand a BF16 value
 * @param result an INT8 value of the same shape
 */
public record QuantiseOp(Scale scale, int pairAxis, Value operand, Value result)
    implements TensorOp {
  /** Codes that are stored as they are. */
  public QuantiseOp(Scale scale, Value operand, Value result) {
    this(scale, -1, operand, result);
  }

  /** These codes rearranged, or not. */
  public QuantiseOp withPairAxis(int axis) {
    return new QuantiseOp(scale, axis, operand, result);
  }

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
    return "quantise %"
        + operand.name()
        + " scale "
        + scale
        + (pairAxis < 0 ? "" : " pairs along " + pairAxis);
  }
}
