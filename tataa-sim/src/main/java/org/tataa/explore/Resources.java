package org.tataa.explore;

import java.util.stream.LongStream;
import org.tataa.array.ProcessingElement;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.BufferConfig;
import org.tataa.config.TataaConfig;

/**
 * What a device is made of: closed forms of its configuration, of the units that are simulated.
 * Logic, the shell and the memory controllers are not in them.
 *
 * @param dsps DSP slices: one for each PE that packs two outputs or has one
 * @param memoryBits bits of the register files, in block RAM
 * @param fifoBits bits of the dual-mode buffers and the output FIFOs
 * @param registerBits bits of the registers of the PEs, the skew, the constants and the transposer
 */
public record Resources(long dsps, long memoryBits, long fifoBits, long registerBits) {
  /** Bits of an int8 value and of a bfloat16 one. */
  private static final int INT8 = 8;

  private static final int BF16 = 16;

  /** Register of the DSP48E2 slice that holds a packed weight, a product and a sum. */
  private static final int PACKED_WEIGHT = 27;

  private static final int PACKED_SUM = 48;

  /**
   * Registers of a PE that only bfloat16 operations use, at each of its three pipeline registers:
   * an exponent, a distance and a value that passes by, of 8, 8 and 16 bits.
   */
  private static final int BF16_STAGE = 32;

  /** What a device is made of. */
  public static Resources of(TataaConfig config) {
    ArrayGeometry shape = config.geometry();
    long cores = config.cores();
    return new Resources(
        cores * shape.processingElements() * slices(config),
        cores * memoryBits(shape, config.buffers()),
        cores * fifoBits(config),
        cores * registerBits(config));
  }

  // An exact sum for each of two outputs needs a slice of its own for each.
  private static int slices(TataaConfig config) {
    return config.profiles().accumulator() == AccumulatorKind.INT32
        ? config.geometry().outputsPerColumn()
        : 1;
  }

  // Two X tiles; two Y tiles in DMPU 0, whose storage its vectors share; vectors of the others.
  private static long memoryBits(ArrayGeometry shape, BufferConfig buffers) {
    long x = 2L * buffers.tileDepth() * shape.rows() * INT8;
    long tiles = 2L * buffers.tileDepth() * shape.outputs() * INT8;
    long vectors = 2L * buffers.vectorSlots() * shape.columns() * BF16;
    return x + Math.max(tiles, vectors) + (shape.dmpus() - 1) * vectors;
  }

  private static long fifoBits(TataaConfig config) {
    ArrayGeometry shape = config.geometry();
    long buffers =
        (long) shape.dmpus()
            * config.buffers().dmbDepth()
            * shape.columns()
            * Activity.bufferColumnBits(config);
    return buffers + 8L * config.buffers().outputFifoBeats() * config.memory().portBytes();
  }

  private static long registerBits(TataaConfig config) {
    ArrayGeometry shape = config.geometry();
    long sums = config.overlappedDrain() ? 2 : 1;
    long element =
        INT8
            + PACKED_WEIGHT
            + (long) PACKED_SUM * slices(config) * (1 + sums)
            + (long) ProcessingElement.REGISTERS * BF16_STAGE;
    // Row r of X and column c of Y enter r and c cycles late.
    long skew =
        INT8
            * (LongStream.range(0, shape.rows()).sum()
                + shape.outputsPerColumn() * LongStream.range(0, shape.columns()).sum());
    long transposer = config.canTranspose() ? (long) INT8 * shape.rows() * shape.outputs() : 0;
    return shape.processingElements() * element
        + skew
        + (long) BF16 * config.buffers().constants()
        + transposer;
  }
}
