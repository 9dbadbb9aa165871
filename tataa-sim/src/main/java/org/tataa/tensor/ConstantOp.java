package org.tataa.tensor;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.numeric.Bfloat16;

/**
 * A constant on the device.
 *
 * @param bits row-major, one per element: bfloat16 patterns, or int8 values; shared, not copied,
 *     and never written to
 * @param exact the values before they were rounded to bfloat16, for passes that compute with
 *     constants; null if they are not known, and always for INT8; shared, not copied, and never
 *     written to
 * @param result a BF16 or INT8 value
 */
@SuppressWarnings("ArrayRecordComponent")
public record ConstantOp(short[] bits, float @Nullable [] exact, Value result) implements TensorOp {
  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if there is not one pattern per element, or exact values of
   *     another number or of int8 elements
   */
  public ConstantOp {
    if (bits.length != result.size()) {
      throw new IllegalArgumentException(
          result + " needs " + result.size() + " patterns, found " + bits.length);
    }
    if (exact != null && (exact.length != bits.length || result.element() != Element.BF16)) {
      throw new IllegalArgumentException(result + " cannot have " + exact.length + " exact values");
    }
  }

  /** A constant of which only the patterns are known. */
  public ConstantOp(short[] bits, Value result) {
    this(bits, null, result);
  }

  /**
   * The bfloat16 constant nearest to values, ties to even; denormals become a zero of their sign.
   *
   * @param values row-major; shared, not copied
   * @param result a BF16 value
   */
  public static ConstantOp of(float[] values, Value result) {
    short[] bits = new short[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = (short) Bfloat16.flush(Bfloat16.fromFloat(values[i]));
    }
    return new ConstantOp(bits, values, result);
  }

  /**
   * The values of a BF16 constant: exact ones if they are known, else those of the patterns.
   *
   * @throws IllegalStateException if it is an INT8 constant
   */
  public float[] values() {
    if (result.element() != Element.BF16) {
      throw new IllegalStateException(result + " has no bfloat16 values");
    }
    if (exact != null) {
      return exact;
    }
    float[] values = new float[bits.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Bfloat16.toFloat(Bfloat16.flush(bits[i]));
    }
    return values;
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
