package org.tataa.digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tataa.observe.UnitKind;
import org.tataa.sim.Engine;
import org.tataa.sim.HostOptions;

/**
 * Digests are those of digests.txt, which {@code tataa digest random matmul softmax} wrote. A line
 * that changes is a change of values, cycles, counters or events (or of the random programs): it
 * belongs to the changelog. Registers are left out here, because a unit may keep others tomorrow;
 * that engines agree on them is compared.
 */
class DigestSuiteTest {
  private static List<String> run(HostOptions host, String... jobs) {
    List<String> lines = new ArrayList<>();
    DigestSuite.run(List.of(jobs), host, job -> lines.add(job.toString()));
    return lines;
  }

  private static List<String> golden() throws IOException {
    try (InputStream stream = DigestSuiteTest.class.getResourceAsStream("/digests.txt")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  @Test
  void programsAreTheRecordedOnes() throws IOException {
    assertThat(run(new HostOptions(Engine.FAST_FORWARD, 2), "random", "matmul", "softmax"))
        .map(DigestSuiteTest::withoutRegisters)
        .isEqualTo(golden().stream().map(DigestSuiteTest::withoutRegisters).toList());
  }

  private static String withoutRegisters(String line) {
    assertThat(line).containsPattern("registers [0-9a-f]{16} ");
    return line.replaceFirst("registers [0-9a-f]{16} +", "");
  }

  @Test
  void neitherEngineNorThreadsMatter() {
    List<String> expected = run(new HostOptions(Engine.STEPPING, 1), "random-tiny-1");
    assertThat(expected).hasSize(1);
    for (Engine engine : Engine.values()) {
      for (int threads = 1; threads <= 3; threads++) {
        List<String> lines = run(new HostOptions(engine, threads), "random-tiny-1");
        assertThat(lines).as(engine + ", threads " + threads).isEqualTo(expected);
      }
    }
  }

  @Test
  void unknownJobsAreRefused() {
    assertThatThrownBy(() -> run(HostOptions.DEFAULT, "nothing"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no job nothing, expected one of [random-tiny-0");
  }

  private interface Events {
    void report(EventDigest digest);
  }

  private static String digest(Events events) {
    Sha sha = new Sha();
    EventDigest digest = new EventDigest(sha);
    events.report(digest);
    digest.finish();
    return sha.text();
  }

  @Test
  void orderWithinACycleDoesNotMatterAndEverythingElseDoes() {
    int[] lanes = {1, 2, 3};
    String expected =
        digest(
            d -> {
              d.onStart(4, 1, UnitKind.EXEC);
              d.onVectorCapture(4, 0, lanes);
              d.onDone(9, 1, UnitKind.EXEC);
            });
    String reordered =
        digest(
            d -> {
              d.onVectorCapture(4, 0, lanes);
              d.onStart(4, 1, UnitKind.EXEC);
              d.onDone(9, 1, UnitKind.EXEC);
            });
    assertThat(reordered).isEqualTo(expected);
    List<Events> others =
        List.of(
            d -> {
              d.onStart(4, 1, UnitKind.EXEC);
              d.onVectorCapture(4, 0, new int[] {1, 3, 2});
              d.onDone(9, 1, UnitKind.EXEC);
            },
            d -> {
              d.onStart(4, 1, UnitKind.STORE);
              d.onVectorCapture(4, 0, lanes);
              d.onDone(9, 1, UnitKind.EXEC);
            },
            d -> {
              d.onStart(4, 1, UnitKind.EXEC);
              d.onVectorCapture(4, 0, lanes);
              d.onDone(8, 1, UnitKind.EXEC);
            },
            d -> {
              d.onStart(4, 1, UnitKind.EXEC);
              d.onVectorCapture(4, 0, lanes);
            });
    for (Events other : others) {
      assertThat(digest(other)).isNotEqualTo(expected);
    }
  }
}
