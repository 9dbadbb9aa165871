package org.tataa.schedule;

import org.tataa.config.TataaConfig;

/** What the emission of a nest finds in the vector slots, and what is emitted on its way. */
class NestContext {
  private final SlotFile[] banks;
  private final long sumsFrom;
  private final long sumsEnd;
  private boolean isLast = true;

  /** Empty slots. */
  NestContext(TataaConfig config) {
    this(config, 0, 0);
  }

  /**
   * Empty slots, into some of which sums are forwarded.
   *
   * @param sumsFrom first byte of the buffer of the sums, which is never loaded from
   * @param sumsEnd behind its last byte
   */
  NestContext(TataaConfig config, long sumsFrom, long sumsEnd) {
    int slots = config.buffers().vectorSlots();
    banks = new SlotFile[] {new SlotFile(slots), new SlotFile(slots)};
    this.sumsFrom = sumsFrom;
    this.sumsEnd = sumsEnd;
  }

  /** Slots of a bank. */
  SlotFile bank(int bank) {
    return banks[bank];
  }

  /** Whether the vector at an address can be had in a slot only. */
  boolean isForwarded(long address) {
    return address >= sumsFrom && address < sumsEnd;
  }

  /** A part of the nest begins, the last one or not. */
  void begin(boolean isLastPart) {
    isLast = isLastPart;
  }

  /** Whether no part of the nest follows. */
  boolean isLast() {
    return isLast;
  }

  /** The last load of a part has been emitted. */
  void afterLoads() {}

  /** The last operation of a part has been emitted; stores may follow. */
  void afterOperations() {}
}
