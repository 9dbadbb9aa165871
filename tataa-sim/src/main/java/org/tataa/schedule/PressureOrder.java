package org.tataa.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;

/**
 * Orders a body so that fewer registers are live, near the order it has: of the next operations
 * whose operands are there, the one that ends most live registers goes first. Stores keep their
 * order.
 */
final class PressureOrder {
  private static final int WINDOW = 96;

  private final VectorStep[] producer;
  private final int[] usesLeft;
  private final boolean[] isThere;
  private final List<VectorStep> open = new ArrayList<>();
  private final List<VectorStep> ordered = new ArrayList<>();

  /** Stores in their order, and how many of them are done. */
  private final List<VectorStep> stores = new ArrayList<>();

  private int stored;

  private PressureOrder(VectorNest nest) {
    producer = new VectorStep[nest.registers()];
    usesLeft = new int[nest.registers()];
    isThere = new boolean[nest.registers()];
    for (VectorStep step : nest.body()) {
      if (step instanceof VectorStep.Load load) {
        producer[load.register()] = step;
        continue;
      }
      open.add(step);
      if (step instanceof VectorStep.Operate operate) {
        producer[operate.register()] = step;
      } else {
        stores.add(step);
      }
      for (int register : read(step)) {
        usesLeft[register]++;
      }
    }
  }

  static VectorNest reorder(VectorNest nest) {
    PressureOrder order = new PressureOrder(nest);
    order.run();
    return new VectorNest(nest.work(), nest.loops(), nest.registers(), order.ordered);
  }

  private static int[] read(VectorStep step) {
    if (step instanceof VectorStep.Store store) {
      return store.registers();
    }
    VectorStep.Operate operate = (VectorStep.Operate) step;
    Operand first = operate.first();
    Operand second = operate.second();
    if (first.isConstant() || first.equals(second)) {
      return first.isConstant() && second.isConstant()
          ? new int[0]
          : new int[] {first.isConstant() ? second.index() : first.index()};
    }
    return second.isConstant()
        ? new int[] {first.index()}
        : new int[] {first.index(), second.index()};
  }

  private void run() {
    int start = 0;
    boolean[] isDone = new boolean[open.size()];
    while (start < isDone.length) {
      int best = -1;
      int bestGain = Integer.MIN_VALUE;
      int end = Math.min(isDone.length, start + WINDOW);
      for (int i = start; i < end; i++) {
        if (!isDone[i] && isReady(open.get(i))) {
          int gain = gain(open.get(i));
          if (gain > bestGain) {
            best = i;
            bestGain = gain;
          }
        }
      }
      isDone[best] = true;
      emit(open.get(best));
      while (start < isDone.length && isDone[start]) {
        start++;
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // Stores may be equal.
  private boolean isReady(VectorStep step) {
    boolean isTurn = !(step instanceof VectorStep.Store) || stores.get(stored) == step;
    return isTurn
        && Arrays.stream(read(step))
            .allMatch(
                register -> isThere[register] || producer[register] instanceof VectorStep.Load);
  }

  // Registers that end minus registers that begin.
  private int gain(VectorStep step) {
    int gain = step instanceof VectorStep.Store ? 1000 : -1;
    for (int register : read(step)) {
      gain += usesLeft[register] == 1 ? 1 : 0;
      gain -= isThere[register] ? 0 : 1;
    }
    return gain;
  }

  private void emit(VectorStep step) {
    for (int register : read(step)) {
      if (!isThere[register]) {
        ordered.add(producer[register]);
        isThere[register] = true;
      }
      usesLeft[register]--;
    }
    ordered.add(step);
    if (step instanceof VectorStep.Operate operate) {
      isThere[operate.register()] = true;
    } else {
      stored++;
    }
  }
}
