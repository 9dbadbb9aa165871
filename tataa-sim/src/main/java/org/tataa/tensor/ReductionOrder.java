package org.tataa.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * In which order the elements along a reduced axis are combined, since sums of bfloat16 numbers
 * depend on it. The elements are dealt into parts; each part is combined as a pairwise tree, and
 * then the results of the parts as another.
 *
 * <p>A pairwise tree combines neighbours, carries an odd last one along, and repeats. It is what
 * lanes and vector slots do when they combine as they go ("two by two", functions.md).
 */
public final class ReductionOrder {
  private final int[][] parts;

  /**
   * An order.
   *
   * @param parts {@code [part][position]} indices along the axis; every index exactly once, no part
   *     empty
   */
  public ReductionOrder(int[][] parts) {
    this.parts = new int[parts.length][];
    int count = 0;
    for (int i = 0; i < parts.length; i++) {
      this.parts[i] = parts[i].clone();
      count += parts[i].length;
      if (parts[i].length == 0) {
        throw new IllegalArgumentException("part " + i + " is empty");
      }
    }
    boolean[] seen = new boolean[count];
    for (int[] part : parts) {
      for (int index : part) {
        if (index < 0 || index >= count || seen[index]) {
          throw new IllegalArgumentException(
              "index " + index + " of " + count + " stands twice or is out of range");
        }
        seen[index] = true;
      }
    }
  }

  /** All elements in one tree. */
  public static ReductionOrder natural(int length) {
    return interleaved(length, 1);
  }

  /** Element i in part {@code i % parts}. */
  public static ReductionOrder interleaved(int length, int parts) {
    List<int[]> made = new ArrayList<>();
    for (int part = 0; part < Math.min(parts, length); part++) {
      int[] indices = new int[(length - part + parts - 1) / parts];
      for (int i = 0; i < indices.length; i++) {
        indices[i] = part + i * parts;
      }
      made.add(indices);
    }
    return new ReductionOrder(made.toArray(int[][]::new));
  }

  /** Number of parts. */
  public int parts() {
    return parts.length;
  }

  /** Indices of a part, in order; a copy. */
  public int[] part(int number) {
    return parts[number].clone();
  }

  /** Number of elements. */
  public int length() {
    int length = 0;
    for (int[] part : parts) {
      length += part.length;
    }
    return length;
  }

  @Override
  public String toString() {
    return parts.length == 1 ? "in order" : "in " + parts.length + " parts";
  }
}
