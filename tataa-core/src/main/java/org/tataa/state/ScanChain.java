package org.tataa.state;

/**
 * Passes over the registers of a machine in a fixed order. A unit hands each register over and
 * takes back what the chain returns: its own value when the chain reads, another one when the chain
 * restores. One method per unit therefore serves saving, restoring and comparing.
 *
 * <p>Units show what the hardware holds, not how the simulator keeps it: rings from their oldest
 * entry, and no leftovers of what has passed. Equal machines give equal chains.
 */
public interface ScanChain {
  /**
   * Registers that follow belong to this unit, a name as {@code dmpu1.pe[2][3]}; to none if it is
   * empty. For chains that name registers.
   */
  default void unit(String name) {}

  /** A register of up to 32 bits. */
  int scan(String register, int value);

  /** A register of up to 64 bits. */
  long scan(String register, long value);

  /** A flag. */
  default boolean scan(String register, boolean value) {
    return scan(register, value ? 1 : 0) != 0;
  }

  /** Registers {@code values[from..from+count-1]}; restored in place. */
  void scan(String register, int[] values, int from, int count);

  /** Registers {@code values[from..from+count-1]}; restored in place. */
  void scan(String register, byte[] values, int from, int count);

  /** Registers; restored in place. */
  void scan(String register, long[] values);

  /** Registers; restored in place. */
  default void scan(String register, int[] values) {
    scan(register, values, 0, values.length);
  }

  /** Registers; restored in place. */
  default void scan(String register, byte[] values) {
    scan(register, values, 0, values.length);
  }

  /**
   * A register that holds one of a few values.
   *
   * @param value number of the value, or -1 for none
   * @param count values there are
   * @throws ScanException if the chain restores a number outside {@code -1..count-1}
   */
  default int scanChoice(String register, int value, int count) {
    int restored = scan(register, value);
    if (restored < -1 || restored >= count) {
      throw new ScanException(register + "=" + restored + ", expected -1.." + (count - 1));
    }
    return restored;
  }
}
