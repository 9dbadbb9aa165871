package org.tataa.graph;

import java.util.Arrays;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;
import org.jspecify.annotations.Nullable;

/** Products on EJML. */
final class LinearAlgebra {
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
    if (right.dim(-2) != depth || a.type() != ElementType.FLOAT || b.type() != ElementType.FLOAT) {
      throw new GraphException("cannot multiply " + a + " and " + b);
    }
    int[] batchA = Arrays.copyOf(left.shape(), left.rank() - 2);
    int[] batchB = Arrays.copyOf(right.shape(), right.rank() - 2);
    int[] batch = Broadcast.shape(batchA, batchB);
    int[] shape = Arrays.copyOf(batch, batch.length + 2);
    shape[batch.length] = rows;
    shape[batch.length + 1] = columns;
    int size = NdTensor.elements(shape);
    NdTensor product;
    if (!a.isKnown() || !b.isKnown()) {
      product = NdTensor.unknown(ElementType.FLOAT, shape);
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
    if (alpha != 1) {
      product = Elementwise.unary(product, x -> x * alpha);
    }
    if (c == null) {
      return product;
    }
    float beta = node.number("beta", 1);
    return Elementwise.binary(product, c, (x, y) -> (float) x + beta * (float) y, Math::addExact);
  }

  /**
   * Patches of an image under a kernel as rows of a matrix.
   *
   * @return {@code [batch * rows * columns of the result][channels * kernel rows * columns]}
   */
  static NdTensor patches(Node node, NdTensor x, int[] kernel, int[] result) {
    long[] strides = window(node, "strides", 1);
    long[] dilations = window(node, "dilations", 1);
    long[] pads = pads(node);
    int channels = x.dim(1);
    int height = x.dim(2);
    int width = x.dim(3);
    int depth = channels * kernel[0] * kernel[1];
    int[] shape = {x.dim(0) * result[0] * result[1], depth};
    int size = NdTensor.elements(shape);
    if (!x.isKnown()) {
      return NdTensor.unknown(x.type(), shape);
    }
    int[] index = new int[size];
    int next = 0;
    for (int n = 0; n < x.dim(0); n++) {
      for (int row = 0; row < result[0]; row++) {
        for (int column = 0; column < result[1]; column++) {
          for (int c = 0; c < channels; c++) {
            for (int i = 0; i < kernel[0]; i++) {
              for (int j = 0; j < kernel[1]; j++) {
                long y = row * strides[0] + i * dilations[0] - pads[0];
                long z = column * strides[1] + j * dilations[1] - pads[1];
                boolean inside = y >= 0 && y < height && z >= 0 && z < width;
                index[next++] =
                    inside ? (int) (((n * (long) channels + c) * height + y) * width + z) : -1;
              }
            }
          }
        }
      }
    }
    return DataMovement.take(x, shape, index, 0);
  }

  /**
   * The fused operator Patches: windows of an image {@code [n][c][h][w]} as rows, {@code [n][rows *
   * columns][c * kernel]}; attribute {@code kernel}, and those of Conv.
   */
  static NdTensor patches(Node node, NdTensor x) {
    long[] kernel = node.integers("kernel");
    if (kernel == null || kernel.length != 2) {
      throw new GraphException("kernel is missing");
    }
    NdTensor weights =
        NdTensor.unknown(
            ElementType.FLOAT,
            1,
            x.dim(1),
            DataMovement.checked(kernel[0]),
            DataMovement.checked(kernel[1]));
    int[] result = convolved(node, x, weights);
    NdTensor rows = patches(node, x, new int[] {weights.dim(2), weights.dim(3)}, result);
    return rows.reshaped(x.dim(0), result[0] * result[1], rows.dim(1));
  }

  private static long[] window(Node node, String attribute, long missing) {
    long[] values = node.integers(attribute);
    if (values == null) {
      return new long[] {missing, missing};
    }
    if (values.length != 2 || values[0] <= 0 || values[1] <= 0) {
      throw new GraphException(attribute + " " + Arrays.toString(values) + " are not 2 positive");
    }
    return values;
  }

  private static long[] pads(Node node) {
    long[] pads = node.integers("pads");
    String automatic = node.text("auto_pad", "NOTSET");
    if (!automatic.equals("NOTSET") && !automatic.equals("VALID")) {
      throw new GraphException("auto_pad " + automatic + " is not supported; give pads");
    }
    if (pads == null) {
      return new long[4];
    }
    if (pads.length != 4) {
      throw new GraphException("pads " + Arrays.toString(pads) + " are not 4");
    }
    return pads;
  }

  /** Rows and columns of the result of a two-dimensional convolution. */
  static int[] convolved(Node node, NdTensor x, NdTensor w) {
    if (x.rank() != 4 || w.rank() != 4 || x.dim(1) != w.dim(1) || node.integer("group", 1) != 1) {
      throw new GraphException(
          "expected an image [n][c][h][w] and kernels [o][c][kh][kw] in one group, found "
              + x
              + " and "
              + w
              + ", group "
              + node.integer("group", 1));
    }
    long[] strides = window(node, "strides", 1);
    long[] dilations = window(node, "dilations", 1);
    long[] pads = pads(node);
    int[] result = new int[2];
    for (int i = 0; i < 2; i++) {
      long room = x.dim(2 + i) + pads[i] + pads[i + 2] - dilations[i] * (w.dim(2 + i) - 1) - 1;
      if (room < 0) {
        throw new GraphException("kernel " + w + " is larger than image " + x);
      }
      result[i] = DataMovement.checked(room / strides[i] + 1);
    }
    return result;
  }

  static NdTensor conv(Node node, NdTensor x, NdTensor w, @Nullable NdTensor bias) {
    int[] result = convolved(node, x, w);
    int outputs = w.dim(0);
    NdTensor rows = patches(node, x, new int[] {w.dim(2), w.dim(3)}, result);
    NdTensor flat = w.reshaped(outputs, rows.dim(1));
    NdTensor product = matmul(rows, DataMovement.transpose(flat, null));
    if (bias != null) {
      product = Elementwise.binary(product, bias, Double::sum, Long::sum);
    }
    return DataMovement.transpose(
        product.reshaped(x.dim(0), result[0], result[1], outputs), new long[] {0, 3, 1, 2});
  }
}
