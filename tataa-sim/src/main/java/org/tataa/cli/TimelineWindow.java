package org.tataa.cli;

import picocli.CommandLine.Option;

/** Which cycles are recorded, and how densely. */
final class TimelineWindow {
  @Option(
      names = "--from",
      paramLabel = "CYCLE",
      description = "First cycle of the timeline or waveforms (default: 0).")
  private long from;

  @Option(
      names = "--to",
      paramLabel = "CYCLE",
      description = "Last cycle of the timeline or waveforms (default: the last).")
  private long to = Long.MAX_VALUE;

  @Option(
      names = "--sample-every",
      paramLabel = "CYCLES",
      defaultValue = "64",
      description =
          "Cycles between samples of the timeline's counters (default: ${DEFAULT-VALUE}).")
  private long sampleEvery = 64;

  /**
   * First cycle, and the cycle after the last.
   *
   * @throws InputException if there is none, or the samples are too dense
   */
  long[] cycles() {
    if (from < 0 || to < from) {
      throw new InputException(
          "--from " + from + " --to " + to + ": expected a window of cycles, 0 or later");
    }
    if (sampleEvery < 1) {
      throw new InputException("--sample-every " + sampleEvery + ": expected at least 1");
    }
    return new long[] {from, to == Long.MAX_VALUE ? to : to + 1};
  }

  /** Cycles between samples of counters. */
  long sampleEvery() {
    return sampleEvery;
  }
}
