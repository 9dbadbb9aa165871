package org.tataa.isa;

import java.util.Objects;

/**
 * Loads one bfloat16 vector into all DMPUs.
 *
 * @param bank A through the X port or B through the YZ port
 * @param slot 0..255 (31 in {@link Encoding#RELEASED} words)
 * @param address byte offset in the port's space, 0..2^32-1
 * @param bytes bytes to move, 0..65535; the machine demands one vector
 */
public record LoadV(Bank bank, int slot, long address, int bytes) implements Instruction {
  /**
   * Checks the ranges.
   *
   * @param bank see the record
   * @param slot see the record
   * @param address see the record
   * @param bytes see the record
   * @throws IllegalArgumentException naming the field that is out of range
   */
  public LoadV {
    Objects.requireNonNull(bank, "bank");
    Fields.range("slot", slot, 0, Encoding.WIDE.slots() - 1);
    Fields.range("address", address, 0, Fields.MAX_ADDRESS);
    Fields.range("bytes", bytes, 0, 0xffff);
  }

  @Override
  public String mnemonic() {
    return "LOAD.V";
  }

  @Override
  public String toString() {
    return Disassembler.format(this);
  }
}
