package org.tataa.isa;

import java.util.ArrayList;
import java.util.List;
import org.tataa.numeric.LaneOp;

/** Collects instructions; every method returns the builder. */
public final class ProgramBuilder {
  private static final Nop NOP = new Nop();

  private final List<Instruction> instructions = new ArrayList<>();

  /** An empty builder. */
  public ProgramBuilder() {}

  /** Appends any instruction. */
  public ProgramBuilder add(Instruction instruction) {
    instructions.add(instruction);
    return this;
  }

  /** Appends {@code count} NOPs. */
  public ProgramBuilder nop(int count) {
    for (int i = 0; i < count; i++) {
      instructions.add(NOP);
    }
    return this;
  }

  /** Appends CONFIG.SCALE. */
  public ProgramBuilder configScale(int mantissa, int rightShift) {
    return add(new ConfigScale(mantissa, rightShift));
  }

  /** Appends CONFIG.CONST with a bfloat16 pattern. */
  public ProgramBuilder configConst(int index, int bits) {
    return add(new ConfigConst(index, bits));
  }

  /** Appends LOAD.M X. */
  public ProgramBuilder loadMX(int tile, int depth, long address, int bytes) {
    return add(new LoadM(Operand.X, tile, depth, address, bytes));
  }

  /** Appends LOAD.M Y. */
  public ProgramBuilder loadMY(int tile, int depth, long address, int bytes) {
    return add(new LoadM(Operand.Y, tile, depth, address, bytes));
  }

  /** Appends LOAD.V. */
  public ProgramBuilder loadV(Bank bank, int slot, long address, int bytes) {
    return add(new LoadV(bank, slot, address, bytes));
  }

  /** Appends MATMUL. */
  public ProgramBuilder matmul(int xTile, int yTile, int depth, boolean clear, boolean drain) {
    return add(new MatMul(xTile, yTile, depth, clear, drain));
  }

  /** Appends a vector operation whose result goes to a slot. */
  public ProgramBuilder vector(
      LaneOp op, OperandSelect select, int slotA, int slotB, int constant, Bank bank, int slot) {
    return add(new VectorOp(op, select, slotA, slotB, constant, true, bank, slot));
  }

  /** Appends a vector operation whose result goes to the dual-mode buffers. */
  public ProgramBuilder vectorToDmb(
      LaneOp op, OperandSelect select, int slotA, int slotB, int constant) {
    return add(new VectorOp(op, select, slotA, slotB, constant, false, Bank.A, 0));
  }

  /** Appends STORE.M or STORE.V. */
  public ProgramBuilder store(
      StoreMode mode, boolean transpose, int words, long address, int bytes) {
    return add(new Store(mode, transpose, words, address, bytes));
  }

  /** Appends HALT. */
  public ProgramBuilder halt() {
    return add(new Halt());
  }

  /** Instructions so far: the index of the next one. */
  public int size() {
    return instructions.size();
  }

  /** The program. */
  public Program build() {
    return Program.of(instructions);
  }
}
