package org.tataa.schedule;

import java.util.ArrayList;
import java.util.List;

/** Largest value of any range of a list, found in constant time. */
final class RangeMaximum {
  /** {@code [k][i]}: largest of {@code 2^k} values from i on. */
  private final List<int[]> levels = new ArrayList<>();

  RangeMaximum(int[] values) {
    levels.add(values.clone());
    for (int width = 1; 2 * width <= values.length; width *= 2) {
      int[] half = levels.get(levels.size() - 1);
      int[] level = new int[values.length - 2 * width + 1];
      for (int i = 0; i < level.length; i++) {
        level[i] = Math.max(half[i], half[i + width]);
      }
      levels.add(level);
    }
  }

  /** Largest value from a first to a last index; 0 for an empty range. */
  int of(int first, int last) {
    if (last < first) {
      return 0;
    }
    int k = 31 - Integer.numberOfLeadingZeros(last - first + 1);
    int[] level = levels.get(k);
    return Math.max(level[first], level[last + 1 - (1 << k)]);
  }
}
