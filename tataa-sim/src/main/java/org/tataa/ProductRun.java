package org.tataa;

import java.util.Objects;
import org.tataa.compiler.MatrixProduct;
import org.tataa.observe.Counters;
import org.tataa.sim.RunResult;

/** What an int8 matrix product gave and cost. */
public final class ProductRun {
  private final MatrixProduct.Result result;

  ProductRun(MatrixProduct.Result result) {
    this.result = result;
  }

  /** {@return rows of the product} */
  public int rows() {
    return result.m();
  }

  /** {@return columns of the product} */
  public int columns() {
    return result.n();
  }

  /**
   * {@return one value, a bfloat16 number}
   *
   * @param row row, from 0
   * @param column column, from 0
   * @throws IndexOutOfBoundsException if there is no such row or column
   */
  public float get(int row, int column) {
    return result.get(Objects.checkIndex(row, rows()), Objects.checkIndex(column, columns()));
  }

  /** {@return all values as a tensor {@code [rows][columns]}} */
  public Tensor values() {
    return Tensor.of(result.values(), rows(), columns());
  }

  /** {@return clock cycles until the last core was done} */
  public long cycles() {
    return result.run().cycles();
  }

  /** {@return seconds of the device at its clock} */
  public double seconds() {
    return result.run().seconds();
  }

  /** {@return int8 rate in GOPS; a multiply-accumulate is two operations, and padding is none} */
  public double gops() {
    return result.gops();
  }

  /** {@return share of the peak int8 rate, 0..1; padding does not count} */
  public double int8Utilisation() {
    return result.int8Utilisation();
  }

  /** {@return counters added over all cores; a copy} */
  public Counters counters() {
    return result.run().total();
  }

  /** {@return cycles and counters of every core} */
  public RunResult cores() {
    return result.run();
  }

  @Override
  public String toString() {
    return "product[" + rows() + "," + columns() + "] after " + cycles() + " cycles";
  }
}
