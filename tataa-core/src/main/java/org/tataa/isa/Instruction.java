package org.tataa.isa;

/**
 * One instruction (isa.md). All implementations are immutable records that can be encoded; their
 * text is their assembly line.
 */
public sealed interface Instruction
    permits Nop, ConfigScale, ConfigConst, Halt, LoadM, LoadV, MatMul, VectorOp, BufferStore {
  /** {@return the mnemonic in the assembly language, for example {@code LOAD.M}} */
  String mnemonic();
}
