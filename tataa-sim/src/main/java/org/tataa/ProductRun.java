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

  /** Rows of the product. */
  public int rows() {
    return result.m();
  }

  /** Columns of the product. */
  public int columns() {
    return result.n();
  }

  /**
   * One value, a bfloat16 number.
   *
   * @throws IndexOutOfBoundsException if there is no such row or column
   */
  public float get(int row, int column) {
    return result.get(Objects.checkIndex(row, rows()), Objects.checkIndex(column, columns()));
  }

  /** All values as a tensor {@code [rows][columns]}. */
  public Tensor values() {
    return Tensor.of(result.values(), rows(), columns());
  }

  /** Clock cycles until the last core was done. */
  public long cycles() {
    return result.run().cycles();
  }

  /** Seconds of the device at its clock. */
  public double seconds() {
    return result.run().seconds();
  }

  /** int8 rate in GOPS; a multiply-accumulate is two operations, and padding is none. */
  public double gops() {
    return result.gops();
  }

  /** Share of the peak int8 rate, 0..1; padding does not count. */
  public double int8Utilisation() {
    return result.int8Utilisation();
  }

  /** Counters added over all cores; a copy. */
  public Counters counters() {
    return result.run().total();
  }

  /** Cycles and counters of every core. */
  public RunResult cores() {
    return result.run();
  }

  @Override
  public String toString() {
    return "product[" + rows() + "," + columns() + "] after " + cycles() + " cycles";
  }
}
