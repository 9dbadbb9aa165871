package org.tataa.isa;

import org.tataa.config.BufferConfig;

/** How large the numbers in instruction words may be. */
public enum Encoding {
  /** The words of isa.md: 32 vector slots a bank, tiles of up to 512 words. */
  RELEASED(32, 512),

  /**
   * The same words, in which bits that are unused there are higher bits of slots and depths: 256
   * slots a bank, tiles of up to 1024 words. For studies of machines with larger buffers.
   */
  WIDE(256, 1024);

  private final int slots;
  private final int depth;

  Encoding(int slots, int depth) {
    this.slots = slots;
    this.depth = depth;
  }

  /**
   * The one that suffices for a machine.
   *
   * @param buffers its buffers
   * @return {@link #RELEASED} unless its buffers are larger than that can say
   */
  public static Encoding of(BufferConfig buffers) {
    return buffers.vectorSlots() <= RELEASED.slots && buffers.tileDepth() <= RELEASED.depth
        ? RELEASED
        : WIDE;
  }

  /** {@return vector slots of a bank that have a number} */
  public int slots() {
    return slots;
  }

  /** {@return words of the deepest tile} */
  public int depth() {
    return depth;
  }
}
