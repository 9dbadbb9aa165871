package org.tataa.graph;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Operators that combine elements along axes. Sums are taken in double. */
final class Reductions {
  private Reductions() {}

  /** A fold over reduced elements. */
  enum Kind {
    SUM,
    MEAN,
    MAX,
    MIN,
    PRODUCT,
    SUM_OF_SQUARES,
    NORM2
  }

  static NdTensor reduce(
      NdTensor x, Kind kind, long @Nullable [] axes, boolean keep, boolean noneIfEmpty) {
    boolean[] reduced = new boolean[x.rank()];
    if (axes == null || axes.length == 0) {
      if (axes != null && noneIfEmpty) {
        return x;
      }
      Arrays.fill(reduced, true);
    } else {
      for (long axis : axes) {
        reduced[DataMovement.axis(axis, x.rank())] = true;
      }
    }
    int[] full = x.shape();
    int[] kept = x.shape();
    int[] shape = new int[x.rank()];
    int rank = 0;
    int count = 1;
    for (int i = 0; i < full.length; i++) {
      if (reduced[i]) {
        kept[i] = 1;
        count *= full[i];
      }
      if (keep || !reduced[i]) {
        shape[rank++] = kept[i];
      }
    }
    shape = Arrays.copyOf(shape, rank);
    int size = NdTensor.elements(shape);
    if (!x.isKnown()) {
      return NdTensor.unknown(x.type(), shape);
    }
    double[] result = new double[size];
    Arrays.fill(
        result,
        switch (kind) {
          case MAX -> Double.NEGATIVE_INFINITY;
          case MIN -> Double.POSITIVE_INFINITY;
          case PRODUCT -> 1;
          case SUM, MEAN, SUM_OF_SQUARES, NORM2 -> 0;
        });
    int[] target = Broadcast.indices(kept, full);
    for (int i = 0; i < target.length; i++) {
      double value = x.at(i);
      int to = target[i];
      result[to] =
          switch (kind) {
            case SUM, MEAN -> result[to] + value;
            case MAX -> Math.max(result[to], value);
            case MIN -> Math.min(result[to], value);
            case PRODUCT -> result[to] * value;
            case SUM_OF_SQUARES, NORM2 -> result[to] + value * value;
          };
    }
    for (int i = 0; i < size; i++) {
      if (kind == Kind.MEAN) {
        result[i] /= count;
      } else if (kind == Kind.NORM2) {
        result[i] = Math.sqrt(result[i]);
      }
    }
    if (x.type() == ElementType.FLOAT) {
      float[] to = new float[size];
      for (int i = 0; i < size; i++) {
        to[i] = (float) result[i];
      }
      return NdTensor.of(to, shape);
    }
    long[] to = new long[size];
    for (int i = 0; i < size; i++) {
      to[i] = (long) result[i];
    }
    return NdTensor.ofLongs(x.type(), to, shape);
  }

  static NdTensor softmax(NdTensor x, long along) {
    int axis = DataMovement.axis(along, x.rank());
    if (!x.isKnown()) {
      return x;
    }
    int count = x.dim(axis);
    int inner = 1;
    for (int i = axis + 1; i < x.rank(); i++) {
      inner *= x.dim(i);
    }
    float[] from = x.floats();
    float[] to = new float[from.length];
    for (int start = 0; start < from.length; start++) {
      if (start / inner % count != 0) {
        continue;
      }
      double largest = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < count; i++) {
        largest = Math.max(largest, from[start + i * inner]);
      }
      double sum = 0;
      for (int i = 0; i < count; i++) {
        sum += Math.exp(from[start + i * inner] - largest);
      }
      for (int i = 0; i < count; i++) {
        to[start + i * inner] = (float) (Math.exp(from[start + i * inner] - largest) / sum);
      }
    }
    return NdTensor.of(to, x.shape());
  }

  /** Layer normalisation over the last axes, or RMS normalisation without mean. */
  static NdTensor normalise(
      NdTensor x,
      NdTensor gamma,
      @Nullable NdTensor beta,
      double epsilon,
      long fromAxis,
      boolean mean) {
    int axis = DataMovement.axis(fromAxis, x.rank());
    int count = 1;
    for (int i = axis; i < x.rank(); i++) {
      count *= x.dim(i);
    }
    if (gamma.size() != count && gamma.size() != 1
        || beta != null && beta.size() != count && beta.size() != 1) {
      throw new GraphException(
          "scale " + gamma + " and bias " + beta + " do not fit " + x + " from axis " + axis);
    }
    if (!x.isKnown() || !gamma.isKnown() || beta != null && !beta.isKnown()) {
      return x.withoutData();
    }
    float[] from = x.floats();
    float[] to = new float[from.length];
    for (int row = 0; row < from.length; row += Math.max(1, count)) {
      double center = 0;
      for (int i = 0; mean && i < count; i++) {
        center += from[row + i];
      }
      center /= count;
      double variance = 0;
      for (int i = 0; i < count; i++) {
        variance += (from[row + i] - center) * (from[row + i] - center);
      }
      double scale = 1 / Math.sqrt(variance / count + epsilon);
      for (int i = 0; i < count; i++) {
        double value = (from[row + i] - center) * scale * gamma.floats()[gamma.size() == 1 ? 0 : i];
        to[row + i] =
            (float) (beta == null ? value : value + beta.floats()[beta.size() == 1 ? 0 : i]);
      }
    }
    return NdTensor.of(to, x.shape());
  }
}
