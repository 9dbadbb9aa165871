package org.tataa.schedule;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;

/**
 * Software pipelining of a nest's body: a round does steps of several iterations, each so many
 * rounds behind the newest, so that the array does long runs of operations of one type although
 * every vector goes from one type to the other again and again.
 *
 * <p>Runs of multiply-type and of add-type operations alternate. An operation belongs to the first
 * run of its type in which its operands are there; what depends on loaded vectors alone begins a
 * few at a time, in every pair of runs as many. Runs of an iteration that lie beyond its round are
 * those of so many rounds later. Within a run, operations are list scheduled.
 */
final class SoftwarePipeline {
  private static final int NONE = -1;

  /** Times operations may be put off so that results are in order. */
  private static final int MOST_PASSES = 4;

  private final VectorNest nest;
  private final int multiplyLatency;
  private final int addLatency;
  private final int toAdd;
  private final int toMultiply;

  /** Places of the loads in the body, and of the other steps. */
  private final int[] loads;

  private final int[] place;

  // Operations and stores, in the order of the body. Operands are the steps that make them.
  private final int size;
  private final boolean[] isMultiply;
  private final int[] first;
  private final int[] second;

  /** Place of a result among all that are stored, or NONE. */
  private final int[] turn;

  /** The STORE that takes a result last, or NONE. */
  private final int[] store;

  /** Steps whose results are stored, in that order. */
  private final int[] pushes;

  /**
   * Operations in the order of the body, but that what depends on loaded vectors alone comes just
   * before what reads it.
   */
  private final int[] depthFirst;

  /** Those of them that depend on loaded vectors alone. */
  private final int starts;

  SoftwarePipeline(TataaConfig config, VectorNest nest) {
    this.nest = nest;
    multiplyLatency = config.timing().multiplyResultLatency();
    addLatency = config.timing().addResultLatency();
    toAdd = config.timing().multiplyToAddSwitch();
    toMultiply = config.timing().addToMultiplySwitch();
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
    depthFirst = depthFirst();
    starts = (int) Arrays.stream(depthFirst).filter(this::isStart).count();
  }

  private int[] places(boolean areLoads) {
    return IntStream.range(0, nest.body().size())
        .filter(i -> nest.body().get(i) instanceof VectorStep.Load == areLoads)
        .toArray();
  }

  private static int maker(int[] maker, Operand operand) {
    return operand.isConstant() ? NONE : maker[operand.index()];
  }

  private boolean isStart(int step) {
    return first[step] == NONE && second[step] == NONE;
  }

  private int[] depthFirst() {
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

  /** Whether iterations would overlap in rounds of one pair of runs. */
  boolean overlaps() {
    int[] run = runs(1);
    return run == null || Arrays.stream(run).max().orElse(0) > 1;
  }

  /**
   * About how many vectors are in use at once: those between two runs.
   *
   * @param pairs pairs of runs in a round
   * @return the largest number if there is no such round
   */
  int live(int pairs) {
    int[] run = runs(pairs);
    if (run == null) {
      return Integer.MAX_VALUE;
    }
    int[] last = run.clone();
    for (int step : depthFirst) {
      for (int operand : new int[] {first[step], second[step]}) {
        if (operand != NONE) {
          last[operand] = Math.max(last[operand], run[step]);
        }
      }
    }
    int[] live = new int[2 * pairs];
    for (int step : depthFirst) {
      for (int i = run[step]; i < last[step]; i++) {
        live[i % live.length]++;
      }
    }
    return Arrays.stream(live).max().orElse(0);
  }

  // The run of each operation, counted from the begin of its iteration; null if results would not
  // be
  // in order.
  private int @Nullable [] runs(int pairs) {
    int[] run = new int[size];
    long started = 0;
    for (int step : depthFirst) {
      int from = isStart(step) ? 2 * (int) (started++ * pairs / starts) : 0;
      from = Math.max(from, after(run, first[step], step));
      from = Math.max(from, after(run, second[step], step));
      run[step] = ofType(from, step);
    }
    for (int i = 0; i < MOST_PASSES; i++) {
      if (isInOrder(run, pairs)) {
        return run;
      }
      inOrder(run, pairs);
    }
    return null;
  }

  // Whether results are made in the order in which they are stored, also those of the next
  // iteration.
  private boolean isInOrder(int[] run, int pairs) {
    int from = pushes.length == 0 ? 0 : run[pushes[pushes.length - 1]] - 2 * pairs;
    for (int push : pushes) {
      if (run[push] < from) {
        return false;
      }
      from = run[push];
    }
    return true;
  }

  private void inOrder(int[] run, int pairs) {
    int from = Arrays.stream(pushes).map(push -> run[push]).max().orElse(0) - 2 * pairs;
    for (int push : pushes) {
      run[push] = ofType(Math.max(from, run[push]), push);
      from = run[push];
    }
  }

  private int after(int[] run, int operand, int step) {
    return operand == NONE ? 0 : run[operand] + (isMultiply[operand] == isMultiply[step] ? 0 : 1);
  }

  private int ofType(int from, int step) {
    return (from & 1) == (isMultiply[step] ? 0 : 1) ? from : from + 1;
  }

  /**
   * The order of a round, in which an iteration begins.
   *
   * @param pairs pairs of runs in a round
   * @return null if results would not be in the order in which they are stored
   */
  @Nullable BodyOrder round(int pairs) {
    int[] run = runs(pairs);
    return run == null ? null : new Rounds(run, pairs).order();
  }

  /** Rounds one after the other, until all iterations that overlap are under way. */
  private final class Rounds {
    private final int period;
    private final int[] run;
    private final int most;

    /** By run of a round: its operations, those of the oldest iteration first. */
    private final int[][] members;

    /** Operations after one that depend on each other in its run. */
    private final int[] chain = new int[size];

    /** Operands of the same run that are not there yet. */
    private final int[] missing = new int[size];

    /** By iteration, modulo those under way: when each result can be read. */
    private final long[][] ready;

    private final int[] order = new int[depthFirst.length];
    private long now;

    Rounds(int[] run, int pairs) {
      this.run = run;
      period = 2 * pairs;
      most = Arrays.stream(run).max().orElse(0) / period;
      ready = new long[most + 1][size];
      // By lag, the largest first, then in the order of the body.
      int[] sorted = depthFirst.clone();
      Arrays.sort(sorted);
      int[] count = new int[period];
      for (int step : sorted) {
        count[run[step] % period]++;
      }
      members = new int[period][];
      Arrays.setAll(members, i -> new int[count[i]]);
      Arrays.fill(count, 0);
      for (int lag = most; lag >= 0; lag--) {
        for (int step : sorted) {
          if (run[step] / period == lag) {
            int own = run[step] % period;
            members[own][count[own]++] = step;
          }
        }
      }
      for (int i = depthFirst.length - 1; i >= 0; i--) {
        int step = depthFirst[i];
        lengthen(first[step], step);
        lengthen(second[step], step);
      }
    }

    private void lengthen(int operand, int step) {
      if (operand != NONE && run[operand] == run[step]) {
        chain[operand] = Math.max(chain[operand], chain[step] + 1);
      }
    }

    BodyOrder order() {
      for (int round = 0; round <= most + 1; round++) {
        int count = 0;
        for (int[] members : members) {
          count = schedule(members.clone(), round, count);
        }
      }
      return withStores();
    }

    // List scheduling of a run.
    private int schedule(int[] open, int round, int ordered) {
      if (open.length == 0) {
        return ordered;
      }
      now += (isMultiply[open[0]] ? toMultiply : toAdd) - 1;
      for (int step : open) {
        missing[step] = within(first[step], step) + within(second[step], step);
      }
      int count = ordered;
      for (int left = open.length; left > 0; left--) {
        int best = next(open, left, round);
        int step = open[best];
        System.arraycopy(open, best + 1, open, best, left - best - 1);
        now = Math.max(now + 1, operands(step, round));
        ready[iteration(step, round)][step] =
            now + (isMultiply[step] ? multiplyLatency : addLatency);
        if (chain[step] > 0) {
          for (int i = 0; i < left - 1; i++) {
            missing[open[i]] -= first[open[i]] == step && run[open[i]] == run[step] ? 1 : 0;
            missing[open[i]] -= second[open[i]] == step && run[open[i]] == run[step] ? 1 : 0;
          }
        }
        order[count++] = step;
      }
      return count;
    }

    private int within(int operand, int step) {
      return operand != NONE && run[operand] == run[step] ? 1 : 0;
    }

    private int iteration(int step, int round) {
      return Math.floorMod(round - run[step] / period, most + 1);
    }

    // The first that can be issued; of several, that with most that depends on it in this run.
    private int next(int[] open, int left, int round) {
      int push = nextPush(open, left);
      int best = NONE;
      long bestTime = Long.MAX_VALUE;
      for (int i = 0; i < left; i++) {
        int step = open[i];
        if (missing[step] > 0 || (turn[step] != NONE && step != push)) {
          continue;
        }
        long time = Math.max(now + 1, operands(step, round));
        if (time < bestTime || (time == bestTime && chain[step] > chain[open[best]])) {
          best = i;
          bestTime = time;
        }
      }
      return best;
    }

    // Results are stored in the order of the iterations and of their stores.
    private int nextPush(int[] open, int left) {
      int push = NONE;
      for (int i = 0; i < left; i++) {
        int step = open[i];
        if (turn[step] != NONE
            && (push == NONE
                || run[step] > run[push]
                || (run[step] == run[push] && turn[step] < turn[push]))) {
          push = step;
        }
      }
      return push;
    }

    private long operands(int step, int round) {
      long[] own = ready[iteration(step, round)];
      return Math.max(
          first[step] == NONE ? 0 : own[first[step]], second[step] == NONE ? 0 : own[second[step]]);
    }

    // Each STORE after the last of its results.
    private BodyOrder withStores() {
      int[] steps = Arrays.copyOf(loads, loads.length + size);
      int[] lags = new int[steps.length];
      int count = loads.length;
      for (int step : order) {
        lags[count] = run[step] / period;
        steps[count++] = place[step];
        if (store[step] != NONE) {
          lags[count] = run[step] / period;
          steps[count++] = place[store[step]];
        }
      }
      return new BodyOrder(steps, lags);
    }
  }
}
