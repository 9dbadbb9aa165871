package org.tataa.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.tataa.config.HbmConfig;
import org.tataa.config.TataaConfig;
import org.tataa.observe.Counters;

/**
 * Pseudo-channels against published measurements of the Alveo U280's HBM2. Sources: Shuhai (Wang et
 * al., FCCM 2020, arXiv 2005.04324) and AMD's Vitis tutorial XD099, "HBM bandwidth explorations".
 */
class HbmTest {
  private static final HbmConfig ONE_CHANNEL = HbmConfig.U280.withChannels(1);
  private static final int WINDOW = 256 << 20;

  /** A port with a client of a given clock that takes a number of bytes a cycle, in order. */
  private static final class Client {
    private final TataaConfig config;
    private final Hbm hbm;
    private final HbmReadPort port;
    private final Counters counters = new Counters();
    private final int bytesPerCycle;

    Client(HbmConfig channels, long clockHz, int bytesPerCycle) {
      this.bytesPerCycle = bytesPerCycle;
      TataaConfig base = TataaConfig.u280();
      config =
          base.withClockHz(clockHz).withMemory(base.memory().withQueueDepth(64).withHbm(channels));
      hbm = new Hbm(config, true);
      port = hbm.connect(counters).x;
    }

    /**
     * Bytes a second.
     *
     * @param address of each transaction by number
     * @param interval cycles of the client between two transactions at least
     */
    double read(IntUnaryOperator address, int bytes, int transactions, int interval) {
      long[] first = new long[transactions];
      int issued = 0;
      int taking = 0;
      int offset = 0;
      long next = 0;
      long now = 0;
      for (; taking < transactions; now++) {
        if (issued < transactions && port.waiting() < 16 && now >= next) {
          first[issued] = port.read(now, now + 1, address.applyAsInt(issued), bytes);
          issued++;
          next = now + interval;
        }
        int part = Math.min(bytesPerCycle, bytes - offset);
        int from = address.applyAsInt(taking);
        if (taking < issued && port.isThere(now, first[taking], from, offset + part - 1)) {
          offset += part;
          port.take(first[taking], from, offset, bytes);
          if (offset == bytes) {
            offset = 0;
            taking++;
          }
        }
      }
      return (double) transactions * bytes * config.clockHz() / now;
    }

    /**
     * Cycles of the client from a command to its data.
     *
     * @param now when the client looks at the port
     */
    long latency(long now, int address) {
      long first = port.read(now, now + 1, address, 32);
      long cycle = now;
      while (!port.isThere(cycle, first, address, 31)) {
        cycle++;
      }
      port.take(first, address, 32, 32);
      return cycle - now - 1;
    }
  }

  // Shuhai's engine: on the clock of the channels, 32 bytes a cycle.
  private static double shuhai(int stride, int window) {
    return new Client(ONE_CHANNEL, 450_000_000, 32)
            .read(i -> (int) ((long) i * stride % window), 32, 60_000, 1)
        / 1e9;
  }

  /**
   * Shuhai, Tables IV and VI: 48, 55 and 62 cycles for a hit, a closed row and a miss; switch 7.
   */
  @Test
  void latencies() {
    Client client = new Client(ONE_CHANNEL, 450_000_000, 32);
    assertThat(client.latency(0, 0)).as("closed").isEqualTo(55 + 7);
    assertThat(client.latency(200, 64)).as("hit").isEqualTo(48 + 7);
    assertThat(client.latency(400, 16 << 10)).as("miss").isEqualTo(62 + 7);
    assertThat(client.counters.columns()).isEqualTo(3);
    assertThat(client.counters.activates()).isEqualTo(2);
  }

  /** Cycles of the channels for cycles of the core, of years too. */
  @Test
  void clocksKeepTheirRatio() {
    for (long coreHz : new long[] {225_000_000, 300_000_000, 450_000_000, 333_333_333}) {
      TataaConfig base = TataaConfig.u280().withClockHz(coreHz);
      Hbm hbm = new Hbm(base.withMemory(base.memory().withHbm(ONE_CHANNEL)), true);
      Random random = new Random(coreHz);
      for (int i = 0; i < 1000; i++) {
        long cycle = random.nextLong() >>> 5 + random.nextInt(59);
        BigInteger exact =
            BigInteger.valueOf(cycle)
                .multiply(BigInteger.valueOf(ONE_CHANNEL.clockHz()))
                .divide(BigInteger.valueOf(coreHz));
        assertThat(hbm.cycleAt(cycle))
            .as("cycle %d at %d Hz", cycle, coreHz)
            .isEqualTo(exact.longValueExact());
      }
    }
  }

  /** Shuhai, Table V: 13.27 GB/s a pseudo-channel (425 GB/s of 32), of 14.4. */
  @Test
  void sequentialReads() {
    assertThat(shuhai(32, WINDOW)).isCloseTo(13.27, Percentage.withPercentage(5));
  }

  /** Shuhai, Figure 7: bursts of 32 bytes, stride 4 KiB; banks of one group, then rows. */
  @Test
  void strides() {
    assertThat(shuhai(4096, 8192)).isCloseTo(6.7, Percentage.withPercentage(10));
    assertThat(shuhai(4096, WINDOW)).isCloseTo(2.4, Percentage.withPercentage(10));
  }

  // The tutorial's kernel: 300 MHz, 64 bytes a cycle, two cycles between transactions, which is
  // what it reaches where memory is no limit (rows with RAMA of the tutorial).
  private static double tutorial(int bytes, boolean isRandom) {
    Random random = new Random(bytes);
    int[] address = new int[(8 << 20) / bytes];
    for (int i = 0; i < address.length; i++) {
      address[i] = isRandom ? random.nextInt(WINDOW / bytes) * bytes : i * bytes;
    }
    int interval = isRandom ? bytes / 64 + 2 : 1;
    return new Client(ONE_CHANNEL, 300_000_000, 64)
            .read(i -> address[i], bytes, address.length, interval)
        / 1e9;
  }

  /** Vitis tutorial, 256 MB in one pseudo-channel, by bytes of a transaction. */
  @Test
  void tutorialRows() {
    int[] bytes = {64, 128, 256, 512, 1024};
    double[] sequential = {13.0996, 13.0704, 13.1032, 13.0747, 13.0432};
    double[] random = {4.75379, 9.59893, 12.6164, 13.1338, 13.155};
    for (int i = 0; i < bytes.length; i++) {
      assertThat(tutorial(bytes[i], false))
          .as("sequential, %d bytes", bytes[i])
          .isCloseTo(sequential[i], Percentage.withPercentage(10));
      assertThat(tutorial(bytes[i], true))
          .as("random, %d bytes", bytes[i])
          .isCloseTo(random[i], Percentage.withPercentage(10));
    }
  }
}
