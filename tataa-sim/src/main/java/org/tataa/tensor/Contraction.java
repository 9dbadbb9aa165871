package org.tataa.tensor;

import org.tataa.config.AccumulatorKind;
import org.tataa.config.TataaConfig;
import org.tataa.numeric.AccumulatorReadout;
import org.tataa.numeric.PackedMac;
import org.tataa.numeric.Requantizer;

/** int8 products of whole matrices, read out as an accumulator does. */
final class Contraction {
  private final Requantizer requantizer;
  private final AccumulatorReadout readout;
  private final boolean isPacked;
  private final boolean hasPairs;

  Contraction(TataaConfig config, Requantizer requantizer) {
    this.requantizer = requantizer;
    readout = AccumulatorReadout.of(config.profiles().accumulator());
    isPacked = config.profiles().accumulator() != AccumulatorKind.INT32;
    hasPairs = config.geometry().outputsPerColumn() == 2;
  }

  short[] compute(ContractOp op, short[] a, short[] b) {
    int[] shape = op.result().shape();
    int rank = shape.length;
    int m = shape[rank - 2];
    int n = shape[rank - 1];
    int k = op.depth();
    short[] result = new short[op.result().size()];
    int[] index = new int[rank - 2];
    boolean columnsAreN = op.columns() == ContractOp.Columns.N;
    int[] left = new int[m * k];
    int[] right = new int[k * n];
    int lastA = -1;
    int lastB = -1;
    for (int batch = 0; m * n > 0 && batch < result.length / (m * n); batch++) {
      int fromA = offset(op.a(), index) * m * k;
      int fromB = offset(op.b(), index) * k * n;
      if (fromA != lastA) {
        copy(a, fromA, left);
        if (!columnsAreN) {
          pack(left, m, k, k, 1);
        }
        lastA = fromA;
      }
      if (fromB != lastB) {
        copy(b, fromB, right);
        if (columnsAreN) {
          pack(right, n, k, 1, n);
        }
        lastB = fromB;
      }
      int[] sums = product(left, right, m, k, n);
      if (columnsAreN) {
        read(sums, m, n, n, 1);
      } else {
        read(sums, n, m, 1, n);
      }
      Scale scale = op.scales().get(op.scaleAxis() < 0 ? 0 : index[op.scaleAxis()]);
      for (int i = 0; i < sums.length; i++) {
        result[batch * m * n + i] =
            (short) requantizer.accToBf16(sums[i], scale.mantissa(), scale.rightShift());
      }
      for (int axis = rank - 3; axis >= 0; axis--) {
        if (++index[axis] < shape[axis]) {
          break;
        }
        index[axis] = 0;
      }
    }
    return result;
  }

  /** Codes after a product with the identity: neighbours along an axis share an accumulator. */
  void pass(short[] codes, int[] shape, int axis) {
    int inner = 1;
    for (int i = axis + 1; i < shape.length; i++) {
      inner *= shape[i];
    }
    for (int lo = 0; hasPairs && lo < codes.length; lo++) {
      int index = lo / inner % shape[axis];
      if (index % 2 == 0 && index + 1 < shape[axis]) {
        int hi = lo + inner;
        int high = isPacked ? PackedMac.effectiveHi(codes[hi], codes[lo]) : codes[hi];
        int read = readout.hi(codes[lo], high);
        codes[lo] = (byte) requantizer.accToInt8(readout.lo(codes[lo], high), 1, 0);
        codes[hi] = (byte) requantizer.accToInt8(read, 1, 0);
      }
    }
  }

  private static int offset(Value value, int[] index) {
    int offset = 0;
    for (int axis = 0; axis < index.length; axis++) {
      offset = offset * value.dim(axis) + (value.dim(axis) == 1 ? 0 : index[axis]);
    }
    return offset;
  }

  private static void copy(short[] from, int start, int[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] = from[start + i];
    }
  }

  // High operands as the pre-adder passes them on; columns are `stride` apart, depths `step`.
  private void pack(int[] values, int columns, int depth, int stride, int step) {
    if (!isPacked || !hasPairs) {
      return;
    }
    for (int column = 0; column + 1 < columns; column += 2) {
      for (int k = 0; k < depth; k++) {
        int lo = column * stride + k * step;
        values[lo + stride] = PackedMac.effectiveHi(values[lo + stride], values[lo]);
      }
    }
  }

  private static int[] product(int[] a, int[] b, int m, int k, int n) {
    int[] sums = new int[m * n];
    for (int i = 0; i < m; i++) {
      for (int l = 0; l < k; l++) {
        int factor = a[i * k + l];
        int from = l * n;
        int to = i * n;
        for (int j = 0; j < n; j++) {
          sums[to + j] += factor * b[from + j];
        }
      }
    }
    return sums;
  }

  // Neighbouring columns share an accumulator.
  private void read(int[] sums, int rows, int columns, int rowStride, int columnStride) {
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column += hasPairs ? 2 : 1) {
        int at = row * rowStride + column * columnStride;
        boolean pair = hasPairs && column + 1 < columns;
        int lo = sums[at];
        int hi = pair ? sums[at + columnStride] : 0;
        sums[at] = readout.lo(lo, hi);
        if (pair) {
          sums[at + columnStride] = readout.hi(lo, hi);
        }
      }
    }
  }
}
