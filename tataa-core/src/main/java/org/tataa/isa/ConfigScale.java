package org.tataa.isa;

/**
 * Sets the requantiser's scale {@code mantissa * 2^-rightShift}.
 *
 * @param mantissa signed 16 bit
 * @param rightShift 0..31
 */
public record ConfigScale(int mantissa, int rightShift) implements Instruction {
  /**
   * Checks the ranges.
   *
   * @param mantissa see the record
   * @param rightShift see the record
   * @throws IllegalArgumentException naming the field that is out of range
   */
  public ConfigScale {
    Fields.range("mantissa", mantissa, Short.MIN_VALUE, Short.MAX_VALUE);
    Fields.range("rightShift", rightShift, 0, 31);
  }

  @Override
  public String mnemonic() {
    return "CONFIG.SCALE";
  }

  @Override
  public String toString() {
    return Disassembler.format(this);
  }
}
