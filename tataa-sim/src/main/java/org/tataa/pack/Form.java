package org.tataa.pack;

/**
 * How the values that the items have of one name lie in the packed value. Axes count from the end,
 * -1 is the last, so that broadcasting does not change them.
 */
sealed interface Form {
  /**
   * One after the other along an axis.
   *
   * @param axis the axis, negative
   */
  record Along(int axis) implements Form {}

  /**
   * On the diagonal of two axes, as products of every row of every item with every other one are.
   * What is beside the diagonal belongs to nobody.
   *
   * @param rows axis of the rows, negative
   * @param columns axis of the columns, negative
   * @param isApart whether what is beside the diagonal is zero
   */
  record Diagonal(int rows, int columns, boolean isApart) implements Form {}
}
