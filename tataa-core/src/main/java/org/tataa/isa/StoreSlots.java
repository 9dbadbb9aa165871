package org.tataa.isa;

import java.util.Objects;

/**
 * Stores words of the dual-mode buffers, DMPU 0 first, in vector slots: what a {@link Store} would
 * write to consecutive memory fills consecutive slots, as LOAD.V would have filled them. For
 * studies: only {@link Encoding#WIDE} words say it, and only machines with a result path have it.
 *
 * @param mode conversion on the way, to bfloat16
 * @param bank bank of the slots
 * @param slot the first slot, 0..255
 * @param words dual-mode-buffer words of all DMPUs together, 1..256; the machine demands whole
 *     vectors
 */
public record StoreSlots(StoreMode mode, Bank bank, int slot, int words) implements BufferStore {
  /**
   * Checks the ranges.
   *
   * @param mode see the record
   * @param bank see the record
   * @param slot see the record
   * @param words see the record
   * @throws IllegalArgumentException naming the field that is out of range
   */
  public StoreSlots {
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(bank, "bank");
    if (mode.toInt8()) {
      throw new IllegalArgumentException("mode=" + mode + ", expected one to bfloat16");
    }
    Fields.range("slot", slot, 0, Encoding.WIDE.slots() - 1);
    Fields.range("words", words, 1, 256);
  }

  /** {@return false: only int8 results are transposed} */
  @Override
  public boolean transpose() {
    return false;
  }

  @Override
  public String mnemonic() {
    return "STORE.S";
  }

  @Override
  public String toString() {
    return Disassembler.format(this);
  }
}
