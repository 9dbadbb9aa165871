package org.tataa.config;

/** How a partial sum leaves the 48-bit register of a PE (arithmetic.md, int8 products). */
public enum AccumulatorKind {
  /** The packed register read out whole: a 19-bit low field and a 29-bit, borrow-corrected high. */
  PACKED_FULL,
  /** The prototype: two 16-bit fields cut out of the packed register. */
  PACKED_INT16,
  /** One exact 32-bit sum per output; an idealisation no DSP48E2 provides. */
  INT32
}
