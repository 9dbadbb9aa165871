package org.tataa.sim;

import java.util.ArrayList;
import java.util.List;
import org.tataa.config.HbmConfig;
import org.tataa.config.MemoryConfig;
import org.tataa.config.TataaConfig;
import org.tataa.observe.Counters;

/**
 * What a memory port of a core moved, on an average over cores while they ran.
 *
 * @param port x_read, yz_read, yz_write, or channels: all pseudo-channels of a core together
 * @param bytes moved by all cores; of channels in whole columns
 * @param bytesPerSecond of one core
 * @param peakBytesPerSecond most that one core's port can move
 */
public record PortRate(String port, long bytes, double bytesPerSecond, double peakBytesPerSecond) {
  /**
   * {@return the ports of a machine}
   *
   * @param config the machine
   * @param counters of its cores together; their cycles are those of all cores
   */
  public static List<PortRate> of(TataaConfig config, Counters counters) {
    MemoryConfig memory = config.memory();
    HbmConfig hbm = memory.hbm();
    double beats = (double) memory.portBytes() * config.clockHz();
    double limit = hbm == null ? Double.MAX_VALUE : hbm.peakBytesPerSecond();
    double read = Math.min(limit, beats * memory.vectorLoadBeats() / memory.beatInterval());
    double cycles = Math.max(1, counters.cycles());
    double perByte = config.clockHz() / cycles;
    List<PortRate> rates = new ArrayList<>();
    rates.add(rate("x_read", counters.bytesLoadedX(), perByte, read));
    rates.add(rate("yz_read", counters.bytesLoadedY(), perByte, read));
    rates.add(rate("yz_write", counters.bytesStored(), perByte, Math.min(limit, beats)));
    if (hbm != null) {
      rates.add(rate("channels", counters.columns() * HbmConfig.COLUMN_BYTES, perByte, limit));
    }
    return rates;
  }

  private static PortRate rate(String port, long bytes, double perByte, double peak) {
    return new PortRate(port, bytes, bytes * perByte, peak);
  }

  /** {@return share of its peak, 0..1} */
  public double share() {
    return bytesPerSecond / peakBytesPerSecond;
  }
}
