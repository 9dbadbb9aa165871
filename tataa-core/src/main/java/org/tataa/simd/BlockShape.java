package org.tataa.simd;

/**
 * What a block product is made for.
 *
 * @param rows rows of the array
 * @param columns columns of the array
 * @param outputsPerColumn weights of a column in a word, 1 or 2
 * @param packed whether the two weights of a column go through one pre-adder
 * @param tileDepth most words of a block
 */
public record BlockShape(
    int rows, int columns, int outputsPerColumn, boolean packed, int tileDepth) {
  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException naming the component that is out of range
   */
  public BlockShape {
    atLeastOne("rows", rows);
    atLeastOne("columns", columns);
    atLeastOne("tileDepth", tileDepth);
    if (outputsPerColumn < 1 || outputsPerColumn > 2) {
      throw new IllegalArgumentException(
          "outputsPerColumn=" + outputsPerColumn + " is out of range 1..2");
    }
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + "=" + value + " is below 1");
    }
  }

  /** Outputs of one row: the bytes of one Y word that are used. */
  public int outputs() {
    return columns * outputsPerColumn;
  }

  /** This shape with another most depth of a block. */
  public BlockShape withTileDepth(int words) {
    return new BlockShape(rows, columns, outputsPerColumn, packed, words);
  }

  /** Whether the two weights of a column go through one pre-adder: there are two, and they do. */
  public boolean hasPackedPairs() {
    return packed && outputsPerColumn == 2;
  }

  /**
   * Checks the depth of a block.
   *
   * @throws IllegalArgumentException if it is more than the tile depth
   */
  public void checkDepth(int depth) {
    if (depth > tileDepth) {
      throw new IllegalArgumentException("depth=" + depth + " is above tileDepth=" + tileDepth);
    }
  }
}
