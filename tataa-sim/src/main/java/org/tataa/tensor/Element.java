package org.tataa.tensor;

/** What a value's elements are, and so where the value is. */
public enum Element {
  /** Any tensor of the graph, in the host's memory. */
  HOST,
  /** bfloat16 patterns on the device. */
  BF16,
  /** int8 on the device. */
  INT8
}
