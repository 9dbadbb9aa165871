package org.tataa.isa;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.tataa.numeric.LaneOp;

/**
 * Collects instructions; every method that appends returns the builder. Operands out of range throw
 * {@link IllegalArgumentException} as the instruction records do.
 */
public final class ProgramBuilder {
  private final List<Instruction> instructions = new ArrayList<>();

  /** An empty builder. */
  public ProgramBuilder() {}

  /**
   * Appends any instruction.
   *
   * @param instruction what to append
   * @return this builder
   */
  public ProgramBuilder add(Instruction instruction) {
    instructions.add(instruction);
    return this;
  }

  /**
   * Appends {@code count} NOPs.
   *
   * @param count 0 or more
   * @return this builder
   */
  public ProgramBuilder nop(int count) {
    Fields.range("count", count, 0, Integer.MAX_VALUE);
    instructions.addAll(Collections.nCopies(count, Nop.INSTANCE));
    return this;
  }

  /**
   * Appends CONFIG.SCALE.
   *
   * @param mantissa signed 16 bit
   * @param rightShift 0..31
   * @return this builder
   */
  public ProgramBuilder configScale(int mantissa, int rightShift) {
    return add(new ConfigScale(mantissa, rightShift));
  }

  /**
   * Appends CONFIG.CONST with a bfloat16 pattern.
   *
   * @param index constant register, 0..7
   * @param bits bf16 pattern, 0..0xffff
   * @return this builder
   */
  public ProgramBuilder configConst(int index, int bits) {
    return add(new ConfigConst(index, bits));
  }

  /**
   * Appends LOAD.M X.
   *
   * @param tile 0 or 1
   * @param depth words, 1..1024, 512 in {@link Encoding#RELEASED} words
   * @param address byte offset in the space, 0..2^32-1
   * @param bytes bytes moved, 0..65535
   * @return this builder
   */
  public ProgramBuilder loadMX(int tile, int depth, long address, int bytes) {
    return add(new LoadM(Operand.X, tile, depth, address, bytes));
  }

  /**
   * Appends LOAD.M Y.
   *
   * @param tile 0 or 1
   * @param depth words, 1..1024, 512 in {@link Encoding#RELEASED} words
   * @param address byte offset in the space, 0..2^32-1
   * @param bytes bytes moved, 0..65535
   * @return this builder
   */
  public ProgramBuilder loadMY(int tile, int depth, long address, int bytes) {
    return add(new LoadM(Operand.Y, tile, depth, address, bytes));
  }

  /**
   * Appends LOAD.V.
   *
   * @param bank bank the vector is loaded into
   * @param slot slot, from 0
   * @param address byte offset in the space, 0..2^32-1
   * @param bytes bytes moved, 0..65535
   * @return this builder
   */
  public ProgramBuilder loadV(Bank bank, int slot, long address, int bytes) {
    return add(new LoadV(bank, slot, address, bytes));
  }

  /**
   * Appends MATMUL.
   *
   * @param xTile X tile, 0 or 1
   * @param yTile Y tile, 0 or 1
   * @param depth words, 1..1024, 512 in {@link Encoding#RELEASED} words
   * @param clear whether sums start at zero
   * @param drain whether sums go to the dual-mode buffers
   * @return this builder
   */
  public ProgramBuilder matmul(int xTile, int yTile, int depth, boolean clear, boolean drain) {
    return add(new MatMul(xTile, yTile, depth, clear, drain));
  }

  /**
   * Appends a vector operation whose result goes to a slot.
   *
   * @param op the operation
   * @param select its sources
   * @param slotA slot of bank A, from 0
   * @param slotB slot of bank B, from 0
   * @param constant constant register, 0..7
   * @param bank bank of the result
   * @param slot slot of the result, from 0
   * @return this builder
   */
  public ProgramBuilder vector(
      LaneOp op, OperandSelect select, int slotA, int slotB, int constant, Bank bank, int slot) {
    return add(new VectorOp(op, select, slotA, slotB, constant, true, bank, slot));
  }

  /**
   * Appends V.MUL with the result in a slot.
   *
   * @param select its sources
   * @param slotA slot of bank A, from 0
   * @param slotB slot of bank B, from 0
   * @param constant constant register, 0..7
   * @param bank bank of the result
   * @param slot slot of the result, from 0
   * @return this builder
   */
  public ProgramBuilder mul(
      OperandSelect select, int slotA, int slotB, int constant, Bank bank, int slot) {
    return vector(LaneOp.MUL, select, slotA, slotB, constant, bank, slot);
  }

  /**
   * Appends V.ADD with the result in a slot.
   *
   * @param select its sources
   * @param slotA slot of bank A, from 0
   * @param slotB slot of bank B, from 0
   * @param constant constant register, 0..7
   * @param bank bank of the result
   * @param slot slot of the result, from 0
   * @return this builder
   */
  public ProgramBuilder add(
      OperandSelect select, int slotA, int slotB, int constant, Bank bank, int slot) {
    return vector(LaneOp.ADD, select, slotA, slotB, constant, bank, slot);
  }

  /**
   * Appends V.APP, which uses source 1 only, with the result in a slot.
   *
   * @param select its sources
   * @param slotA slot of bank A, from 0
   * @param slotB slot of bank B, from 0
   * @param constant constant register, 0..7
   * @param bank bank of the result
   * @param slot slot of the result, from 0
   * @return this builder
   */
  public ProgramBuilder app(
      OperandSelect select, int slotA, int slotB, int constant, Bank bank, int slot) {
    return vector(LaneOp.APP, select, slotA, slotB, constant, bank, slot);
  }

  /**
   * Appends V.MAX with the result in a slot.
   *
   * @param select its sources
   * @param slotA slot of bank A, from 0
   * @param slotB slot of bank B, from 0
   * @param constant constant register, 0..7
   * @param bank bank of the result
   * @param slot slot of the result, from 0
   * @return this builder
   */
  public ProgramBuilder max(
      OperandSelect select, int slotA, int slotB, int constant, Bank bank, int slot) {
    return vector(LaneOp.MAX, select, slotA, slotB, constant, bank, slot);
  }

  /**
   * Appends V.MIN with the result in a slot.
   *
   * @param select its sources
   * @param slotA slot of bank A, from 0
   * @param slotB slot of bank B, from 0
   * @param constant constant register, 0..7
   * @param bank bank of the result
   * @param slot slot of the result, from 0
   * @return this builder
   */
  public ProgramBuilder min(
      OperandSelect select, int slotA, int slotB, int constant, Bank bank, int slot) {
    return vector(LaneOp.MIN, select, slotA, slotB, constant, bank, slot);
  }

  /**
   * Appends V.FLOOR, which uses source 1 only, with the result in a slot.
   *
   * @param select its sources
   * @param slotA slot of bank A, from 0
   * @param slotB slot of bank B, from 0
   * @param constant constant register, 0..7
   * @param bank bank of the result
   * @param slot slot of the result, from 0
   * @return this builder
   */
  public ProgramBuilder floor(
      OperandSelect select, int slotA, int slotB, int constant, Bank bank, int slot) {
    return vector(LaneOp.FLOOR, select, slotA, slotB, constant, bank, slot);
  }

  /**
   * Appends V.EXP2I, which uses source 1 only, with the result in a slot.
   *
   * @param select its sources
   * @param slotA slot of bank A, from 0
   * @param slotB slot of bank B, from 0
   * @param constant constant register, 0..7
   * @param bank bank of the result
   * @param slot slot of the result, from 0
   * @return this builder
   */
  public ProgramBuilder exp2i(
      OperandSelect select, int slotA, int slotB, int constant, Bank bank, int slot) {
    return vector(LaneOp.EXP2I, select, slotA, slotB, constant, bank, slot);
  }

  /**
   * Appends a vector operation whose result goes to the dual-mode buffers.
   *
   * @param op the operation
   * @param select its sources
   * @param slotA slot of bank A, from 0
   * @param slotB slot of bank B, from 0
   * @param constant constant register, 0..7
   * @return this builder
   */
  public ProgramBuilder vectorToDmb(
      LaneOp op, OperandSelect select, int slotA, int slotB, int constant) {
    return add(new VectorOp(op, select, slotA, slotB, constant, false, Bank.A, 0));
  }

  /**
   * Appends STORE.M or STORE.V.
   *
   * @param mode conversion on the way
   * @param transpose whether result blocks are transposed
   * @param words buffer words, 1..256
   * @param address byte offset in the space, 0..2^32-1
   * @param bytes bytes moved, 0..65535
   * @return this builder
   */
  public ProgramBuilder store(
      StoreMode mode, boolean transpose, int words, long address, int bytes) {
    return add(new Store(mode, transpose, words, address, bytes));
  }

  /**
   * Appends STORE.S, for machines with a result path.
   *
   * @param mode conversion on the way, to bfloat16
   * @param bank bank of the slots
   * @param slot the first slot, from 0
   * @param words buffer words, 1..256
   * @return this builder
   */
  public ProgramBuilder storeSlots(StoreMode mode, Bank bank, int slot, int words) {
    return add(new StoreSlots(mode, bank, slot, words));
  }

  /**
   * Appends HALT.
   *
   * @return this builder
   */
  public ProgramBuilder halt() {
    return add(new Halt());
  }

  /** {@return instructions so far: the index of the next one} */
  public int size() {
    return instructions.size();
  }

  /** {@return the program} */
  public Program build() {
    return Program.of(instructions);
  }
}
