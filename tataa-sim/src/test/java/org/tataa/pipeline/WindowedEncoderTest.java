package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.TataaConfig;

/** Windows, shifted windows and merged patches on the machine. */
class WindowedEncoderTest {
  @Test
  void twoSmallStagesAreCloseToFloat32() {
    Workloads.Workload workload = WindowedEncoder.of("swin-small", 14, 32, new int[] {2, 2});
    ModelSession session =
        new ModelSession(TataaConfig.u280(), workload.model(), Set.of(), CompilerOptions.DEFAULT);
    session.calibrate(List.of(workload.inputs()), (done, of) -> {});
    BatchResult result = session.run(List.of(workload.inputs()), true, (done, of) -> {});
    String output = workload.model().graph().outputs().get(0);
    assertThat(result.items().get(0).cosine(output)).isGreaterThan(0.999);
    // Products of weights in blocks of 32 and 64 features, scores and contexts, the rest around
    // them.
    long blocks = block(196, 32) * 2 + block(49, 64) * 2;
    long around = 196 * 48 * 32 + 49 * 128 * 64 + 64 * 1000;
    assertThat(result.total().macs()).isEqualTo(blocks + around);
  }

  private static long block(long tokens, long features) {
    return tokens * features * features * 12 + 2 * tokens * 49 * features;
  }
}
