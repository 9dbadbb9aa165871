package org.tataa.tensor;

import java.util.function.IntUnaryOperator;

/** Hashes of large arrays that are compared by content: a few elements tell them apart as well. */
public final class SampledHash {
  /** Elements that a hash depends on, about. */
  private static final int HASHED = 4096;

  private SampledHash() {}

  /**
   * A hash of an array.
   *
   * @param length of the array
   * @param element by number
   */
  public static int of(int length, IntUnaryOperator element) {
    int hash = length;
    for (int i = 0; i < length; i += 1 + length / HASHED) {
      hash = 31 * hash + element.applyAsInt(i);
    }
    return hash;
  }
}
