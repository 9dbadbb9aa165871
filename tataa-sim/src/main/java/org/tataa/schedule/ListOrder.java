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
  /** A window that shows the whole body. */
  static final int ALL = 1 << 20;

  /**
   * How far list scheduling goes.
   *
   * @param window steps it looks ahead; 0 for no list scheduling
   * @param strands most strands at once, if it can be helped
   * @param gang strands that begin together, so that they do the same operations together
   * @param share of all vector slots, in eighths, that may be live, if it can be helped
   */
  record Limits(int window, int strands, int gang, int share) {}

  private static final int NONE = -1;

  /** Reads of a loaded vector from which on it belongs to no strand. */
  private static final int SHARED = 5;

  /** What one strand too many weighs, in registers too many. */
  private static final int TOO_MANY = 1 << 20;

  private final int dmbDepth;
  private final Limits limits;
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
  private final boolean[] isMultiply;
  private final boolean[] isDone;
  private final int[] missing;

  /** When the operands of an open step are there. */
  private final long[] since;

  /** Steps that are not done whose operands are there; stores wait for their words. */
  private final BitSet open = new BitSet();

  /** Those of them that begin no strand. */
  private final BitSet continuing = new BitSet();

  // Registers.
  private final long[] ready;
  private final boolean[] isTouched;
  private final int[] usesLeft;
  private final List<List<Integer>> readers = new ArrayList<>();
  private final boolean[] isLoaded;
  private final Strands strands;
  private final int[] candidates;
  private boolean isStarting = true;

  /** Whether the last look saw operations that can be issued. */
  private boolean isOperationSeen;

  /** Place of a register among all that are stored, or NONE. */
  private final int[] turn;

  private int pushed;
  private int stored;
  private int live;

  private ListOrder(TataaConfig config, VectorNest nest, Limits limits) {
    this.limits = limits;
    room = limits.share() * config.buffers().vectorSlots() / 4;
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
    isMultiply = new boolean[steps.length];
    since = new long[steps.length];
    isDone = new boolean[steps.length];
    ready = new long[nest.registers()];
    missing = new int[steps.length];
    isTouched = new boolean[nest.registers()];
    usesLeft = new int[nest.registers()];
    turn = new int[nest.registers()];
    Arrays.fill(turn, NONE);
    candidates = new int[steps.length];
    isLoaded = new boolean[nest.registers()];
    fill();
    boolean[] isStart = isLoaded.clone();
    for (int i = 0; i < isStart.length; i++) {
      isStart[i] &= usesLeft[i] < SHARED;
    }
    strands = new Strands(isStart);
    for (int i = 0; i < steps.length; i++) {
      if (missing[i] == 0) {
        open(i);
      }
    }
  }

  private void fill() {
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
        isMultiply[i] = operate.op().isMultiplyType();
        result[i] = operate.register();
        first[i] = register(operate.first());
        second[i] = operate.second().equals(operate.first()) ? NONE : register(operate.second());
        use(i, first[i]);
        use(i, second[i]);
      } else if (steps[i] instanceof VectorStep.Store store) {
        for (int register : store.registers()) {
          turn[register] = stores++;
        }
      }
    }
  }

  private static int register(Operand operand) {
    return operand.isConstant() ? NONE : operand.index();
  }

  private void use(int step, int register) {
    if (register != NONE) {
      usesLeft[register]++;
      missing[step] += isLoaded[register] ? 0 : 1;
      readers.get(register).add(step);
    }
  }

  private void open(int step) {
    open.set(step);
    since[step] = ready(step);
    continuing.set(step, op[step] == null || !strands.begins(first[step], second[step]));
  }

  /** All that the order of a nest's body depends on. */
  static int[] cells(VectorNest nest) {
    IntStream.Builder cells = IntStream.builder();
    cells.add(nest.registers());
    for (VectorStep step : nest.body()) {
      if (step instanceof VectorStep.Operate operate) {
        boolean isSquare = operate.second().equals(operate.first());
        cells.add(operate.op().isMultiplyType() ? 1 : 0);
        cells.add(operate.register());
        cells.add(register(operate.first()));
        cells.add(isSquare ? NONE : register(operate.second()));
      } else if (step instanceof VectorStep.Store store) {
        cells.add(2);
        cells.add(store.registers().length);
        for (int register : store.registers()) {
          cells.add(register);
        }
      } else if (step instanceof VectorStep.Load load) {
        cells.add(3);
        cells.add(load.register());
      }
    }
    return cells.build().toArray();
  }

  /** An order for the body of a nest: the numbers of its steps, loads first. */
  static int[] of(TataaConfig config, VectorNest nest, Limits limits) {
    ListOrder order = new ListOrder(config, nest, limits);
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
      int next = next(start, Math.min(steps.length, start + limits.window()));
      // What fills the buffers before those in sight is further away.
      next = next < 0 ? next(start, steps.length) : next;
      next = next < 0 ? start : next;
      isDone[next] = true;
      open.clear(next);
      continuing.clear(next);
      emit(next);
      while (start < steps.length && isDone[start]) {
        start++;
      }
    }
  }

  private int next(int start, int end) {
    // Most of what is open would begin a strand, which comes after all that does not.
    if (!isStarting) {
      int next = next(continuing, start, end);
      if (next >= 0 && isOperationSeen) {
        return next;
      }
    }
    return next(open, start, end);
  }

  private int next(BitSet among, int start, int end) {
    int leastExcess = Integer.MAX_VALUE;
    int count = 0;
    int store = NONE;
    boolean isStoreSeen = false;
    for (int i = among.nextSetBit(start); i >= 0 && i < end; i = among.nextSetBit(i + 1)) {
      if (op[i] == null) {
        // Stores keep their order.
        boolean isNext = !isStoreSeen;
        isStoreSeen = true;
        if (isNext && pushed >= stored + ((VectorStep.Store) steps[i]).registers().length) {
          store = i;
        }
      } else if (canIssue(i)) {
        int excess = excess(i);
        if (excess < leastExcess) {
          leastExcess = excess;
          count = 0;
        }
        if (excess == leastExcess) {
          candidates[count++] = i;
        }
      }
    }
    isOperationSeen = count > 0;
    int best = count == 0 ? NONE : best(count);
    // A STORE waits for the operations before it: best while the type changes anyway.
    return store != NONE && (best == NONE || time(best) >= clock.store()) ? store : best;
  }

  private int excess(int step) {
    int growth = growth(step);
    int excess = growth <= 0 ? 0 : Math.max(0, live + growth - room);
    return !isStarting && strands.begins(first[step], second[step]) ? excess + TOO_MANY : excess;
  }

  // The first that can be issued, of the type of which most can follow each other for the time
  // until then.
  private int best(int count) {
    int multiply = NONE;
    int add = NONE;
    long multiplyTime = Long.MAX_VALUE;
    long addTime = Long.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      int step = candidates[i];
      long time = time(step);
      if (isMultiply[step] && time < multiplyTime) {
        multiply = step;
        multiplyTime = time;
      } else if (!isMultiply[step] && time < addTime) {
        add = step;
        addTime = time;
      }
    }
    if (multiply == NONE || add == NONE) {
      return multiply == NONE ? add : multiply;
    }
    if (Math.min(multiplyTime, addTime) > clock.now() + 1) {
      int multiplies = run(count, true, multiplyTime);
      int adds = run(count, false, addTime);
      multiplyTime = (multiplyTime - clock.now()) * adds;
      addTime = (addTime - clock.now()) * multiplies;
    }
    return multiplyTime <= addTime ? multiply : add;
  }

  // Operations of a type that can be issued one after the other from a time on.
  private int run(int count, boolean multiplies, long from) {
    int run = 0;
    for (int i = 0; i < count; i++) {
      int step = candidates[i];
      run += isMultiply[step] == multiplies && since[step] <= from + run ? 1 : 0;
    }
    return run;
  }

  private long time(int step) {
    return clock.issue(isMultiply[step], since[step]);
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
    ready[result[step]] = clock.operate(op[step], since[step]);
    live += growth(step);
    strands.operate(result[step], usesLeft[result[step]] > 0, first[step], second[step]);
    touch(first[step]);
    touch(second[step]);
    join(first[step]);
    join(second[step]);
    for (int reader : readers.get(result[step])) {
      if (--missing[reader] == 0) {
        open(reader);
      }
    }
    isStarting =
        isStarting
            ? strands.open() < limits.strands()
            : strands.open() <= limits.strands() - limits.gang();
    isTouched[result[step]] = true;
    pushed += turn[result[step]] == NONE ? 0 : 1;
  }

  private void touch(int register) {
    if (register != NONE) {
      isTouched[register] = true;
      if (--usesLeft[register] == 0) {
        strands.end(register);
      }
    }
  }

  // A loaded vector belongs to a strand from its first read on: what else reads it begins none.
  private void join(int register) {
    if (register != NONE && isLoaded[register]) {
      for (int reader : readers.get(register)) {
        if (open.get(reader)) {
          open(reader);
        }
      }
    }
  }
}
