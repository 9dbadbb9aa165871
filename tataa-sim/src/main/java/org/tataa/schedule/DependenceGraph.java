package org.tataa.schedule;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;

/** What the operations and stores of a nest's body depend on, and in which order results go. */
final class DependenceGraph {
  static final int NONE = -1;

  private final VectorNest nest;

  /** Places of the loads in the body, and of the other steps. */
  final int[] loads;

  final int[] place;

  // Operations and stores, in the order of the body. Operands are the steps that make them.
  final int size;
  final boolean[] isMultiply;
  final int[] first;
  final int[] second;

  /** Place of a result among all that are stored, or NONE. */
  final int[] turn;

  /** The STORE that takes a result last, or NONE. */
  final int[] store;

  /** Steps whose results are stored, in that order. */
  final int[] pushes;

  /**
   * Operations in the order of the body, but that what depends on loaded vectors alone comes just
   * before what reads it.
   */
  final int[] order;

  /** Those of them that depend on loaded vectors alone. */
  final int starts;

  DependenceGraph(VectorNest nest) {
    this.nest = nest;
    loads = places(true);
    place = places(false);
    size = place.length;
    isMultiply = new boolean[size];
    first = new int[size];
    second = new int[size];
    turn = new int[size];
    store = new int[size];
    Arrays.fill(first, NONE);
    Arrays.fill(second, NONE);
    Arrays.fill(turn, NONE);
    Arrays.fill(store, NONE);
    int[] maker = new int[nest.registers()];
    Arrays.fill(maker, NONE);
    IntStream.Builder stored = IntStream.builder();
    int count = 0;
    for (int i = 0; i < size; i++) {
      VectorStep step = nest.body().get(place[i]);
      if (step instanceof VectorStep.Operate operate) {
        isMultiply[i] = operate.op().isMultiplyType();
        maker[operate.register()] = i;
        first[i] = maker(maker, operate.first());
        second[i] = maker(maker, operate.second());
      } else if (step instanceof VectorStep.Store taken) {
        int last = NONE;
        for (int register : taken.registers()) {
          last = maker[register];
          turn[last] = count++;
          stored.add(last);
        }
        store[last] = i;
      }
    }
    pushes = stored.build().toArray();
    order = order();
    starts = (int) Arrays.stream(order).filter(this::isStart).count();
  }

  private int[] places(boolean areLoads) {
    return IntStream.range(0, nest.body().size())
        .filter(i -> nest.body().get(i) instanceof VectorStep.Load == areLoads)
        .toArray();
  }

  private static int maker(int[] maker, Operand operand) {
    return operand.isConstant() ? NONE : maker[operand.index()];
  }

  /** Whether an operation depends on loaded vectors alone. */
  boolean isStart(int step) {
    return first[step] == NONE && second[step] == NONE;
  }

  private int[] order() {
    boolean[] isSeen = new boolean[size];
    int[] order = new int[size];
    int[] stack = new int[2 * size + 1];
    int count = 0;
    boolean[] isRead = new boolean[size + 1];
    for (int i = 0; i < size; i++) {
      isRead[first[i] == NONE ? size : first[i]] = true;
      isRead[second[i] == NONE ? size : second[i]] = true;
    }
    for (int root = 0; root < size; root++) {
      int depth = 0;
      if (!isStart(root) || !isRead[root]) {
        stack[depth++] = root;
      }
      while (depth > 0) {
        int step = stack[depth - 1];
        if (isSeen[step] || nest.body().get(place[step]) instanceof VectorStep.Store) {
          depth--;
        } else if (first[step] != NONE && !isSeen[first[step]]) {
          stack[depth++] = first[step];
        } else if (second[step] != NONE && !isSeen[second[step]]) {
          stack[depth++] = second[step];
        } else {
          isSeen[step] = true;
          order[count++] = step;
          depth--;
        }
      }
    }
    return Arrays.copyOf(order, count);
  }
}
