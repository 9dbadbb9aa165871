package org.tataa.isa;

import org.tataa.config.ArrayGeometry;

/** The four conversions of a STORE; the ordinal is the encoding. */
public enum StoreMode {
  /** Partial sums to int8. */
  ACC_TO_INT8,
  /** Partial sums to bfloat16. */
  ACC_TO_BF16,
  /** bfloat16 to int8. */
  BF16_TO_INT8,
  /** bfloat16 unchanged. */
  BF16_TO_BF16;

  /** {@return whether the source words are partial sums (STORE.M), not vectors (STORE.V)} */
  public boolean fromSums() {
    return this == ACC_TO_INT8 || this == ACC_TO_BF16;
  }

  /** {@return whether the result elements are int8} */
  public boolean toInt8() {
    return this == ACC_TO_INT8 || this == BF16_TO_INT8;
  }

  /**
   * {@return bytes one word of a dual-mode buffer becomes in memory}
   *
   * @param geometry shape of the array
   */
  public int wordBytes(ArrayGeometry geometry) {
    return switch (this) {
      case ACC_TO_INT8, BF16_TO_INT8 -> geometry.outputs();
      case ACC_TO_BF16 -> 2 * geometry.outputs();
      case BF16_TO_BF16 -> 2 * geometry.columns();
    };
  }
}
