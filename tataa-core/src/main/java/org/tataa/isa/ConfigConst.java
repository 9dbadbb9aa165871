package org.tataa.isa;

/**
 * Sets one of the broadcast constants.
 *
 * @param index register, 0..7
 * @param value bfloat16 bits, 0..0xffff
 */
public record ConfigConst(int index, int value) implements Instruction {
  /**
   * Checks the ranges.
   *
   * @param index see the record
   * @param value see the record
   * @throws IllegalArgumentException naming the field that is out of range
   */
  public ConfigConst {
    Fields.range("index", index, 0, 7);
    Fields.range("value", value, 0, 0xffff);
  }

  @Override
  public String mnemonic() {
    return "CONFIG.CONST";
  }

  @Override
  public String toString() {
    return Disassembler.format(this);
  }
}
