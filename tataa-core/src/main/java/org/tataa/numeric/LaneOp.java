package org.tataa.numeric;

/** What one bfloat16 lane can compute (isa.md). */
public enum LaneOp {
  /** Product. */
  MUL(2, true),
  /** Sum. */
  ADD(2, false),
  /** The integer step of the fast inverse square root. */
  APP(1, true),
  /** Larger value; NaN loses. */
  MAX(2, false),
  /** Smaller value; NaN loses. */
  MIN(2, false),
  /** Integer below. */
  FLOOR(1, false),
  /** Two to the power of the integer below. */
  EXP2I(1, false);

  private final int operands;
  private final boolean multiplyType;

  LaneOp(int operands, boolean multiplyType) {
    this.operands = operands;
    this.multiplyType = multiplyType;
  }

  /** Operands it uses: 1 (source 1 only) or 2. */
  public int operands() {
    return operands;
  }

  /** Whether only the EXTENDED instruction set has it: extension code above 0 (isa.md). */
  public boolean isExtension() {
    return switch (this) {
      case MUL, ADD, APP -> false;
      case MAX, MIN, FLOOR, EXP2I -> true;
    };
  }

  /** Whether the array runs it in multiply mode; otherwise in add mode (timing.md). */
  public boolean isMultiplyType() {
    return multiplyType;
  }
}
