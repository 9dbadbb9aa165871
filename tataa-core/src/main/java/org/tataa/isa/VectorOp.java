package org.tataa.isa;

import java.util.Objects;
import org.tataa.numeric.LaneOp;

/**
 * One bfloat16 operation on all lanes.
 *
 * @param op what each lane computes
 * @param select which sources it uses
 * @param slotA slot of bank A, 0..31
 * @param slotB slot of bank B, 0..31
 * @param constant constant register, 0..7
 * @param writeBack whether the result goes to a slot; otherwise to the dual-mode buffers
 * @param destBank bank of the result
 * @param destSlot slot of the result, 0..31
 */
public record VectorOp(
    LaneOp op,
    OperandSelect select,
    int slotA,
    int slotB,
    int constant,
    boolean writeBack,
    Bank destBank,
    int destSlot)
    implements Instruction {
  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException naming the field that is out of range
   */
  public VectorOp {
    Objects.requireNonNull(op, "op");
    Objects.requireNonNull(select, "select");
    Objects.requireNonNull(destBank, "destBank");
    Fields.range("slotA", slotA, 0, 31);
    Fields.range("slotB", slotB, 0, 31);
    Fields.range("constant", constant, 0, 7);
    Fields.range("destSlot", destSlot, 0, 31);
  }

  /** Whether it reads its bank A slot. */
  public boolean readsA() {
    return select.readsA(op);
  }

  /** Whether it reads its bank B slot. */
  public boolean readsB() {
    return select.readsB(op);
  }

  @Override
  public String mnemonic() {
    return "V." + op;
  }

  @Override
  public String toString() {
    return Disassembler.format(this);
  }
}
