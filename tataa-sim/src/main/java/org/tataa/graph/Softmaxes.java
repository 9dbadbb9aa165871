package org.tataa.graph;

/** SoftMax, its logarithm, and the one-hot maximum, along an axis. */
final class Softmaxes {
  /** Attribute of a Softmax whose rows of minus infinities give 0 instead of NaN. */
  static final String ZERO_HIDDEN = "zero_hidden";

  private Softmaxes() {}

  /** Works on one row of an array: elements {@code base + i * stride}. */
  @FunctionalInterface
  private interface Row {
    void apply(float[] from, float[] to, int base, int stride, int count);
  }

  private static NdTensor rows(NdTensor x, long along, Row row) {
    int axis = DataMovement.axis(along, x.rank());
    if (!x.isKnown()) {
      return x;
    }
    float[] from = x.floats();
    float[] to = new float[from.length];
    int count = x.rank() == 0 ? 1 : x.dim(axis);
    int inner = x.rank() == 0 ? 1 : DataMovement.strides(x.shape())[axis];
    for (int lane = 0; count > 0 && lane < from.length / count; lane++) {
      row.apply(from, to, lane / inner * inner * count + lane % inner, inner, count);
    }
    return NdTensor.of(to, x.shape());
  }

  private static double largest(float[] from, int base, int stride, int count) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, from[base + i * stride]);
    }
    return largest;
  }

  static NdTensor softmax(NdTensor x, long axis, boolean isZeroHidden) {
    return rows(
        x,
        axis,
        (from, to, base, stride, count) -> {
          double largest = largest(from, base, stride, count);
          if (isZeroHidden && largest == Double.NEGATIVE_INFINITY) {
            return;
          }
          double sum = sum(from, largest, base, stride, count);
          for (int i = 0; i < count; i++) {
            int at = base + i * stride;
            to[at] = (float) (Math.exp(from[at] - largest) / sum);
          }
        });
  }

  // Of the exponentials relative to the largest.
  private static double sum(float[] from, double largest, int base, int stride, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.exp(from[base + i * stride] - largest);
    }
    return sum;
  }

  static NdTensor logarithmic(NdTensor x, long axis) {
    return rows(
        x,
        axis,
        (from, to, base, stride, count) -> {
          double largest = largest(from, base, stride, count);
          double sum = sum(from, largest, base, stride, count);
          double logarithm = Math.log(sum);
          for (int i = 0; i < count; i++) {
            int at = base + i * stride;
            to[at] = (float) (from[at] - largest - logarithm);
          }
        });
  }

  static NdTensor hardmax(NdTensor x, long axis) {
    return rows(
        x,
        axis,
        (from, to, base, stride, count) -> {
          double largest = largest(from, base, stride, count);
          int first = 0;
          while (first < count - 1 && from[base + first * stride] != largest) {
            first++;
          }
          to[base + first * stride] = 1;
        });
  }
}
