package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.LostCycles;
import org.tataa.compiler.ProgramBound;
import org.tataa.config.TataaConfig;
import org.tataa.observe.Counters;

/** Bounds of what was run, and where the other cycles went. */
class WorkSumTest {
  private final BatchResult result = run();

  private static BatchResult run() {
    Workloads.Workload workload = Workloads.of("deit-tiny-2");
    ModelSession session =
        new ModelSession(
            TataaConfig.u280(), workload.model(), Set.of(), CompilerOptions.DEFAULT);
    session.calibrate(List.of(workload.inputs()), (done, of) -> {});
    return session.run(List.of(workload.inputs()), false, (done, of) -> {});
  }

  /** Beats and instructions of a bound are what the units did, and nothing is below its bound. */
  @Test
  void boundsAreWhatTheUnitsDid() {
    List<CompiledModel.StepReport> steps = result.items().get(0).result().steps();
    assertThat(steps).hasSizeGreaterThan(50);
    for (CompiledModel.StepReport step : steps) {
      Counters counters = step.counters();
      for (ProgramBound.Unit unit : ProgramBound.Unit.values()) {
        if (unit != ProgramBound.Unit.ARRAY) {
          assertThat(step.bound().cycles(unit))
              .as("%s of %s", unit, step.name())
              .isEqualTo(counters.busy(unit.unit()));
        }
      }
      assertThat(step.bound().cycles()).as(step.name()).isLessThanOrEqualTo(step.cycles());
      assertAddsUp(step.name(), step.cycles(), step.bound(), counters);
    }
  }

  private static void assertAddsUp(
      String name, long cycles, ProgramBound bound, Counters counters) {
    long lost =
        LostCycles.of(bound, counters).stream().mapToLong(LostCycles.Loss::cycles).sum();
    assertThat(bound.cycles() + lost).as(name).isEqualTo(cycles);
  }

  @Test
  void boundsAndLossesAddUp() {
    WorkSum total = result.total();
    for (Map.Entry<String, WorkSum> kind : result.kinds().entrySet()) {
      WorkSum sum = kind.getValue();
      assertAddsUp(kind.getKey(), sum.cycles(), sum.bound(), sum.counters());
    }
    assertAddsUp("all", total.cycles(), total.bound(), total.counters());
    for (Layer layer : result.layers()) {
      assertAddsUp(layer.name(), layer.cycles(), layer.bound(), layer.counters());
    }
    assertThat(total.ratio()).isBetween(0.5, 1.0);
    LargestLoss loss = result.largestLoss();
    assertThat(loss.cycles()).isBetween(1L, total.cycles() - total.bound().cycles());
    assertThat(loss.text()).startsWith(loss.work() + ", " + loss.cycles() + " cycles");
  }

  /** The functions of the model that vector work belongs to, and nothing else, have lanes. */
  @Test
  void vectorWorkByFunction() {
    Map<String, WorkSum> functions = result.functions();
    assertThat(functions).containsKeys("GELU", "SoftMax", "LayerNorm", "codes");
    long operations =
        functions.values().stream().mapToLong(sum -> sum.counters().vectorOperations()).sum();
    assertThat(operations).isEqualTo(result.total().counters().vectorOperations());
    functions.forEach((name, sum) -> assertThat(sum.lanesBusy()).as(name).isBetween(0.01, 1.0));
  }
}
