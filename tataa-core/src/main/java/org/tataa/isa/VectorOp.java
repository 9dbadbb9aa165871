package org.tataa.isa;

import java.util.Objects;
import org.tataa.numeric.LaneOp;

/**
 * One bfloat16 operation on all lanes. Slots, constant and destination that the operation does not
 * use are kept as encoded.
 *
 * @param op what each lane computes
 * @param select which sources it uses
 * @param slotA slot of bank A, 0..255 (31 in {@link Encoding#RELEASED} words)
 * @param slotB slot of bank B, 0..255 (31 in {@link Encoding#RELEASED} words)
 * @param constant constant register, 0..7
 * @param writeBack whether the result goes to a slot; otherwise to the dual-mode buffers
 * @param destBank bank of the result
 * @param destSlot slot of the result, 0..255 (31 in {@link Encoding#RELEASED} words)
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
   * @param op see the record
   * @param select see the record
   * @param slotA see the record
   * @param slotB see the record
   * @param constant see the record
   * @param writeBack see the record
   * @param destBank see the record
   * @param destSlot see the record
   * @throws IllegalArgumentException naming the field that is out of range
   */
  public VectorOp {
    Objects.requireNonNull(op, "op");
    Objects.requireNonNull(select, "select");
    Objects.requireNonNull(destBank, "destBank");
    Fields.range("slotA", slotA, 0, Encoding.WIDE.slots() - 1);
    Fields.range("slotB", slotB, 0, Encoding.WIDE.slots() - 1);
    Fields.range("constant", constant, 0, 7);
    Fields.range("destSlot", destSlot, 0, Encoding.WIDE.slots() - 1);
  }

  /** {@return whether it reads its bank A slot} */
  public boolean readsA() {
    return select.readsA(op);
  }

  /** {@return whether it reads its bank B slot} */
  public boolean readsB() {
    return select.readsB(op);
  }

  /** {@return whether only the EXTENDED profile has it: extension code above 0 (isa.md)} */
  public boolean isExtension() {
    return op.isExtension();
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
