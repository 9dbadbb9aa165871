package org.tataa.sim;

import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.BufferConfig;
import org.tataa.config.MemoryConfig;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;

/** Machines of any shape, with small buffers and a narrow port. */
public final class UnusualMachine {
  private UnusualMachine() {}

  /** A core with so many DMPUs, columns and outputs of a column. */
  public static TataaConfig of(int dmpus, int columns, int outputs) {
    ArrayGeometry geometry = new ArrayGeometry(dmpus, columns, outputs);
    Profiles profiles =
        outputs == 2 ? Profiles.DEFAULT : Profiles.DEFAULT.withAccumulator(AccumulatorKind.INT32);
    return new TataaConfig(
        "unusual",
        1,
        geometry,
        new BufferConfig(32, 12, 8, 12, 16),
        MemoryConfig.unified(1 << 16).withPortBytes(4),
        TimingConfig.released(geometry),
        profiles,
        1_000_000,
        false,
        false,
        false);
  }
}
