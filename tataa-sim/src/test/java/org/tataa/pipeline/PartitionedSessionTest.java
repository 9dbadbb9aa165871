package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.PackLimit;
import org.tataa.compiler.Partitioning;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.observe.UnitKind;
import org.tataa.quant.Calibration;
import org.tataa.tile.MergeCopies;

/** A model whose items are split over cores. */
class PartitionedSessionTest {
  private static final Workloads.Workload WORKLOAD = Workloads.of("deit-tiny-2");

  private static ModelSession session(Partitioning partitioning) {
    return new ModelSession(
        TataaConfig.u280(),
        WORKLOAD.model(),
        Set.of(),
        CompilerOptions.DEFAULT
            // Without it steps are the same on any number of cores.
            .withoutPasses(Set.of(MergeCopies.NAME))
            .withPacking(PackLimit.OFF)
            .withPartitioning(partitioning));
  }

  @Test
  void anImageOnAllCores() {
    List<Map<String, NdTensor>> item = List.of(WORKLOAD.inputs());
    ModelSession alone = session(Partitioning.OFF);
    Calibration calibration = alone.calibrate(item, (done, of) -> {});
    ModelSession together = session(Partitioning.AUTO);
    together.use(calibration);
    BatchResult one = alone.run(item, false, (done, of) -> {});
    BatchResult all = together.run(item, false, (done, of) -> {});
    CompiledModel.Result single = one.items().get(0).result();
    CompiledModel.Result split = all.items().get(0).result();
    single
        .outputs()
        .forEach(
            (name, value) ->
                assertThat(split.outputs().get(name).floats()).isEqualTo(value.floats()));
    assertThat(split.cores()).isEqualTo(8);
    assertThat(4 * split.cycles()).isLessThan(single.cycles());
    assertThat(all.coreCycles()).containsOnly(split.cycles());
    assertThat(all.total().cycles()).isEqualTo(8 * split.cycles());
    assertThat(all.total().macs()).isEqualTo(one.total().macs());
    assertThat(all.counters().macs()).isEqualTo(one.counters().macs());
    assertThat(all.counters().laneOperations()).isEqualTo(one.counters().laneOperations());
    assertThat(all.counters().cycles()).isEqualTo(8 * split.cycles());
    for (UnitKind unit : UnitKind.values()) {
      assertThat(
              all.counters().busy(unit) + all.counters().stalled(unit) + all.counters().idle(unit))
          .isEqualTo(8 * split.cycles());
    }
    assertThat(split.steps()).hasSameSizeAs(single.steps());
    int barriers = 0;
    for (CompiledModel.StepReport step : split.steps()) {
      assertThat(step.barrierCycles()).isIn(0L, 36L);
      barriers += step.barrierCycles() > 0 ? 1 : 0;
    }
    assertThat(split.barrierCycles()).isEqualTo(36L * barriers).isPositive();
    predictions(alone, together, single.cycles(), split.cycles());
  }

  // Rough clocks, good enough to choose by.
  private static void predictions(
      ModelSession alone, ModelSession together, long single, long split) {
    double one = alone.compile(WORKLOAD.inputs(), 1).predictedCycles();
    double eight = together.compile(WORKLOAD.inputs(), 8).predictedCycles();
    assertThat(one / single).isBetween(0.7, 1.3);
    assertThat(eight / split).isBetween(0.6, 1.3);
  }

  @Test
  void aNumberOfCoresThatDoesNotExist() {
    assertThatThrownBy(() -> session(new Partitioning(9)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an item on 9 cores, expected at most 8");
    assertThatThrownBy(() -> Partitioning.parse("most"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("partition `most`, expected auto, off or a number of cores");
    assertThat(Partitioning.parse("AUTO")).isEqualTo(Partitioning.AUTO);
    assertThat(Partitioning.parse("off")).isEqualTo(new Partitioning(1));
  }

  @Test
  void asManyItemsAsCoresAreNotSplit() {
    ModelSession session = session(Partitioning.AUTO);
    assertThat(session.coresPerItem(Collections.nCopies(8, WORKLOAD.inputs()))).isEqualTo(1);
    assertThat(session.coresPerItem(Collections.nCopies(9, WORKLOAD.inputs()))).isEqualTo(1);
    assertThat(session.coresPerItem(List.of(WORKLOAD.inputs()))).isEqualTo(8);
    assertThat(session(new Partitioning(3)).coresPerItem(List.of(WORKLOAD.inputs()))).isEqualTo(3);
  }
}
