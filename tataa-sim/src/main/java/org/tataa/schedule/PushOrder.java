package org.tataa.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tataa.tile.VectorStep;

/**
 * Puts the operations whose results go to the dual-mode buffers into the order in which stores take
 * them: an operation whose turn has not come, or for which the buffers have no room, is put off, at
 * the latest until just before its store.
 */
final class PushOrder {
  private final int depth;
  private final Map<Integer, Integer> turn = new HashMap<>();
  private final Map<Integer, VectorStep> waiting = new HashMap<>();
  private final List<VectorStep> ordered = new ArrayList<>();
  private int pushed;
  private int stored;

  private PushOrder(int depth) {
    this.depth = depth;
  }

  static List<VectorStep> of(List<VectorStep> steps, int dmbDepth) {
    PushOrder order = new PushOrder(dmbDepth);
    for (VectorStep step : steps) {
      if (step instanceof VectorStep.Store store) {
        for (int register : store.registers()) {
          order.turn.put(register, order.turn.size());
        }
      }
    }
    steps.forEach(order::accept);
    return order.ordered;
  }

  private void accept(VectorStep step) {
    if (step instanceof VectorStep.Operate operate && turn.containsKey(operate.register())) {
      waiting.put(turn.get(operate.register()), step);
      push(stored + depth);
    } else if (step instanceof VectorStep.Store store) {
      push(stored + store.registers().length);
      stored += store.registers().length;
      ordered.add(step);
    } else {
      ordered.add(step);
    }
  }

  // Those whose turn it is, as far as there is room.
  private void push(int end) {
    while (pushed < end && waiting.containsKey(pushed)) {
      ordered.add(waiting.remove(pushed++));
    }
  }
}
