package org.tataa.compiler;

import java.util.Arrays;

/** An int8 matrix, row by row. */
public final class Int8Matrix {
  private final int rows;
  private final int columns;
  private final byte[] codes;

  /**
   * A matrix of known codes.
   *
   * @param codes {@code [rows][columns]}; copied
   * @throws IllegalArgumentException if a dimension is not positive or the number of codes another
   */
  public Int8Matrix(int rows, int columns, byte[] codes) {
    if (rows < 1 || columns < 1) {
      throw new IllegalArgumentException(
          "rows=" + rows + ", columns=" + columns + " must be positive");
    }
    if (codes.length != (long) rows * columns) {
      throw new IllegalArgumentException(
          codes.length
              + " codes, expected "
              + (long) rows * columns
              + " for "
              + rows
              + "x"
              + columns);
    }
    this.rows = rows;
    this.columns = columns;
    this.codes = codes.clone();
  }

  /** A matrix of one code. */
  public static Int8Matrix filled(int rows, int columns, int code) {
    byte[] codes = new byte[Math.multiplyExact(Math.max(0, rows), Math.max(0, columns))];
    Arrays.fill(codes, (byte) code);
    return new Int8Matrix(rows, columns, codes);
  }

  /** Rows. */
  public int rows() {
    return rows;
  }

  /** Columns. */
  public int columns() {
    return columns;
  }

  /** One code. */
  public int get(int row, int column) {
    return codes[row * columns + column];
  }

  /** Some rows of some columns. */
  Int8Matrix part(Range of, Range across) {
    byte[] part = new byte[of.length() * across.length()];
    for (int row = 0; row < of.length(); row++) {
      System.arraycopy(
          codes,
          (of.from() + row) * columns + across.from(),
          part,
          row * across.length(),
          across.length());
    }
    return new Int8Matrix(of.length(), across.length(), part);
  }

  /** The codes as bits of a constant. */
  short[] bits() {
    short[] bits = new short[codes.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = codes[i];
    }
    return bits;
  }

  /**
   * Rows or columns that follow each other.
   *
   * @param from first one
   * @param to the one after the last
   */
  record Range(int from, int to) {
    int length() {
      return to - from;
    }
  }

  @Override
  public String toString() {
    return "int8[" + rows + "," + columns + "]";
  }
}
