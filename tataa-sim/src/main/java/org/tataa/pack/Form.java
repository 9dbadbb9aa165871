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

  /** A value of its own for each item of a pair: one that has no rows yet. */
  record Apart() implements Form {
    /** Name of an item's value. */
    static String name(String value, int item) {
      return value + "/item" + item;
    }
  }

  /**
   * A value of its own for each {@link Places.Part}: rows of queries of a pair with the keys they
   * see, along the last two axes.
   *
   * @param isApart whether what belongs to nobody is zero
   */
  record Parts(boolean isApart) implements Form {
    /** Name of a part's value. */
    static String name(String value, int part) {
      return value + "/part" + part;
    }
  }
}
