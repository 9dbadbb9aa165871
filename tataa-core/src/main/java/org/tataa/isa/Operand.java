package org.tataa.isa;

/** Which int8 operand a LOAD.M fills. */
public enum Operand {
  /** Activations of the array rows, through the X port. */
  X,
  /** Operands of the array columns, through the YZ port. */
  Y
}
