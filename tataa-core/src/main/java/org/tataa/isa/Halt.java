package org.tataa.isa;

/** Stops the latency counter and ends the program. */
public record Halt() implements Instruction {
  @Override
  public String mnemonic() {
    return "HALT";
  }

  @Override
  public String toString() {
    return Disassembler.format(this);
  }
}
