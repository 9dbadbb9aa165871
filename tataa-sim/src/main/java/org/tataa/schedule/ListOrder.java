package org.tataa.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.tataa.config.TataaConfig;
import org.tataa.numeric.LaneOp;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;

/**
 * List scheduling of a body: of the next operations whose operands are there, the one that can be
 * issued first by the rough clock, so that operations of a type follow each other and results are
 * read when they are ready. Operations that would make more registers live than there is room for
 * wait. Results that are stored are made in the order of the stores.
 */
final class ListOrder {
  private static final int NONE = -1;

  private final int dmbDepth;
  private final int window;
  private final int room;
  private final VectorNest nest;
  private final PortClock clock;
  private final int[] order;
  private int ordered;

  // Operations and stores, in the order of the body, and their places in it.
  private final VectorStep[] steps;
  private final int[] place;
  private final LaneOp[] op;
  private final int[] result;
  private final int[] first;
  private final int[] second;
  private final boolean[] isDone;
  private final int[] missing;

  /** Steps that are not done whose operands are there; stores wait for their words. */
  private final BitSet open = new BitSet();

  // Registers.
  private final long[] ready;
  private final boolean[] isTouched;
  private final int[] usesLeft;
  private final List<List<Integer>> readers = new ArrayList<>();

  /** Place of a register among all that are stored, or NONE. */
  private final int[] turn;

  private int pushed;
  private int stored;
  private int live;

  private ListOrder(TataaConfig config, VectorNest nest, int window, int room) {
    this.window = window;
    this.room = room;
    this.nest = nest;
    dmbDepth = config.buffers().dmbDepth();
    clock = new PortClock(config);
    order = new int[nest.body().size()];
    place =
        IntStream.range(0, order.length)
            .filter(i -> !(nest.body().get(i) instanceof VectorStep.Load))
            .toArray();
    steps = Arrays.stream(place).mapToObj(nest.body()::get).toArray(VectorStep[]::new);
    op = new LaneOp[steps.length];
    result = new int[steps.length];
    first = new int[steps.length];
    second = new int[steps.length];
    isDone = new boolean[steps.length];
    ready = new long[nest.registers()];
    missing = new int[steps.length];
    isTouched = new boolean[nest.registers()];
    usesLeft = new int[nest.registers()];
    turn = new int[nest.registers()];
    Arrays.fill(turn, NONE);
    fill();
  }

  private void fill() {
    boolean[] isLoaded = new boolean[nest.registers()];
    for (int i = 0; i < nest.registers(); i++) {
      readers.add(new ArrayList<>(2));
    }
    for (int i = 0; i < order.length; i++) {
      if (nest.body().get(i) instanceof VectorStep.Load load) {
        isLoaded[load.register()] = true;
        order[ordered++] = i;
      }
    }
    int stores = 0;
    for (int i = 0; i < steps.length; i++) {
      if (steps[i] instanceof VectorStep.Operate operate) {
        op[i] = operate.op();
        result[i] = operate.register();
        first[i] = register(operate.first());
        second[i] = operate.second().equals(operate.first()) ? NONE : register(operate.second());
        use(i, first[i], isLoaded);
        use(i, second[i], isLoaded);
      } else if (steps[i] instanceof VectorStep.Store store) {
        for (int register : store.registers()) {
          turn[register] = stores++;
        }
      }
      open.set(i, missing[i] == 0);
    }
  }

  private static int register(Operand operand) {
    return operand.isConstant() ? NONE : operand.index();
  }

  private void use(int step, int register, boolean[] isLoaded) {
    if (register != NONE) {
      usesLeft[register]++;
      if (!isLoaded[register]) {
        missing[step]++;
        readers.get(register).add(step);
      }
    }
  }

  /**
   * An order for the body of a nest: the numbers of its steps, loads first.
   *
   * @param window steps it looks ahead
   * @param room most live registers, if it can be helped
   */
  static int[] of(TataaConfig config, VectorNest nest, int window, int room) {
    ListOrder order = new ListOrder(config, nest, window, room);
    order.run();
    return order.order;
  }

  /** A nest whose body is in another order. */
  static VectorNest reorder(VectorNest nest, int[] order) {
    List<VectorStep> body = Arrays.stream(order).mapToObj(nest.body()::get).toList();
    return new VectorNest(nest.work(), nest.loops(), nest.registers(), body);
  }

  private void run() {
    int start = 0;
    while (start < steps.length) {
      int next = next(start, Math.min(steps.length, start + window));
      // What fills the buffers before those in sight is further away.
      next = next < 0 ? next(start, steps.length) : next;
      next = next < 0 ? start : next;
      isDone[next] = true;
      open.clear(next);
      emit(next);
      while (start < steps.length && isDone[start]) {
        start++;
      }
    }
  }

  private int next(int start, int end) {
    int best = NONE;
    long bestTime = Long.MAX_VALUE;
    int bestExcess = Integer.MAX_VALUE;
    boolean isStoreSeen = false;
    for (int i = open.nextSetBit(start); i >= 0 && i < end; i = open.nextSetBit(i + 1)) {
      if (op[i] == null) {
        // Stores keep their order.
        if (!isStoreSeen && pushed >= stored + ((VectorStep.Store) steps[i]).registers().length) {
          return i;
        }
        isStoreSeen = true;
      } else if (canIssue(i)) {
        int growth = growth(i);
        int excess = growth <= 0 ? 0 : Math.max(0, live + growth - room);
        if (excess <= bestExcess) {
          long time = clock.issue(op[i], ready(i));
          if (excess < bestExcess || time < bestTime) {
            best = i;
            bestTime = time;
            bestExcess = excess;
          }
        }
      }
    }
    return best;
  }

  private boolean canIssue(int step) {
    int own = turn[result[step]];
    return own == NONE || (own == pushed && pushed < stored + dmbDepth);
  }

  // Registers that begin to be live minus those that end.
  private int growth(int step) {
    return (usesLeft[result[step]] > 0 ? 1 : 0) + change(first[step]) + change(second[step]);
  }

  private int change(int register) {
    return register == NONE ? 0 : (isTouched[register] ? 0 : 1) - (usesLeft[register] == 1 ? 1 : 0);
  }

  private long ready(int step) {
    return Math.max(
        first[step] == NONE ? 0 : ready[first[step]],
        second[step] == NONE ? 0 : ready[second[step]]);
  }

  private void emit(int step) {
    order[ordered++] = place[step];
    if (steps[step] instanceof VectorStep.Store store) {
      stored += store.registers().length;
      clock.store(store);
      return;
    }
    ready[result[step]] = clock.operate(op[step], ready(step));
    live += growth(step);
    touch(first[step]);
    touch(second[step]);
    for (int reader : readers.get(result[step])) {
      if (--missing[reader] == 0) {
        open.set(reader);
      }
    }
    isTouched[result[step]] = true;
    pushed += turn[result[step]] == NONE ? 0 : 1;
  }

  private void touch(int register) {
    if (register != NONE) {
      isTouched[register] = true;
      usesLeft[register]--;
    }
  }
}
