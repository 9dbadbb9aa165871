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
    }
    boolean[] seen = new boolean[count];
    for (int[] part : parts) {
      for (int index : part) {
        if (part.length == 0 || index < 0 || index >= count || seen[index]) {
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

  /** A combination of two values. */
  public interface Combine {
    /** The combination. */
    int of(int a, int b);
  }

  /** Combines patterns {@code values[index]}, one per index of the axis. */
  public int combine(int[] values, Combine combine) {
    int[] heads = new int[parts.length];
    for (int i = 0; i < parts.length; i++) {
      int[] picked = new int[parts[i].length];
      for (int k = 0; k < picked.length; k++) {
        picked[k] = values[parts[i][k]];
      }
      heads[i] = tree(picked, picked.length, combine);
    }
    return tree(heads, heads.length, combine);
  }

  /** The pairwise tree over the first values of an array, which it overwrites. */
  public static int tree(int[] values, int count, Combine combine) {
    for (int left = count; left > 1; left = (left + 1) / 2) {
      for (int i = 0; i < left / 2; i++) {
        values[i] = combine.of(values[2 * i], values[2 * i + 1]);
      }
      if (left % 2 == 1) {
        values[left / 2] = values[left - 1];
      }
    }
    return values[0];
  }

  @Override
  public String toString() {
    return parts.length == 1 ? "in order" : "in " + parts.length + " parts";
  }
}
