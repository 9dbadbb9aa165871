package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tataa.config.MemoryConfig;
import org.tataa.config.TataaConfig;
import org.tataa.tensor.Scale;

/** Products whose cycles follow from timing.md by hand (docs/checks.md). */
class ClosedFormTest {
  private static long simulated(TataaConfig config, int m, int n, int k) {
    MatrixProduct product =
        MatrixProduct.of(
            config, Int8Matrix.filled(m, k, 1), Int8Matrix.filled(k, n, 1), new Scale(1, 0));
    return product.run().run().cycles();
  }

  private static int blocks(int m, int n) {
    return (m + 31) / 32 * ((n + 31) / 32);
  }

  // Operands of the first part, L + d + 8; d + 60 a part, 5 more a block; the last words through
  // the requantiser and out, 82. L is 32.
  private static long closedForm(int m, int n, int k) {
    int parts = (k + 511) / 512;
    int depth = k / parts;
    return 122 + depth + (long) blocks(m, n) * (parts * (depth + 60L) + 5);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 189",
    "32, 32, 1, 189",
    "32, 32, 32, 251",
    "32, 32, 64, 315",
    "32, 32, 512, 1211",
    "32, 64, 64, 444",
    "64, 32, 64, 444",
    "64, 64, 64, 702",
    "64, 64, 128, 1022",
    "96, 64, 64, 960",
    "32, 96, 256, 1341",
    "64, 64, 512, 2942",
    "128, 128, 4, 1230",
    "128, 128, 64, 2250",
    "32, 32, 1000, 1747",
    "32, 32, 1024, 1783",
    "64, 32, 768, 2292"
  })
  void smallProducts(int m, int n, int k, long cycles) {
    assertThat(closedForm(m, n, k)).isEqualTo(cycles);
    assertThat(simulated(TataaConfig.u280().withCores(1), m, n, k)).isEqualTo(cycles);
  }

  /**
   * A row of blocks on a grid of depths, latencies and intervals: every cycle above the roofline is
   * one of the first operands', of a wait between blocks, or of the last words.
   */
  @Test
  void rooflineAndWhatIsAboveIt() {
    for (int blocks : new int[] {1, 4}) {
      for (int depth : new int[] {16, 64, 256}) {
        for (int latency : new int[] {16, 32, 64, 128}) {
          for (int interval : new int[] {1, 2, 4}) {
            check(blocks, depth, latency, interval);
          }
        }
      }
    }
  }

  private static void check(int blocks, int depth, int latency, int interval) {
    TataaConfig u280 = TataaConfig.u280().withCores(1);
    MemoryConfig memory = u280.memory().withLatencyCycles(latency).withBeatInterval(interval);
    long cycles = simulated(u280.withMemory(memory), 32, 32 * blocks, depth);
    // What the array, the port of the operand that changes, or the output needs if nothing waits.
    long roofline = Math.max((long) blocks * depth * interval, 64L * blocks);
    // From the acceptance of a load to that of the MATMUL that waits for it.
    long load = 9 + latency + (depth - 1L) * interval;
    long perBlock = Math.max(depth + 65L, load);
    long last = depth + 147L;
    String where = blocks + " blocks of " + depth + ", latency " + latency + ", " + interval;
    assertThat(cycles).as(where).isEqualTo(load + (blocks - 1) * perBlock + last);
    assertThat(cycles).as(where).isGreaterThan(roofline);
  }
}
