package org.tataa.isa;

/** No operation; takes one issue slot. */
public record Nop() implements Instruction {
  @Override
  public String mnemonic() {
    return "NOP";
  }

  @Override
  public String toString() {
    return Disassembler.format(this);
  }
}
