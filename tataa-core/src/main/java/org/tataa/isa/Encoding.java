package org.tataa.isa;

import org.tataa.config.BufferConfig;
import org.tataa.config.TataaConfig;

/** What instruction words can say: how large their numbers may be, and whether there is STORE.S. */
public enum Encoding {
  /** The words of isa.md: 32 vector slots a bank, tiles of up to 512 words. */
  RELEASED(32, 512),

  /**
   * The same words, in which bits that are unused there are higher bits of slots and depths: 256
   * slots a bank, tiles of up to 1024 words; and STORE.S. For studies of machines with larger
   * buffers or a result path.
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
   * @param config the machine
   * @return {@link #RELEASED} unless its buffers are larger than that can say, or it has a result
   *     path
   */
  public static Encoding of(TataaConfig config) {
    BufferConfig buffers = config.buffers();
    boolean isEnough =
        buffers.vectorSlots() <= RELEASED.slots
            && buffers.tileDepth() <= RELEASED.depth
            && !config.resultPath();
    return isEnough ? RELEASED : WIDE;
  }

  /** {@return whether there is STORE.S} */
  boolean hasStoreSlots() {
    return this == WIDE;
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
