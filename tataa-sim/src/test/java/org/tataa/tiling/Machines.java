package org.tataa.tiling;

import java.util.List;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.BufferConfig;
import org.tataa.config.MemoryConfig;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;

/** Machines of different shapes for tests. */
public final class Machines {
  private Machines() {}

  /** A machine of one core. */
  public static TataaConfig of(int dmpus, int columns, int outputsPerColumn, int portBytes) {
    ArrayGeometry geometry = new ArrayGeometry(dmpus, columns, outputsPerColumn);
    Profiles profiles =
        outputsPerColumn == 1
            ? Profiles.DEFAULT.withAccumulator(AccumulatorKind.INT32)
            : Profiles.DEFAULT;
    return new TataaConfig(
        dmpus + "x4x" + columns + "x" + outputsPerColumn,
        1,
        geometry,
        BufferConfig.U280,
        MemoryConfig.unified(1 << 24).withPortBytes(portBytes),
        TimingConfig.released(geometry),
        profiles,
        225_000_000L,
        false,
        false,
        false);
  }

  /** The prototype, the teaching preset, and other shapes. */
  public static List<TataaConfig> all() {
    return List.of(
        TataaConfig.u280(),
        TataaConfig.tiny(),
        of(4, 8, 2, 16),
        of(8, 32, 1, 32),
        of(1, 16, 2, 4),
        of(3, 8, 1, 4),
        of(16, 32, 2, 64),
        of(16, 16, 2, 32));
  }
}
