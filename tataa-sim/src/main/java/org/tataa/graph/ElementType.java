package org.tataa.graph;

/** What the elements of a tensor are. All floating-point types of a file become float32. */
public enum ElementType {
  /** float32. */
  FLOAT,
  /** Integers of any width, kept in 64 bits. */
  INT,
  /** Truth values, kept as 0 and 1. */
  BOOL
}
