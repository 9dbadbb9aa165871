package org.tataa.model;

import java.util.Arrays;

/**
 * A float32 tensor of a model, row-major.
 *
 * @param name name in the file
 * @param dims dimensions
 * @param data values, as many as the dimensions say; not copied
 */
@SuppressWarnings("ArrayRecordComponent")
public record Tensor(String name, long[] dims, float[] data) {
  /**
   * Requires dimensions.
   *
   * @throws ModelFormatException if they differ
   */
  public Tensor requireShape(long... expected) {
    if (!Arrays.equals(dims, expected)) {
      throw new ModelFormatException(
          "tensor "
              + name
              + " has shape "
              + Arrays.toString(dims)
              + ", expected "
              + Arrays.toString(expected));
    }
    return this;
  }

  @Override
  public String toString() {
    return name + Arrays.toString(dims);
  }
}
