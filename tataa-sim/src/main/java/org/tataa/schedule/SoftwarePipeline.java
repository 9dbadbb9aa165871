package org.tataa.schedule;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.tile.VectorNest;

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
  /** Times operations may be put off so that results are in order. */
  private static final int MOST_PASSES = 4;

  private final TimingConfig timing;
  private final DependenceGraph graph;

  SoftwarePipeline(TataaConfig config, VectorNest nest) {
    timing = config.timing();
    graph = new DependenceGraph(nest);
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
    for (int step : graph.order) {
      for (int operand : new int[] {graph.first[step], graph.second[step]}) {
        if (operand != DependenceGraph.NONE) {
          last[operand] = Math.max(last[operand], run[step]);
        }
      }
    }
    int[] live = new int[2 * pairs];
    for (int step : graph.order) {
      for (int i = run[step]; i < last[step]; i++) {
        live[i % live.length]++;
      }
    }
    return Arrays.stream(live).max().orElse(0);
  }

  // The run of each operation, counted from the begin of its iteration; null if there is
  // none in which results are in order.
  private int @Nullable [] runs(int pairs) {
    int[] run = new int[graph.size];
    long started = 0;
    for (int step : graph.order) {
      int from = graph.isStart(step) ? 2 * (int) (started++ * pairs / graph.starts) : 0;
      from = Math.max(from, after(run, graph.first[step], step));
      from = Math.max(from, after(run, graph.second[step], step));
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
    int from =
        graph.pushes.length == 0 ? 0 : run[graph.pushes[graph.pushes.length - 1]] - 2 * pairs;
    for (int push : graph.pushes) {
      if (run[push] < from) {
        return false;
      }
      from = run[push];
    }
    return true;
  }

  private void inOrder(int[] run, int pairs) {
    int from = Arrays.stream(graph.pushes).map(push -> run[push]).max().orElse(0) - 2 * pairs;
    for (int push : graph.pushes) {
      run[push] = ofType(Math.max(from, run[push]), push);
      from = run[push];
    }
  }

  private int after(int[] run, int operand, int step) {
    return operand == DependenceGraph.NONE
        ? 0
        : run[operand] + (graph.isMultiply[operand] == graph.isMultiply[step] ? 0 : 1);
  }

  private int ofType(int from, int step) {
    return (from & 1) == (graph.isMultiply[step] ? 0 : 1) ? from : from + 1;
  }

  /**
   * The order of a round, in which an iteration begins.
   *
   * @param pairs pairs of runs in a round
   * @return null if results would not be in the order in which they are stored
   */
  @Nullable BodyOrder round(int pairs) {
    int[] run = runs(pairs);
    return run == null ? null : new PipelineRounds(timing, graph, run, pairs).order();
  }
}
