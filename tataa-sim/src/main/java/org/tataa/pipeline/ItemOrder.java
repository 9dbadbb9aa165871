package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.List;

/**
 * The order in which items are taken: those of a shape one after the other, so that few programs
 * are there at a time, but the first one of a shape, which compiles the program, early enough that
 * no thread waits for what another compiles.
 */
final class ItemOrder {
  private ItemOrder() {}

  /**
   * An order.
   *
   * @param groups numbers of items, by shape
   * @param threads threads that take items; as many programs are compiled ahead
   */
  static List<Integer> of(List<List<Integer>> groups, int threads) {
    List<Integer> order = new ArrayList<>();
    for (int group = 1 - threads; group < groups.size(); group++) {
      int ahead = group + threads - 1;
      if (ahead < groups.size()) {
        order.add(groups.get(ahead).get(0));
      }
      if (group >= 0) {
        List<Integer> items = groups.get(group);
        order.addAll(items.subList(1, items.size()));
      }
    }
    return order;
  }
}
