package org.tataa.array;

import java.util.Arrays;

/** Skew registers in front of a row or a column: what enters comes out so many clocks later. */
final class DelayLine {
  /** The registers, that at the input first. */
  final int[] registers;

  DelayLine(int length) {
    registers = new int[length];
  }

  /** First phase: what stands at the output if {@code in} stands at the input. */
  int read(int in) {
    return registers.length == 0 ? in : registers[registers.length - 1];
  }

  /** Second phase: moves everything on by one register. */
  void write(int in) {
    if (registers.length > 0) {
      System.arraycopy(registers, 0, registers, 1, registers.length - 1);
      registers[0] = in;
    }
  }

  /** All registers to zero. */
  void reset() {
    Arrays.fill(registers, 0);
  }
}
