package org.tataa.graph;

import java.util.Arrays;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;
import org.jspecify.annotations.Nullable;

/** Products of matrices: of floats rounded in the order of the depth, of integers exact. */
final class LinearAlgebra {
  /** Columns from which on rows are worth adding as a whole. */
  private static final int WIDE = 16;

  private LinearAlgebra() {}

  static NdTensor matmul(NdTensor a, NdTensor b) {
    if (a.rank() == 0 || b.rank() == 0) {
      throw new GraphException("cannot multiply " + a + " and " + b);
    }
    NdTensor left = a.rank() == 1 ? a.reshaped(1, a.dim(0)) : a;
    NdTensor right = b.rank() == 1 ? b.reshaped(b.dim(0), 1) : b;
    int rows = left.dim(-2);
    int depth = left.dim(-1);
    int columns = right.dim(-1);
    if (right.dim(-2) != depth || a.type() != b.type() || a.type() == ElementType.BOOL) {
      throw new GraphException("cannot multiply " + a + " and " + b);
    }
    int[] batchA = Arrays.copyOf(left.shape(), left.rank() - 2);
    int[] batchB = Arrays.copyOf(right.shape(), right.rank() - 2);
    int[] batch = Broadcast.shape(batchA, batchB);
    int[] shape = Arrays.copyOf(batch, batch.length + 2);
    shape[batch.length] = rows;
    shape[batch.length + 1] = columns;
    int size = NdTensor.resultElements(shape);
    NdTensor product;
    if (!a.isKnown() || !b.isKnown()) {
      product = NdTensor.unknown(a.type(), shape);
    } else if (a.type() == ElementType.INT) {
      product =
          integers(
              left,
              right,
              Broadcast.indices(batchA, batch),
              Broadcast.indices(batchB, batch),
              shape);
    } else if (batchB.length == 0) {
      // One matrix for all batches: one tall product.
      float[] to = new float[size];
      multiply(
          left.floats(),
          0,
          right.floats(),
          0,
          to,
          0,
          columns == 0 ? 0 : size / columns,
          depth,
          columns);
      product = NdTensor.of(to, shape);
    } else {
      float[] to = new float[size];
      int[] fromA = Broadcast.indices(batchA, batch);
      int[] fromB = Broadcast.indices(batchB, batch);
      for (int i = 0; i < fromA.length; i++) {
        multiply(
            left.floats(),
            fromA[i] * rows * depth,
            right.floats(),
            fromB[i] * depth * columns,
            to,
            i * rows * columns,
            rows,
            depth,
            columns);
      }
      product = NdTensor.of(to, shape);
    }
    if (a.rank() > 1 && b.rank() > 1) {
      return product;
    }
    int[] reduced = Arrays.copyOf(batch, batch.length + (a.rank() > 1 || b.rank() > 1 ? 1 : 0));
    if (reduced.length > batch.length) {
      reduced[batch.length] = a.rank() > 1 ? rows : columns;
    }
    return product.reshaped(reduced);
  }

  private static NdTensor integers(
      NdTensor left, NdTensor right, int[] fromA, int[] fromB, int[] shape) {
    int rows = left.dim(-2);
    int depth = left.dim(-1);
    int columns = right.dim(-1);
    long[] a = left.longs();
    long[] b = right.longs();
    long[] to = new long[NdTensor.resultElements(shape)];
    for (int i = 0; i < fromA.length * rows; i++) {
      int batch = i / rows;
      int rowOfA = (fromA[batch] * rows + i % rows) * depth;
      for (int k = 0; k < depth; k++) {
        long factor = a[rowOfA + k];
        int rowOfB = (fromB[batch] * depth + k) * columns;
        for (int j = 0; factor != 0 && j < columns; j++) {
          to[i * columns + j] += factor * b[rowOfB + j];
        }
      }
    }
    return NdTensor.of(to, shape);
  }

  private static void multiply(
      float[] a,
      int fromA,
      float[] b,
      int fromB,
      float[] to,
      int at,
      int rows,
      int depth,
      int columns) {
    if (rows == 0 || columns == 0 || depth == 0) {
      return;
    }
    if (columns >= WIDE) {
      FloatProduct.multiply(a, fromA, b, fromB, to, at, rows, depth, columns);
      return;
    }
    FMatrixRMaj product = new FMatrixRMaj(rows, columns);
    CommonOps_FDRM.mult(matrix(a, fromA, rows, depth), matrix(b, fromB, depth, columns), product);
    System.arraycopy(product.data, 0, to, at, rows * columns);
  }

  private static FMatrixRMaj matrix(float[] data, int from, int rows, int columns) {
    return from == 0 && data.length == rows * columns
        ? FMatrixRMaj.wrap(rows, columns, data)
        : FMatrixRMaj.wrap(rows, columns, Arrays.copyOfRange(data, from, from + rows * columns));
  }

  static NdTensor gemm(Node node, NdTensor a, NdTensor b, @Nullable NdTensor c) {
    if (a.rank() != 2 || b.rank() != 2) {
      throw new GraphException("expected matrices, found " + a + " and " + b);
    }
    NdTensor left = node.integer("transA", 0) != 0 ? DataMovement.transpose(a, null) : a;
    NdTensor right = node.integer("transB", 0) != 0 ? DataMovement.transpose(b, null) : b;
    NdTensor product = matmul(left, right);
    float alpha = node.number("alpha", 1);
    if (product.type() == ElementType.INT && (alpha != 1 || node.number("beta", 1) != 1)) {
      throw new GraphException("alpha and beta of integer matrices are not supported");
    }
    if (alpha != 1) {
      product = Elementwise.unary(product, x -> x * alpha);
    }
    if (c == null) {
      return product;
    }
    float beta = node.number("beta", 1);
    return Elementwise.binary(product, c, (x, y) -> (float) x + beta * (float) y, Math::addExact);
  }
}
