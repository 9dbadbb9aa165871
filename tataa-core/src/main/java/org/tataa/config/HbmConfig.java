package org.tataa.config;

import java.util.Objects;

/**
 * Pseudo-channels of high-bandwidth memory behind the ports of a core (docs/memory.md). Instead of
 * a fixed latency, a beat arrives when its column has been read: rows are opened and closed, banks
 * are refreshed, and whoever reads or writes a channel takes its cycles.
 *
 * @param channels pseudo-channels, a power of two, 1..32
 * @param interleaveBytes bytes of a channel before those of the next, a power of two, 32..2^20
 * @param isShared whether all cores of a simulator are on the same channels; else each has its own
 * @param turns a column command every so many cycles: others have the rest, whatever they do, 1..64
 * @param bankGroups bank groups of a channel, a power of two, 2..8
 * @param banksPerGroup banks of a group, a power of two, 1..16
 * @param rowBytes bytes of an open row, a power of two, 64..8192
 * @param outstandingColumns columns of a port that may have been asked for and not been taken,
 *     8..1024
 * @param window oldest reads, or writes, of a channel that its scheduler looks at, 1..256
 * @param clockHz cycles of a channel's interface in a second
 * @param timing times in these cycles
 */
public record HbmConfig(
    int channels,
    int interleaveBytes,
    boolean isShared,
    int turns,
    int bankGroups,
    int banksPerGroup,
    int rowBytes,
    int outstandingColumns,
    int window,
    long clockHz,
    HbmTiming timing) {
  /** Bytes of a column: what a channel moves in a cycle. */
  public static final int COLUMN_BYTES = 32;

  /**
   * The Alveo U280: 32 pseudo-channels for 8 cores, of 4 groups of 4 banks with rows of 1 KiB, at
   * 450 MHz.
   */
  public static final HbmConfig U280 =
      new HbmConfig(4, 1024, false, 1, 4, 4, 1024, 256, 32, 450_000_000L, HbmTiming.U280);

  /**
   * Checks the ranges.
   *
   * @param channels pseudo-channels, a power of two, 1..32
   * @param interleaveBytes bytes of a channel before those of the next, a power of two, 32..2^20
   * @param isShared whether all cores of a simulator are on the same channels; else each has its
   *     own
   * @param turns a column command every so many cycles: others have the rest, whatever they do,
   *     1..64
   * @param bankGroups bank groups of a channel, a power of two, 2..8
   * @param banksPerGroup banks of a group, a power of two, 1..16
   * @param rowBytes bytes of an open row, a power of two, 64..8192
   * @param outstandingColumns columns of a port that may have been asked for and not been taken,
   *     8..1024
   * @param window oldest reads, or writes, of a channel that its scheduler looks at, 1..256
   * @param clockHz cycles of a channel's interface in a second
   * @param timing times in these cycles
   * @throws IllegalArgumentException naming the component that is out of range
   */
  public HbmConfig {
    power("channels", channels, 1, 32);
    power("interleaveBytes", interleaveBytes, COLUMN_BYTES, 1 << 20);
    Checks.range("turns", turns, 1, 64);
    power("bankGroups", bankGroups, 2, 8);
    power("banksPerGroup", banksPerGroup, 1, 16);
    power("rowBytes", rowBytes, 2 * COLUMN_BYTES, 8192);
    Checks.range("outstandingColumns", outstandingColumns, 8, 1024);
    Checks.range("window", window, 1, 256);
    Checks.range("hbmClockHz", clockHz, 1_000, 10_000_000_000L);
    Objects.requireNonNull(timing, "timing");
  }

  private static void power(String name, int value, int min, int max) {
    Checks.range(name, value, min, max);
    Checks.require(Integer.bitCount(value) == 1, name + "=" + value + " is no power of 2");
  }

  /** {@return banks of a channel} */
  public int banks() {
    return bankGroups * banksPerGroup;
  }

  /** {@return most bytes a second all channels move} */
  public double peakBytesPerSecond() {
    return (double) channels * COLUMN_BYTES * clockHz / turns;
  }

  /**
   * {@return fewest cycles of a core from a command to its first beat: a row that is open}
   *
   * @param coreHz clock of the core
   */
  public int leastLatencyCycles(long coreHz) {
    return (int) ((timing.readLatency() - 1) * coreHz / clockHz);
  }

  /**
   * {@return these channels, another number of them}
   *
   * @param value the new value
   */
  public HbmConfig withChannels(int value) {
    return new HbmConfig(
        value,
        interleaveBytes,
        isShared,
        turns,
        bankGroups,
        banksPerGroup,
        rowBytes,
        outstandingColumns,
        window,
        clockHz,
        timing);
  }

  /**
   * {@return these channels with another interleaving}
   *
   * @param value the new value
   */
  public HbmConfig withInterleaveBytes(int value) {
    return new HbmConfig(
        channels,
        value,
        isShared,
        turns,
        bankGroups,
        banksPerGroup,
        rowBytes,
        outstandingColumns,
        window,
        clockHz,
        timing);
  }

  /**
   * {@return these channels for all cores of a simulator, or for each}
   *
   * @param value the new value
   */
  public HbmConfig withShared(boolean value) {
    return new HbmConfig(
        channels,
        interleaveBytes,
        value,
        turns,
        bankGroups,
        banksPerGroup,
        rowBytes,
        outstandingColumns,
        window,
        clockHz,
        timing);
  }

  /**
   * {@return these channels with a column command every so many cycles}
   *
   * @param value the new value
   */
  public HbmConfig withTurns(int value) {
    return new HbmConfig(
        channels,
        interleaveBytes,
        isShared,
        value,
        bankGroups,
        banksPerGroup,
        rowBytes,
        outstandingColumns,
        window,
        clockHz,
        timing);
  }

  /**
   * {@return these channels with other times}
   *
   * @param value the new value
   */
  public HbmConfig withTiming(HbmTiming value) {
    return new HbmConfig(
        channels,
        interleaveBytes,
        isShared,
        turns,
        bankGroups,
        banksPerGroup,
        rowBytes,
        outstandingColumns,
        window,
        clockHz,
        value);
  }
}
