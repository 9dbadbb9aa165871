package org.tataa.pipeline;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tataa.compiler.CompiledModel;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.observe.Counters;

/**
 * What a batch of items gave and cost.
 *
 * @param config the device
 * @param items one per item, in order
 * @param coreCycles cycles of each core
 * @param nanos time the simulation took
 */
public record BatchResult(TataaConfig config, List<Item> items, List<Long> coreCycles, long nanos) {
  /**
   * One item.
   *
   * @param result what the machine computed
   * @param expected results in float32; empty if nothing was compared
   */
  public record Item(CompiledModel.Result result, Map<String, NdTensor> expected) {
    /** Cosine of a result with float32. */
    public double cosine(String output) {
      NdTensor actual = result.outputs().get(output);
      NdTensor reference = expected.get(output);
      if (actual == null || reference == null) {
        throw new IllegalArgumentException("result `" + output + "` was not compared");
      }
      return CompiledModel.cosine(actual.floats(), reference.floats());
    }
  }

  /**
   * Sums over one kind of work.
   *
   * @param steps number of programs
   * @param cycles core cycles
   * @param bound core cycles of the products alone
   * @param macs multiply-accumulates of the model
   * @param laneOperations bfloat16 operations
   * @param hostBytes bytes the host moved
   */
  public record Kind(
      int steps, long cycles, long bound, long macs, long laneOperations, long hostBytes) {}

  /** Cycles until the last core is done. */
  public long deviceCycles() {
    return Collections.max(coreCycles);
  }

  /** Core cycles of all items. */
  public long coreCyclesTotal() {
    return coreCycles.stream().mapToLong(Long::longValue).sum();
  }

  /** Seconds at the device's clock. */
  public double seconds() {
    return (double) deviceCycles() / config.clockHz();
  }

  /** Counters of all programs. */
  public Counters counters() {
    Counters total = new Counters();
    for (Item item : items) {
      item.result().steps().forEach(step -> total.add(step.counters()));
    }
    return total;
  }

  /** Sums by kind of work. */
  public Map<String, Kind> kinds() {
    Map<String, Kind> kinds = new TreeMap<>();
    for (Item item : items) {
      for (CompiledModel.StepReport step : item.result().steps()) {
        Kind one =
            new Kind(
                1,
                step.cycles(),
                step.bound(),
                step.macs(),
                step.counters().laneOperations(),
                step.hostBytes());
        kinds.merge(
            step.kind(),
            one,
            (a, b) ->
                new Kind(
                    a.steps() + b.steps(),
                    a.cycles() + b.cycles(),
                    a.bound() + b.bound(),
                    a.macs() + b.macs(),
                    a.laneOperations() + b.laneOperations(),
                    a.hostBytes() + b.hostBytes()));
      }
    }
    return kinds;
  }
}
