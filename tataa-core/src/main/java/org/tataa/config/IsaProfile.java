package org.tataa.config;

/** Which vector operations a program may use (functions.md, isa.md). */
public enum IsaProfile {
  /** V.MUL, V.ADD and V.APP only, as published. */
  PUBLISHED,
  /** Adds V.MAX, V.MIN, V.FLOOR and V.EXP2I in encodings the published format leaves unused. */
  EXTENDED
}
