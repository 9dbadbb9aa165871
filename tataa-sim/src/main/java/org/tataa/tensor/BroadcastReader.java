package org.tataa.tensor;

import java.util.Arrays;

/**
 * An operand as it appears to an operation on a larger shape: dimensions of 1 repeated. Axes that
 * are stepped through alike are joined, so that a reader mostly copies or fills long runs.
 */
final class BroadcastReader {
  private final short[] bits;
  private int[] dims = new int[0];
  private int[] strides = new int[0];

  /**
   * A reader.
   *
   * @param shape shape of the operand, of the rank of {@code to}
   */
  BroadcastReader(short[] bits, int[] shape, int[] to) {
    this.bits = bits;
    int stride = 1;
    for (int axis = to.length - 1; axis >= 0; axis--) {
      if (to[axis] != 1) {
        add(to[axis], shape[axis] == 1 ? 0 : stride);
      }
      stride *= shape[axis];
    }
  }

  // Innermost first.
  private void add(int dim, int stride) {
    int last = dims.length - 1;
    if (last >= 0 && stride == strides[last] * dims[last]) {
      dims[last] *= dim;
      return;
    }
    dims = Arrays.copyOf(dims, dims.length + 1);
    strides = Arrays.copyOf(strides, dims.length);
    dims[last + 1] = dim;
    strides[last + 1] = stride;
  }

  /** Whether element i is element i of the operand. */
  boolean isPlain() {
    return dims.length == 0 || (dims.length == 1 && strides[0] == 1);
  }

  /** Whether every element is the same. */
  boolean isUniform() {
    return dims.length == 0 || (dims.length == 1 && strides[0] == 0);
  }

  /** The operand. */
  short[] bits() {
    return bits;
  }

  /** Reads elements {@code from} to {@code from + count - 1}, row-major. */
  void read(int from, int count, short[] to) {
    if (isUniform()) {
      Arrays.fill(to, 0, count, bits[0]);
      return;
    }
    int run = dims[0];
    int skip = from % run;
    for (int done = 0, outer = from / run; done < count; outer++) {
      int length = Math.min(run - skip, count - done);
      int at = base(outer) + skip * strides[0];
      if (strides[0] == 0) {
        Arrays.fill(to, done, done + length, bits[at]);
      } else {
        System.arraycopy(bits, at, to, done, length);
      }
      done += length;
      skip = 0;
    }
  }

  private int base(int outer) {
    int base = 0;
    int rest = outer;
    for (int i = 1; i < dims.length; i++) {
      base += rest % dims[i] * strides[i];
      rest /= dims[i];
    }
    return base;
  }
}
