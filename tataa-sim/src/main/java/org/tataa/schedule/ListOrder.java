package org.tataa.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tataa.config.TataaConfig;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;

/**
 * List scheduling of a body: of the next operations whose operands are there, the one that can be
 * issued first by the rough clock, so that operations of a type follow each other and results are
 * read when they are ready. Operations that would make more registers live than there is room for
 * wait.
 */
final class ListOrder {
  private final TataaConfig config;
  private final int window;
  private final int room;
  private final VectorNest nest;
  private final PortClock clock;
  private final long[] ready;
  private final boolean[] isThere;
  private final boolean[] isTouched;
  private final int[] usesLeft;
  private final List<VectorStep> open = new ArrayList<>();
  private final List<VectorStep> ordered = new ArrayList<>();
  private final Map<Integer, Integer> turn = new HashMap<>();
  private int pushed;
  private int stored;
  private int live;

  private ListOrder(TataaConfig config, VectorNest nest, int window, int room) {
    this.config = config;
    this.window = window;
    this.room = room;
    this.nest = nest;
    clock = new PortClock(config);
    ready = new long[nest.registers()];
    isThere = new boolean[nest.registers()];
    isTouched = new boolean[nest.registers()];
    usesLeft = new int[nest.registers()];
  }

  /**
   * A nest whose body is ordered anew.
   *
   * @param window steps it looks ahead
   * @param room most live registers, if it can be helped
   */
  static VectorNest reorder(TataaConfig config, VectorNest nest, int window, int room) {
    ListOrder order = new ListOrder(config, nest, window, room);
    order.run();
    return new VectorNest(nest.work(), nest.loops(), nest.registers(), order.ordered);
  }

  private void run() {
    for (VectorStep step : nest.body()) {
      if (step instanceof VectorStep.Load load) {
        isThere[load.register()] = true;
        ordered.add(step);
        continue;
      }
      open.add(step);
      if (step instanceof VectorStep.Operate operate) {
        for (int register : operands(operate)) {
          usesLeft[register]++;
        }
      } else if (step instanceof VectorStep.Store store) {
        for (int register : store.registers()) {
          turn.put(register, turn.size());
        }
      }
    }
    boolean[] isDone = new boolean[open.size()];
    int start = 0;
    while (start < isDone.length) {
      int next = next(isDone, start, Math.min(isDone.length, start + window));
      // What fills the buffers before those in sight is further away.
      next = next < 0 ? next(isDone, start, isDone.length) : next;
      next = next < 0 ? start : next;
      isDone[next] = true;
      emit(open.get(next));
      while (start < isDone.length && isDone[start]) {
        start++;
      }
    }
  }

  private int next(boolean[] isDone, int start, int end) {
    int best = -1;
    long bestTime = Long.MAX_VALUE;
    int bestExcess = Integer.MAX_VALUE;
    boolean isStoreSeen = false;
    for (int i = start; i < end; i++) {
      if (isDone[i]) {
        continue;
      }
      VectorStep step = open.get(i);
      if (step instanceof VectorStep.Store store) {
        // Stores keep their order.
        if (!isStoreSeen && pushed >= stored + store.registers().length) {
          return i;
        }
        isStoreSeen = true;
      } else if (step instanceof VectorStep.Operate operate && canIssue(operate)) {
        long time = clock.issue(operate.op(), ready(operate));
        int growth = growth(operate);
        int excess = growth <= 0 ? 0 : Math.max(0, live + growth - room);
        if (excess < bestExcess || (excess == bestExcess && time < bestTime)) {
          best = i;
          bestTime = time;
          bestExcess = excess;
        }
      }
    }
    return best;
  }

  private boolean canIssue(VectorStep.Operate operate) {
    Integer place = turn.get(operate.register());
    return isThere(operate.first())
        && isThere(operate.second())
        && (place == null
            || (place == pushed && pushed < stored + config.buffers().dmbDepth()));
  }

  private boolean isThere(Operand operand) {
    return operand.isConstant() || isThere[operand.index()];
  }

  private static int[] operands(VectorStep.Operate operate) {
    Operand first = operate.first();
    Operand second = operate.second();
    return first.isConstant()
        ? new int[] {second.index()}
        : second.isConstant() || second.equals(first)
            ? new int[] {first.index()}
            : new int[] {first.index(), second.index()};
  }

  // Registers that begin to be live minus those that end.
  private int growth(VectorStep.Operate operate) {
    int growth = usesLeft[operate.register()] > 0 ? 1 : 0;
    for (int register : operands(operate)) {
      growth += isTouched[register] ? 0 : 1;
      growth -= usesLeft[register] == 1 ? 1 : 0;
    }
    return growth;
  }

  private long ready(VectorStep.Operate operate) {
    long time = 0;
    for (int register : operands(operate)) {
      time = Math.max(time, ready[register]);
    }
    return time;
  }

  private void emit(VectorStep step) {
    ordered.add(step);
    if (step instanceof VectorStep.Operate operate) {
      ready[operate.register()] = clock.operate(operate.op(), ready(operate));
      live += growth(operate);
      for (int register : operands(operate)) {
        isTouched[register] = true;
        usesLeft[register]--;
      }
      isThere[operate.register()] = true;
      isTouched[operate.register()] = true;
      pushed += turn.containsKey(operate.register()) ? 1 : 0;
    } else if (step instanceof VectorStep.Store store) {
      stored += store.registers().length;
      clock.store(store);
    }
  }
}
