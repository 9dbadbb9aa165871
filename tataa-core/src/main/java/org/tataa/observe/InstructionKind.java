package org.tataa.observe;

import org.tataa.isa.BufferStore;
import org.tataa.isa.Halt;
import org.tataa.isa.Instruction;
import org.tataa.isa.LoadM;
import org.tataa.isa.LoadV;
import org.tataa.isa.MatMul;
import org.tataa.isa.Nop;
import org.tataa.isa.VectorOp;

/** The instruction groups that counters distinguish. */
public enum InstructionKind {
  /** No operation. */
  NOP,
  /** CONFIG.SCALE and CONFIG.CONST. */
  CONFIG,
  /** End of program. */
  HALT,
  /** LOAD.M. */
  LOAD_MATRIX,
  /** LOAD.V. */
  LOAD_VECTOR,
  /** MATMUL. */
  MATMUL,
  /** V.MUL and V.APP. */
  VECTOR_MULTIPLY,
  /** V.ADD and the extended operations. */
  VECTOR_ADD,
  /** STORE.M and STORE.V, and STORE.S. */
  STORE;

  /**
   * {@return the group of an instruction}
   *
   * @param instruction the instruction
   */
  public static InstructionKind of(Instruction instruction) {
    if (instruction instanceof VectorOp op) {
      return op.op().isMultiplyType() ? VECTOR_MULTIPLY : VECTOR_ADD;
    } else if (instruction instanceof MatMul) {
      return MATMUL;
    } else if (instruction instanceof LoadM) {
      return LOAD_MATRIX;
    } else if (instruction instanceof LoadV) {
      return LOAD_VECTOR;
    } else if (instruction instanceof BufferStore) {
      return STORE;
    } else if (instruction instanceof Nop) {
      return NOP;
    } else if (instruction instanceof Halt) {
      return HALT;
    }
    return CONFIG;
  }
}
