package org.tataa.isa;

/** The two vector banks of the register file; bank A is filled through the X port, B through YZ. */
public enum Bank {
  /** Bank 0. */
  A,
  /** Bank 1. */
  B
}
