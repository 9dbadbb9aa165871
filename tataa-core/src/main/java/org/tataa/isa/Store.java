package org.tataa.isa;

import java.util.Objects;

/**
 * Stores words of the dual-mode buffers, DMPU 0 first.
 *
 * @param mode conversion on the way
 * @param transpose whether result blocks are transposed (int8 results only)
 * @param words dual-mode-buffer words of all DMPUs together, 1..256
 * @param address byte offset in the YZ space, 0..2^32-1
 * @param bytes bytes written, 0..65535; the machine demands word size times words
 */
public record Store(StoreMode mode, boolean transpose, int words, long address, int bytes)
    implements BufferStore {
  /**
   * Checks the ranges.
   *
   * @param mode see the record
   * @param transpose see the record
   * @param words see the record
   * @param address see the record
   * @param bytes see the record
   * @throws IllegalArgumentException naming the field that is out of range
   */
  public Store {
    Objects.requireNonNull(mode, "mode");
    Fields.range("words", words, 1, 256);
    Fields.range("address", address, 0, Fields.MAX_ADDRESS);
    Fields.range("bytes", bytes, 0, 0xffff);
  }

  @Override
  public String mnemonic() {
    return mode.fromSums() ? "STORE.M" : "STORE.V";
  }

  @Override
  public String toString() {
    return Disassembler.format(this);
  }
}
