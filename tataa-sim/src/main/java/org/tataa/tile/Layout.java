package org.tataa.tile;

/**
 * How the elements of a tensor lie in a buffer: a buffer of n storage places (2 bytes for bfloat16,
 * 1 for int8), each with at most one element; an element may stand at several places.
 */
public interface Layout {
  /** Number of storage places. */
  int places();

  /**
   * For each storage place the row-major number of the element that stands there, or -1 for
   * padding. Shared, not to be written to.
   */
  int[] elements();

  /** For each element a storage place it stands at. Shared, not to be written to. */
  int[] placeOf();

  /** A short text, as {@code rows 0,1 lanes 2 exchanged}. */
  String describe();
}
