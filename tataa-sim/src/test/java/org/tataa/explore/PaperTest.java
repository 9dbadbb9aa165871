package org.tataa.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.pipeline.ModelSession;
import org.tataa.pipeline.Workloads;

/** Figures of the paper beside simulated ones. */
class PaperTest {
  private static final TataaConfig U280 = TataaConfig.u280();

  /** 11 and 14 cycles from the last operation of a type to the first of the other. */
  @ParameterizedTest
  @ValueSource(ints = {8, 20, 32, 64})
  void batchesOfOneTypeLoseTheChanges(int operations) {
    assertThat(VectorBatches.gflops(U280, operations))
        .isCloseTo(230.4 * 2 * operations / (2 * operations + 23), Percentage.withPercentage(1e-6));
  }

  @Test
  void changesCostNothingIfTheTypeTravelsWithTheData() {
    TataaConfig pipelined = U280.withPipelinedMode(true);
    assertThat(VectorBatches.gflops(pipelined, 32)).isEqualTo(U280.peakBf16Gflops());
    // Results of few operations are awaited.
    assertThat(VectorBatches.gflops(pipelined, 8)).isLessThan(120);
  }

  private static PaperRun linear(int rows, int depth) {
    Workloads.Workload workload = Workloads.linear(rows, depth, 64);
    ModelSession session =
        new ModelSession(U280, workload.model(), Set.of(), CompilerOptions.DEFAULT);
    List<Map<String, NdTensor>> item = List.of(workload.inputs());
    session.calibrate(item, (done, of) -> {});
    return new PaperRun("linear", "", TimedRun.of(session, item));
  }

  @Test
  void ratesCountUsefulProductsOrAll() {
    PaperRun whole = linear(64, 256);
    assertThat(whole.linearGops(true)).isEqualTo(whole.linearGops(false));
    assertThat(whole.linearGops(false)).isBetween(2000.0, U280.peakInt8Gops() * 256 / 320);
    PaperRun padded = linear(48, 256);
    assertThat(padded.linearGops(true) / padded.linearGops(false))
        .isCloseTo(64 / 48.0, Percentage.withPercentage(1e-6));
    assertThat(whole.productGops(false)).isEqualTo(whole.linearGops(false));
    assertThat(whole.parts().stream().map(PaperRun.Part::name)).contains("linear, K=256");
    assertThat(whole.parts().stream().mapToLong(PaperRun.Part::cycles).sum())
        .isEqualTo(whole.itemCycles());
  }

  @Test
  void missingFiguresAreNotGuessed() {
    Paper paper =
        new Paper(
            List.of(linear(64, 256)), List.of(), List.of(new Paper.Batch(32, 169, 200)), List.of());
    for (Figure figure : paper.figures()) {
      assertThat(figure.reason()).isNotBlank();
      if (figure.workload().isEmpty()) {
        assertThat(figure.simulated()).isNaN();
        assertThat(figure.difference()).isNaN();
      } else {
        assertThat(figure.difference())
            .isCloseTo(figure.simulated() / figure.reported() - 1, Percentage.withPercentage(1e-9));
      }
    }
    assertThat(paper.figures().stream().map(Figure::what))
        .contains("power efficiency against RTX 4090")
        .doesNotContain("end-to-end throughput against related work, at most");
    assertThatThrownBy(() -> PaperStudy.run(List.of("gpt"), List.of(), false, (done, of) -> {}))
        .hasMessageContaining("no workload gpt");
  }
}
