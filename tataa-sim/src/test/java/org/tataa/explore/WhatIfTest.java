package org.tataa.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.BufferConfig;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.pipeline.ModelSession;
import org.tataa.pipeline.Workloads;

/** Rows of a what-if are runs. */
class WhatIfTest {
  private static final Workloads.Workload SOFTMAX = Workloads.softmax(64, 96);
  private static final EnergyTable TABLE = EnergyTable.of(EnergyTable.ASIC);

  private static ModelSession session(TataaConfig config) {
    ModelSession session =
        new ModelSession(config, SOFTMAX.model(), Set.of(), CompilerOptions.DEFAULT);
    session.calibrate(List.of(SOFTMAX.inputs()), (done, of) -> {});
    return session;
  }

  private static List<WhatIf.Row> rows(boolean isComputed, int items, String... names) {
    List<Change> changes = Arrays.stream(names).map(Change::of).toList();
    List<Map<String, NdTensor>> batch = Collections.nCopies(items, SOFTMAX.inputs());
    return WhatIf.rows(
        session(TataaConfig.u280()),
        batch,
        List.of(SOFTMAX.inputs()),
        changes,
        TABLE,
        isComputed,
        (done, of) -> {});
  }

  @Test
  void cyclesAreThoseOfRunsWithValues() {
    String[] names = {
      "pipelined-mode", "memory-latency-256", "slots-16", "published-isa", "slots-64", "tiles-1024"
    };
    List<WhatIf.Row> timed = rows(false, 8, names);
    List<WhatIf.Row> computed = rows(true, 8, names);
    assertThat(timed).hasSize(7);
    assertThat(timed.get(0).change()).isEqualTo(Change.NONE);
    for (int i = 0; i < timed.size(); i++) {
      assertThat(timed.get(i).batch().deviceCycles())
          .as(timed.get(i).change().name())
          .isEqualTo(computed.get(i).batch().deviceCycles());
      assertThat(timed.get(i).energy().total()).isEqualTo(computed.get(i).energy().total());
      assertThat(timed.get(i).minCosine()).isNaN();
      assertThat(computed.get(i).minCosine()).isGreaterThan(0.99);
    }
    assertThat(timed.get(1).speedup(timed.get(0))).isGreaterThan(1);
    assertThat(timed.get(2).speedup(timed.get(0))).isLessThan(1);
  }

  @Test
  void coresShareABatch() {
    List<WhatIf.Row> rows = rows(false, 16, "cores-2", "cores-4", "cores-16");
    long item = rows.get(0).batch().items().get(0).result().cycles();
    assertThat(rows.stream().map(row -> row.batch().deviceCycles()).toList())
        .containsExactly(2 * item, 8 * item, 4 * item, item);
    double eight = rows.get(0).lanesBusy();
    assertThat(eight).isBetween(0.05, 1.0);
    rows.forEach(row -> assertThat(row.lanesBusy()).isEqualTo(eight));
  }

  @Test
  void whatCannotBeIsRefusedWithAReason() {
    Change none =
        new Change(
            "small", "buffers of 4 words", c -> c.withBuffers(new BufferConfig(512, 32, 8, 4, 64)));
    Change wrong = new Change("wrong", "no cores", c -> c.withCores(0));
    Change same = new Change("same", "nothing", c -> c.withCores(8));
    List<WhatIf.Row> rows =
        WhatIf.rows(
            session(TataaConfig.u280()),
            List.of(SOFTMAX.inputs()),
            List.of(SOFTMAX.inputs()),
            List.of(none, wrong, same),
            TABLE,
            false,
            (done, of) -> {});
    // A change that changes nothing is no row.
    assertThat(rows).hasSize(3);
    assertThat(rows.get(0).isSimulated()).isTrue();
    assertThat(rows.get(1).refused()).contains("buffers of 4 words are too small");
    assertThat(rows.get(2).refused()).contains("cores=0");
    assertThatThrownBy(() -> rows.get(2).batch()).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> Change.of("nothing")).hasMessageContaining("overlapped-drain");
  }
}
