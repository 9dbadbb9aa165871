package org.tataa.isa;

import org.tataa.numeric.LaneOp;

/** Source 1 and source 2 of a vector operation; the ordinal is the encoding (isa.md). */
public enum OperandSelect {
  /** A, B. */
  A_B,
  /** A, A. */
  A_A,
  /** B, B. */
  B_B,
  /** A, -B. */
  A_NEG_B,
  /** A, C. */
  A_C,
  /** -A, C. */
  NEG_A_C,
  /** C, B. */
  C_B,
  /** C, -B. */
  C_NEG_B;

  /** Whether an operation of {@code operands} sources reads bank A. */
  public boolean readsA(LaneOp op) {
    return this == A_B || this == A_A || this == A_NEG_B || this == A_C || this == NEG_A_C;
  }

  /** Whether an operation reads bank B; one-operand operations use source 1 only. */
  public boolean readsB(LaneOp op) {
    return this == B_B
        || (op.operands() == 2 && (this == A_B || this == A_NEG_B || this == C_B || this == C_NEG_B));
  }
}
