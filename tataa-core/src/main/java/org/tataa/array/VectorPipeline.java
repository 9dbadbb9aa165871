package org.tataa.array;

import org.tataa.config.ArithmeticProfile;
import org.tataa.isa.Bank;
import org.tataa.isa.OperandSelect;
import org.tataa.isa.Program;
import org.tataa.isa.VectorOp;
import org.tataa.numeric.ColumnRegisters;
import org.tataa.numeric.ColumnStages;
import org.tataa.numeric.LaneOp;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;

/**
 * The bfloat16 columns of one core: up to {@code capacity} operations on their way through the four
 * stages, one start per cycle (architecture.md, PE bf16 mode).
 *
 * <p>Operations enter and leave in order, so the pipeline is a ring of slots. Each slot owns the
 * registers its operation has filled so far.
 */
public final class VectorPipeline {
  /** What the pipeline holds for one operation. Fields are registers; times are in cycles. */
  public static final class Slot {
    /** Instruction index. */
    public int index;

    /** exec_start of the operation. */
    public long startCycle;

    /** The operation, with its operand and destination fields. */
    public VectorOp instruction = NONE;

    /** Value of the selected constant register when the operation was accepted. */
    public int constantBits;

    /** Whether the operands have been read. */
    public boolean hasOperands;

    /** Number of stages this operation has reached, 0..4. */
    public int stagesDone;

    /** Number of stages whose registers have been computed; the rest is left to settling. */
    int stagesComputed;

    /** First operand of every lane, after selection and negation. */
    public final int[] operandA;

    /** Second operand of every lane, after selection and negation. */
    public final int[] operandB;

    /** Stage registers of every lane. */
    public final ColumnRegisters registers;

    private Slot(int lanes) {
      operandA = new int[lanes];
      operandB = new int[lanes];
      registers = new ColumnRegisters(lanes);
    }
  }

  /** Stages of a column, one per PE row of a DMPU. */
  public static final int STAGES = 4;

  private static final VectorOp NONE =
      new VectorOp(LaneOp.MUL, OperandSelect.A_B, 0, 0, 0, false, Bank.A, 0);

  private final Slot[] slots;
  private final ColumnStages stages;
  private int head;
  private int size;

  /** An empty pipeline. */
  public VectorPipeline(int lanes, int capacity, ArithmeticProfile profile) {
    slots = new Slot[capacity];
    for (int i = 0; i < capacity; i++) {
      slots[i] = new Slot(lanes);
    }
    stages = ColumnStages.of(profile);
  }

  /** Forgets all operations in flight. */
  public void reset() {
    head = 0;
    size = 0;
  }

  /** Operations in flight. */
  public int size() {
    return size;
  }

  /**
   * The {@code i}-th oldest operation in flight.
   *
   * @param i 0..size()-1
   */
  public Slot inFlight(int i) {
    int place = head + i;
    return slots[place < slots.length ? place : place - slots.length];
  }

  /** Enters an operation. */
  public Slot enter(int index, long startCycle, VectorOp instruction, int constantBits) {
    if (size == slots.length) {
      throw new IllegalStateException("vector pipeline holds " + size + " operations already");
    }
    Slot slot = inFlight(size);
    size++;
    slot.index = index;
    slot.startCycle = startCycle;
    slot.instruction = instruction;
    slot.constantBits = constantBits;
    slot.hasOperands = false;
    slot.stagesDone = 0;
    slot.stagesComputed = 0;
    return slot;
  }

  /** The operation reaches its next stage, whose registers are computed. */
  public void advance(Slot slot) {
    slot.stagesDone++;
    settle(slot);
  }

  /** Computes the registers of every stage that an operation has reached. */
  public void settle() {
    for (int i = 0; i < size; i++) {
      settle(inFlight(i));
    }
  }

  private void settle(Slot slot) {
    for (; slot.stagesComputed < slot.stagesDone; slot.stagesComputed++) {
      compute(slot, slot.stagesComputed);
    }
  }

  private void compute(Slot slot, int stage) {
    LaneOp op = slot.instruction.op();
    switch (stage) {
      case 0 -> stages.stage0(op, slot.operandA, slot.operandB, slot.registers);
      case 1 -> stages.stage1(op, slot.registers);
      case 2 -> stages.stage2(op, slot.registers);
      case 3 -> stages.stage3(op, slot.registers);
      default -> throw new IllegalStateException("operation has passed all four stages");
    }
  }

  /** The result of an operation, which passes all its stages. */
  public int[] result(Slot slot) {
    slot.stagesDone = STAGES;
    settle(slot);
    return slot.registers.result;
  }

  /** Removes the oldest operation, whose result has been captured. */
  public void leave() {
    head = head + 1 == slots.length ? 0 : head + 1;
    size--;
  }

  /**
   * Passes a chain over the operations in flight.
   *
   * @param program what their indices count in
   * @throws ScanException if a restored index is not that of a vector operation
   */
  public void scan(ScanChain chain, Program program) {
    size = chain.scanChoice("vector.size", size, slots.length + 1);
    for (int i = 0; i < size; i++) {
      Slot slot = inFlight(i);
      slot.index = chain.scanChoice("vector.index", slot.index, program.size());
      if (slot.index < 0 || !(program.instruction(slot.index) instanceof VectorOp op)) {
        throw new ScanException("instruction " + slot.index + " is not a vector operation");
      }
      slot.instruction = op;
      slot.startCycle = chain.scan("vector.start", slot.startCycle);
      slot.constantBits = chain.scan("vector.constant", slot.constantBits);
      slot.hasOperands = chain.scan("vector.hasOperands", slot.hasOperands);
      slot.stagesDone = chain.scanChoice("vector.stages", slot.stagesDone, STAGES + 1);
      slot.stagesComputed = slot.stagesDone;
      if (slot.hasOperands) {
        chain.scan("vector.a", slot.operandA);
        chain.scan("vector.b", slot.operandB);
      }
      slot.registers.scan(chain, slot.stagesDone);
    }
  }

  /**
   * The registers of one stage of one lane: those of the youngest operation that has reached it.
   *
   * @param stage 0..3
   * @param lane 0..lanes-1
   */
  public StageView view(int stage, int lane) {
    for (int i = size - 1; i >= 0; i--) {
      Slot slot = inFlight(i);
      if (slot.stagesDone > stage) {
        return new StageView(
            stage, lane, slot.index, slot.instruction.op(), slot.registers.describe(lane, stage));
      }
    }
    return new StageView(stage, lane, -1, LaneOp.MUL, "empty");
  }
}
