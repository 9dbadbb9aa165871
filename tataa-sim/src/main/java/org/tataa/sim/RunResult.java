package org.tataa.sim;

import java.util.List;
import org.tataa.config.TataaConfig;
import org.tataa.observe.Counters;

/**
 * What a run did. Rates are derived: the device needs as long as its slowest core.
 *
 * @param config the machine, with the profiles every report prints
 * @param cycles cycles until the last core was finished
 * @param cores one result per core
 */
public record RunResult(TataaConfig config, long cycles, List<CoreResult> cores) {
  /**
   * Takes a copy of the list.
   *
   * @param config the machine, with the profiles every report prints
   * @param cycles cycles until the last core was finished
   * @param cores one result per core
   */
  public RunResult {
    cores = List.copyOf(cores);
  }

  /** {@return counters added over all cores; the largest sum is the maximum} */
  public Counters total() {
    Counters total = new Counters();
    for (CoreResult core : cores) {
      total.add(core.counters());
    }
    return total;
  }

  /** {@return seconds the device needs at its clock} */
  public double seconds() {
    return (double) cycles / config.clockHz();
  }

  /**
   * {@return int8 rate in GOPS, a multiply-accumulate being two operations}
   *
   * @param macs useful multiply-accumulates, padding left out; only who made the program knows them
   */
  public double gops(long macs) {
    return cycles == 0 ? 0 : 2.0 * macs / seconds() / 1e9;
  }

  /** {@return rate of the array in GOPS: every multiply-accumulate counts, those of padding too} */
  public double arrayGops() {
    return gops(total().macs());
  }

  /** {@return bfloat16 rate in GFLOPS} */
  public double gflops() {
    return cycles == 0 ? 0 : total().laneOperations() / seconds() / 1e9;
  }

  /**
   * {@return share of the peak int8 rate, 0..1}
   *
   * @param macs useful multiply-accumulates, padding left out
   */
  public double int8Utilisation(long macs) {
    return gops(macs) / config.peakInt8Gops();
  }

  /** {@return share of the peak int8 rate the array works at, padding included, 0..1} */
  public double arrayUtilisation() {
    return int8Utilisation(total().macs());
  }

  /** {@return share of the peak bfloat16 rate, 0..1} */
  public double bf16Utilisation() {
    return gflops() / config.peakBf16Gflops();
  }
}
