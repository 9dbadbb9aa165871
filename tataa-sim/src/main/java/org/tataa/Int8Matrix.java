package org.tataa;

import java.util.Objects;

/** An immutable matrix of 8-bit integers, row by row. */
public final class Int8Matrix {
  private final org.tataa.compiler.Int8Matrix codes;

  private Int8Matrix(org.tataa.compiler.Int8Matrix codes) {
    this.codes = codes;
  }

  /**
   * {@return a matrix of known numbers}
   *
   * @param rows number of rows
   * @param columns number of columns
   * @param codes {@code [rows][columns]}; copied
   * @throws IllegalArgumentException if a dimension is not positive, or there are not {@code rows *
   *     columns} numbers
   */
  public static Int8Matrix of(int rows, int columns, byte... codes) {
    return new Int8Matrix(new org.tataa.compiler.Int8Matrix(rows, columns, codes));
  }

  /**
   * {@return a matrix of one number}
   *
   * @param rows number of rows
   * @param columns number of columns
   * @param code [-128, 127]
   * @throws IllegalArgumentException if a dimension is not positive, or the number is out of range
   */
  public static Int8Matrix filled(int rows, int columns, int code) {
    if (code != (byte) code) {
      throw new IllegalArgumentException("code=" + code + ", expected -128..127");
    }
    return new Int8Matrix(org.tataa.compiler.Int8Matrix.filled(rows, columns, code));
  }

  /** {@return number of rows} */
  public int rows() {
    return codes.rows();
  }

  /** {@return number of columns} */
  public int columns() {
    return codes.columns();
  }

  /**
   * {@return one number}
   *
   * @param row row, from 0
   * @param column column, from 0
   * @throws IndexOutOfBoundsException if there is no such row or column
   */
  public int get(int row, int column) {
    return codes.get(Objects.checkIndex(row, rows()), Objects.checkIndex(column, columns()));
  }

  org.tataa.compiler.Int8Matrix internal() {
    return codes;
  }

  @Override
  public String toString() {
    return codes.toString();
  }
}
