package org.tataa.kernel;

import org.tataa.config.TataaConfig;

/** Hands out ranges of one core's memory, one after the other, aligned to whole beats and words. */
public final class Arena {
  private final long capacity;
  private final int alignment;
  private long next;

  /** An empty arena over the unified memory of a machine. */
  public Arena(TataaConfig config) {
    if (config.memory().xBase() != config.memory().yzBase()) {
      throw new IllegalArgumentException(
          "kernels need a unified memory, found xBase="
              + config.memory().xBase()
              + " and yzBase="
              + config.memory().yzBase());
    }
    capacity = Math.min(config.memory().xBytes(), config.memory().yzBytes());
    alignment = config.memory().portBytes();
  }

  /**
   * Reserves bytes.
   *
   * @return address of the first byte
   * @throws IllegalArgumentException if the memory is too small, naming what it was for
   */
  public long take(String purpose, long bytes) {
    long address = next;
    next += (bytes + alignment - 1) / alignment * alignment;
    if (next > capacity) {
      throw new IllegalArgumentException(
          purpose
              + " needs "
              + bytes
              + " bytes at "
              + address
              + ", but the memory of a core has "
              + capacity
              + " bytes");
    }
    return address;
  }

  /** Bytes handed out. */
  public long used() {
    return next;
  }
}
