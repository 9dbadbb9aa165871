package org.tataa.schedule;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;

/**
 * Orders a body so that few registers are live: every store, in order, preceded by what it needs,
 * each operand computed just before the operation that reads it.
 */
final class DepthFirst {
  private final Map<Integer, VectorStep> producers = new HashMap<>();
  private final List<VectorStep> ordered = new ArrayList<>();
  private final boolean[] isDone;

  private DepthFirst(VectorNest nest) {
    isDone = new boolean[nest.registers()];
    for (VectorStep step : nest.body()) {
      if (step instanceof VectorStep.Load load) {
        producers.put(load.register(), step);
      } else if (step instanceof VectorStep.Operate operate) {
        producers.put(operate.register(), step);
      }
    }
  }

  static VectorNest reorder(VectorNest nest) {
    DepthFirst order = new DepthFirst(nest);
    for (VectorStep step : nest.body()) {
      if (step instanceof VectorStep.Store store) {
        for (int register : store.registers()) {
          order.emit(register);
        }
        order.ordered.add(step);
      }
    }
    return new VectorNest(nest.work(), nest.loops(), nest.registers(), order.ordered);
  }

  // An explicit stack: trees of long sums are deep.
  private void emit(int register) {
    Deque<Integer> stack = new ArrayDeque<>(List.of(register));
    while (!stack.isEmpty()) {
      int top = stack.getLast();
      int missing = isDone[top] ? -1 : missing(top);
      if (missing >= 0) {
        stack.addLast(missing);
        continue;
      }
      stack.removeLast();
      if (!isDone[top]) {
        isDone[top] = true;
        ordered.add(producers.get(top));
      }
    }
  }

  private int missing(int register) {
    if (producers.get(register) instanceof VectorStep.Operate operate) {
      for (Operand operand : List.of(operate.first(), operate.second())) {
        if (!operand.isConstant() && !isDone[operand.index()]) {
          return operand.index();
        }
      }
    }
    return -1;
  }
}
