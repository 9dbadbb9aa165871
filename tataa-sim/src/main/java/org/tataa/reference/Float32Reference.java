package org.tataa.reference;

import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;

/** float32 operations on EJML matrices {@code [rows][columns]}, the reference for every kernel. */
public final class Float32Reference {
  private Float32Reference() {}

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  private static String shape(FMatrixRMaj matrix) {
    return matrix.numRows + "x" + matrix.numCols;
  }

  /**
   * Matrix product.
   *
   * @throws IllegalArgumentException if the inner dimensions differ
   */
  public static FMatrixRMaj matmul(FMatrixRMaj a, FMatrixRMaj b) {
    require(
        a.numCols == b.numRows,
        "matmul: a is "
            + shape(a)
            + ", b is "
            + shape(b)
            + ": inner dimensions "
            + a.numCols
            + " and "
            + b.numRows
            + " differ");
    FMatrixRMaj product = new FMatrixRMaj(a.numRows, b.numCols);
    CommonOps_FDRM.mult(a, b, product);
    return product;
  }

  /** The transposed matrix. */
  public static FMatrixRMaj transpose(FMatrixRMaj a) {
    return CommonOps_FDRM.transpose(a, null);
  }

  /**
   * Linear layer {@code x w^T + bias}.
   *
   * @param x {@code [tokens][in]}
   * @param w {@code [out][in]}
   * @param bias {@code [out]}
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public static FMatrixRMaj linear(FMatrixRMaj x, FMatrixRMaj w, float[] bias) {
    require(
        x.numCols == w.numCols && bias.length == w.numRows,
        "linear: x is " + shape(x) + ", w is " + shape(w) + ", bias has " + bias.length);
    FMatrixRMaj y = new FMatrixRMaj(x.numRows, w.numRows);
    CommonOps_FDRM.multTransB(x, w, y);
    for (int row = 0; row < y.numRows; row++) {
      for (int column = 0; column < y.numCols; column++) {
        y.data[row * y.numCols + column] += bias[column];
      }
    }
    return y;
  }

  /**
   * Element-wise sum; {@code b} is as large as {@code a}, one row, one column or one value.
   *
   * @throws IllegalArgumentException if {@code b} cannot be broadcast
   */
  public static FMatrixRMaj add(FMatrixRMaj a, FMatrixRMaj b) {
    FMatrixRMaj sum = a.copy();
    for (int row = 0; row < a.numRows; row++) {
      for (int column = 0; column < a.numCols; column++) {
        sum.data[row * a.numCols + column] += broadcast(a, b, row, column);
      }
    }
    return sum;
  }

  /**
   * Element-wise product; {@code b} is as large as {@code a}, one row, one column or one value.
   *
   * @throws IllegalArgumentException if {@code b} cannot be broadcast
   */
  public static FMatrixRMaj multiply(FMatrixRMaj a, FMatrixRMaj b) {
    FMatrixRMaj product = a.copy();
    for (int row = 0; row < a.numRows; row++) {
      for (int column = 0; column < a.numCols; column++) {
        product.data[row * a.numCols + column] *= broadcast(a, b, row, column);
      }
    }
    return product;
  }

  private static float broadcast(FMatrixRMaj a, FMatrixRMaj b, int row, int column) {
    require(
        (b.numRows == a.numRows || b.numRows == 1) && (b.numCols == a.numCols || b.numCols == 1),
        "broadcast: a is " + shape(a) + ", b is " + shape(b));
    return b.get(b.numRows == 1 ? 0 : row, b.numCols == 1 ? 0 : column);
  }

  /** SoftMax of every row, the row maximum subtracted. */
  public static FMatrixRMaj softmaxRows(FMatrixRMaj x) {
    FMatrixRMaj result = x.copy();
    for (int row = 0; row < x.numRows; row++) {
      int base = row * x.numCols;
      float maximum = Float.NEGATIVE_INFINITY;
      for (int i = 0; i < x.numCols; i++) {
        maximum = Math.max(maximum, x.data[base + i]);
      }
      double sum = 0;
      for (int i = 0; i < x.numCols; i++) {
        result.data[base + i] = (float) Math.exp(x.data[base + i] - maximum);
        sum += result.data[base + i];
      }
      for (int i = 0; i < x.numCols; i++) {
        result.data[base + i] /= (float) sum;
      }
    }
    return result;
  }

  /** Sum of every row, {@code [rows][1]}. */
  public static FMatrixRMaj sumRows(FMatrixRMaj x) {
    return CommonOps_FDRM.sumRows(x, null);
  }

  /** Largest element of every row, {@code [rows][1]}. */
  public static FMatrixRMaj maxRows(FMatrixRMaj x) {
    return CommonOps_FDRM.maxRows(x, null);
  }

  /**
   * Layer normalisation of every row.
   *
   * @throws IllegalArgumentException if gamma or beta has a wrong length
   */
  public static FMatrixRMaj layerNorm(FMatrixRMaj x, float[] gamma, float[] beta, double epsilon) {
    require(
        gamma.length == x.numCols && beta.length == x.numCols,
        "layerNorm: x is "
            + shape(x)
            + ", gamma has "
            + gamma.length
            + ", beta has "
            + beta.length);
    FMatrixRMaj result = x.copy();
    for (int row = 0; row < x.numRows; row++) {
      int base = row * x.numCols;
      double mean = 0;
      for (int i = 0; i < x.numCols; i++) {
        mean += x.data[base + i];
      }
      mean /= x.numCols;
      double variance = 0;
      for (int i = 0; i < x.numCols; i++) {
        variance += (x.data[base + i] - mean) * (x.data[base + i] - mean);
      }
      double scale = 1 / Math.sqrt(variance / x.numCols + epsilon);
      for (int i = 0; i < x.numCols; i++) {
        result.data[base + i] = (float) ((x.data[base + i] - mean) * scale * gamma[i] + beta[i]);
      }
    }
    return result;
  }
}
