package org.tataa.isa;

/** No operation; takes one issue slot. */
public record Nop() implements Instruction {
  /** One for all: programs hold long runs of it. */
  public static final Nop INSTANCE = new Nop();

  @Override
  public String mnemonic() {
    return "NOP";
  }

  @Override
  public String toString() {
    return Disassembler.format(this);
  }
}
