package org.tataa.observe;

/** What the processing elements compute. */
public enum ArrayMode {
  /** int8 systolic products. */
  INT8,
  /** bfloat16 multiply-type operations: V.MUL, V.APP. */
  MULTIPLY,
  /** bfloat16 add-type operations: V.ADD and the extensions. */
  ADD
}
