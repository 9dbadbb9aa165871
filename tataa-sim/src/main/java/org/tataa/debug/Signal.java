package org.tataa.debug;

import org.tataa.core.TataaCore;

/**
 * A value in a core, by name.
 *
 * @param path its name, parts separated by dots, as {@code dmpu1.pe[7][3].p}
 * @param width bits
 * @param kind how it is shown
 * @param reader reads it between two cycles
 */
public record Signal(String path, int width, Kind kind, Reader reader) {
  /** How a value is shown. */
  public enum Kind {
    /** A number without sign. */
    UNSIGNED,
    /** A number in two's complement. */
    SIGNED,
    /** bfloat16 bits. */
    BF16,
    /** An ordinal of {@link org.tataa.observe.ArrayMode}. */
    MODE,
    /** One more than an ordinal of {@link org.tataa.observe.StallCause}; 0 for none. */
    STALL
  }

  /** Reads a value. */
  @FunctionalInterface
  public interface Reader {
    /** The value in its lowest bits, sign-extended if it has a sign. */
    long read(TataaCore core);
  }

  /** The value now. */
  public long read(TataaCore core) {
    return reader.read(core);
  }
}
