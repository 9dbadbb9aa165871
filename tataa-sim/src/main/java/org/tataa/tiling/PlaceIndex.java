package org.tataa.tiling;

import java.util.Arrays;
import org.tataa.tile.Layout;

/** All places of each element of a layout, and the vectors that can be loaded from it. */
final class PlaceIndex {
  private final int[] elements;
  private final int[] first;
  private final int[] next;

  PlaceIndex(Layout layout) {
    elements = layout.elements();
    int largest = -1;
    for (int element : elements) {
      largest = Math.max(largest, element);
    }
    first = new int[largest + 1];
    next = new int[elements.length];
    Arrays.fill(first, -1);
    for (int place = elements.length - 1; place >= 0; place--) {
      if (elements[place] >= 0) {
        next[place] = first[elements[place]];
        first[elements[place]] = place;
      }
    }
  }

  /**
   * The place at which a vector starts.
   *
   * @param wanted elements of its lanes, -1 for any
   * @param from index of the first lane in {@code wanted}
   * @param lanes number of lanes
   * @param align places the start must be a multiple of
   * @return -1 if there is none; {@link AffineFit#FREE} if no lane is wanted
   */
  long find(int[] wanted, int from, int lanes, int align) {
    int lane = 0;
    while (lane < lanes && wanted[from + lane] == -1) {
      lane++;
    }
    if (lane == lanes) {
      return AffineFit.FREE;
    }
    int element = wanted[from + lane];
    if (element < 0 || element >= first.length) {
      return -1;
    }
    for (int place = first[element]; place >= 0; place = next[place]) {
      int start = place - lane;
      if (start >= 0
          && start % align == 0
          && start + lanes <= elements.length
          && matches(wanted, from, lanes, start)) {
        return start;
      }
    }
    return -1;
  }

  private boolean matches(int[] wanted, int from, int lanes, int start) {
    for (int lane = 0; lane < lanes; lane++) {
      int element = wanted[from + lane];
      if (element != -1 && element != elements[start + lane]) {
        return false;
      }
    }
    return true;
  }
}
