package org.tataa.array;

import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.OperandSelect;
import org.tataa.isa.Program;
import org.tataa.isa.VectorOp;
import org.tataa.numeric.LaneOp;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;

/**
 * The vector operations on their way: which one is in which register of the four stages, one start
 * per cycle.
 *
 * <pre>
 *  position  0         1    2  3   4    5  6   7    8  9   10   11 12   13
 *            operands  L,R  M  P | L,R  M  P | L,R  M  P | L,R  M  P  | result
 *            read      S0          S1          S2          S3
 * </pre>
 *
 * <p>Operations enter and leave in order, so this is a ring. What stands in the PEs is the array's
 * business; operands before and results behind them are here.
 */
public final class VectorPipeline {
  /** One operation. Fields are registers; times are in cycles. */
  public static final class Operation {
    /** Its place in the ring. */
    final int place;

    /** Instruction index. */
    public int index;

    /** exec_start of the operation. */
    public long startCycle;

    /** The operation, with its operand and destination fields. */
    public VectorOp instruction = NONE;

    /** Value of the selected constant register when the operation was accepted. */
    public int constantBits;

    /** Where it is, {@link #WAITING}..{@link #RESULT}. */
    public int position;

    /** First operand of every lane, after selection and negation, at position 0. */
    public final int[] operandA;

    /** Second operand of every lane, after selection and negation, at position 0. */
    public final int[] operandB;

    /** What every lane gave, at {@link #RESULT}. */
    public final int[] result;

    /** The position up to which the fast array has computed its registers. */
    int settled;

    private Operation(int place, int lanes) {
      this.place = place;
      operandA = new int[lanes];
      operandB = new int[lanes];
      result = new int[lanes];
    }

    /** What every lane computes. */
    LaneOp op() {
      return instruction.op();
    }
  }

  /** Position of an operation whose operands have not been read. */
  public static final int WAITING = -1;

  /** Position of an operation whose result waits for the write port. */
  public static final int RESULT = 1 + Dmpu.ROWS * ProcessingElement.REGISTERS;

  private static final VectorOp NONE =
      new VectorOp(LaneOp.MUL, OperandSelect.A_B, 0, 0, 0, false, Bank.A, 0);

  private final Operation[] ring;
  private int head;
  private int size;

  /** Nothing in flight. */
  VectorPipeline(TataaConfig config) {
    this(
        config.geometry().lanes(),
        config.timing().startLatency() + config.timing().vectorCaptureLatency() + 2);
  }

  /**
   * Nothing in flight.
   *
   * @param capacity most operations at once
   */
  VectorPipeline(int lanes, int capacity) {
    ring = new Operation[capacity];
    for (int i = 0; i < capacity; i++) {
      ring[i] = new Operation(i, lanes);
    }
  }

  /** The position in a register of a stage. */
  static int position(int stage, int register) {
    return 1 + ProcessingElement.REGISTERS * stage + register;
  }

  /** Forgets all operations. */
  public void reset() {
    head = 0;
    size = 0;
  }

  /** Most operations in flight at once. */
  int capacity() {
    return ring.length;
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
  public Operation inFlight(int i) {
    int place = head + i;
    return ring[place < ring.length ? place : place - ring.length];
  }

  /** The operation at a position between operands and result, or null. */
  @Nullable Operation at(int position) {
    for (int i = 0; i < size; i++) {
      if (inFlight(i).position == position) {
        return inFlight(i);
      }
    }
    return null;
  }

  /** Enters an operation. */
  public Operation enter(int index, long startCycle, VectorOp instruction, int constantBits) {
    if (size == ring.length) {
      throw new IllegalStateException("vector pipeline holds " + size + " operations already");
    }
    Operation operation = inFlight(size);
    size++;
    operation.index = index;
    operation.startCycle = startCycle;
    operation.instruction = instruction;
    operation.constantBits = constantBits;
    operation.position = WAITING;
    operation.settled = 0;
    return operation;
  }

  /** Removes the oldest operation, whose result has been captured. */
  public void leave() {
    head = head + 1 == ring.length ? 0 : head + 1;
    size--;
  }

  /**
   * Passes a chain over the operations in flight.
   *
   * @param program what their indices count in
   * @throws ScanException if a restored index is not that of a vector operation
   */
  public void scan(ScanChain chain, Program program) {
    size = chain.scanChoice("vector.size", size, ring.length + 1);
    for (int i = 0; i < size; i++) {
      Operation operation = inFlight(i);
      chain.unit("vector[" + i + "]");
      operation.index = chain.scanChoice("index", operation.index, program.size());
      if (operation.index < 0 || !(program.instruction(operation.index) instanceof VectorOp op)) {
        throw new ScanException("instruction " + operation.index + " is not a vector operation");
      }
      operation.instruction = op;
      operation.startCycle = chain.scan("start", operation.startCycle);
      operation.constantBits = chain.scan("constant", operation.constantBits);
      operation.position = chain.scanChoice("position", operation.position, RESULT + 1);
      if (operation.position <= 0) {
        operation.settled = 0;
      }
      if (operation.position == 0) {
        chain.scan("a", operation.operandA);
        chain.scan("b", operation.operandB);
      } else if (operation.position == RESULT) {
        chain.scan("result", operation.result);
        operation.settled = RESULT;
      }
    }
    chain.unit("");
  }
}
