package org.tataa.schedule;

import java.util.Arrays;
import org.tataa.config.TimingConfig;

/**
 * Rounds of a {@link SoftwarePipeline} one after the other, until all iterations that overlap are
 * under way: the order of the last.
 */
final class PipelineRounds {
  private final TimingConfig timing;
  private final DependenceGraph graph;
  private final int period;
  private final int[] run;
  private final int most;

  /** By run of a round: its operations, those of the oldest iteration first. */
  private final int[][] members;

  /** Operations after one that depend on each other in its run. */
  private final int[] chain;

  /** Operands of the same run that are not there yet. */
  private final int[] missing;

  /** By iteration, modulo those under way: when each result can be read. */
  private final long[][] ready;

  private final int[] order;
  private long now;

  PipelineRounds(TimingConfig timing, DependenceGraph graph, int[] run, int pairs) {
    this.timing = timing;
    this.graph = graph;
    this.run = run;
    chain = new int[graph.size];
    missing = new int[graph.size];
    order = new int[graph.order.length];
    period = 2 * pairs;
    most = Arrays.stream(run).max().orElse(0) / period;
    ready = new long[most + 1][graph.size];
    // By lag, the largest first, then in the order of the body.
    int[] sorted = graph.order.clone();
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
    for (int i = graph.order.length - 1; i >= 0; i--) {
      int step = graph.order[i];
      lengthen(graph.first[step], step);
      lengthen(graph.second[step], step);
    }
  }

  private void lengthen(int operand, int step) {
    if (operand != DependenceGraph.NONE && run[operand] == run[step]) {
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
    now +=
        (graph.isMultiply[open[0]] ? timing.addToMultiplySwitch() : timing.multiplyToAddSwitch())
            - 1;
    for (int step : open) {
      missing[step] = within(graph.first[step], step) + within(graph.second[step], step);
    }
    int count = ordered;
    for (int left = open.length; left > 0; left--) {
      int best = next(open, left, round);
      int step = open[best];
      System.arraycopy(open, best + 1, open, best, left - best - 1);
      now = Math.max(now + 1, operands(step, round));
      ready[iteration(step, round)][step] =
          now
              + (graph.isMultiply[step]
                  ? timing.multiplyResultLatency()
                  : timing.addResultLatency());
      if (chain[step] > 0) {
        for (int i = 0; i < left - 1; i++) {
          missing[open[i]] -= graph.first[open[i]] == step && run[open[i]] == run[step] ? 1 : 0;
          missing[open[i]] -= graph.second[open[i]] == step && run[open[i]] == run[step] ? 1 : 0;
        }
      }
      order[count++] = step;
    }
    return count;
  }

  private int within(int operand, int step) {
    return operand != DependenceGraph.NONE && run[operand] == run[step] ? 1 : 0;
  }

  private int iteration(int step, int round) {
    return Math.floorMod(round - run[step] / period, most + 1);
  }

  // The first that can be issued; of several, that with most that depends on it in this run.
  private int next(int[] open, int left, int round) {
    int push = nextPush(open, left);
    int best = DependenceGraph.NONE;
    long bestTime = Long.MAX_VALUE;
    for (int i = 0; i < left; i++) {
      int step = open[i];
      if (missing[step] > 0 || (graph.turn[step] != DependenceGraph.NONE && step != push)) {
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
    int push = DependenceGraph.NONE;
    for (int i = 0; i < left; i++) {
      int step = open[i];
      if (graph.turn[step] != DependenceGraph.NONE
          && (push == DependenceGraph.NONE
              || run[step] > run[push]
              || (run[step] == run[push] && graph.turn[step] < graph.turn[push]))) {
        push = step;
      }
    }
    return push;
  }

  private long operands(int step, int round) {
    long[] own = ready[iteration(step, round)];
    return Math.max(
        graph.first[step] == DependenceGraph.NONE ? 0 : own[graph.first[step]],
        graph.second[step] == DependenceGraph.NONE ? 0 : own[graph.second[step]]);
  }

  // Each STORE after the last of its results.
  private BodyOrder withStores() {
    int[] steps = Arrays.copyOf(graph.loads, graph.loads.length + graph.size);
    int[] lags = new int[steps.length];
    int count = graph.loads.length;
    for (int step : order) {
      lags[count] = run[step] / period;
      steps[count++] = graph.place[step];
      if (graph.store[step] != DependenceGraph.NONE) {
        lags[count] = run[step] / period;
        steps[count++] = graph.place[graph.store[step]];
      }
    }
    return new BodyOrder(steps, lags);
  }
}
