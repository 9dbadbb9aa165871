package org.tataa.pipeline;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.LostCycles;
import org.tataa.compiler.ProgramBound;
import org.tataa.observe.Counters;

/**
 * Sums over work of one kind.
 *
 * @param steps number of steps
 * @param cycles core cycles
 * @param bound what the programs need if nothing ever waited
 * @param macs useful multiply-accumulates
 * @param paddedMacs those of the array beyond them
 * @param hostBytes bytes the host moved
 * @param counters counters of the cores
 */
public record WorkSum(
    int steps,
    long cycles,
    ProgramBound bound,
    long macs,
    long paddedMacs,
    long hostBytes,
    Counters counters) {
  /** Nothing yet. */
  static final WorkSum NONE = new WorkSum(0, 0, ProgramBound.NONE, 0, 0, 0, new Counters());

  static WorkSum of(CompiledModel.StepReport step) {
    return new WorkSum(
        1,
        step.coreCycles(),
        step.bound(),
        step.macs(),
        step.paddedMacs(),
        step.hostBytes(),
        step.counters());
  }

  WorkSum plus(WorkSum other) {
    Counters sum = new Counters();
    sum.add(counters);
    sum.add(other.counters);
    return new WorkSum(
        steps + other.steps,
        cycles + other.cycles,
        bound.plus(other.bound),
        macs + other.macs,
        paddedMacs + other.paddedMacs,
        hostBytes + other.hostBytes,
        sum);
  }

  /** Sums by a property of the steps of all runs. */
  static Map<String, WorkSum> by(
      List<BatchResult.Run> runs, Function<CompiledModel.StepReport, String> property) {
    Map<String, WorkSum> sums = new TreeMap<>();
    for (BatchResult.Run run : runs) {
      for (CompiledModel.StepReport step : run.result().steps()) {
        sums.merge(property.apply(step), of(step), WorkSum::plus);
      }
    }
    return sums;
  }

  /** bfloat16 operations, summed over lanes. */
  public long laneOperations() {
    return counters.laneOperations();
  }

  /** Share of the cycles that the bound needs, 0..1; 1 if there are no cycles. */
  public double ratio() {
    return cycles == 0 ? 1 : (double) bound.cycles() / cycles;
  }

  /** Share of the cycles in which the lanes begin an operation, 0..1. */
  public double lanesBusy() {
    return cycles == 0 ? 0 : (double) counters.vectorOperations() / cycles;
  }

  /** Where the cycles beyond the bound went, the largest part first. */
  public List<LostCycles.Loss> lost() {
    return LostCycles.of(bound, counters);
  }
}
