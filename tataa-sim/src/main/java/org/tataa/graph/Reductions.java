package org.tataa.graph;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Folds of elements along axes. Sums of floats are taken in double, of integers exactly. */
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
    NORM1,
    NORM2,
    LOG_OF_SUM,
    LOG_OF_EXPONENTIALS
  }

  /**
   * A reduction.
   *
   * @param axes null or none for all
   * @param noneIfEmpty whether no axes mean that each element is reduced by itself
   */
  static NdTensor reduce(
      NdTensor x, Kind kind, long @Nullable [] axes, boolean keep, boolean noneIfEmpty) {
    boolean[] reduced = new boolean[x.rank()];
    if (axes == null || axes.length == 0) {
      Arrays.fill(reduced, !noneIfEmpty);
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
    NdTensor.resultElements(shape);
    if (!x.isKnown()) {
      return NdTensor.unknown(x.type(), shape);
    }
    int[] target = Broadcast.indices(kept, full);
    if (x.type() == ElementType.FLOAT) {
      return NdTensor.of(
          floats(x.floats(), kind, target, NdTensor.resultElements(kept), count), shape);
    }
    return NdTensor.ofLongs(
        x.type(), longs(x.longs(), kind, target, NdTensor.resultElements(kept), count), shape);
  }

  private static float[] floats(float[] x, Kind kind, int[] target, int size, int count) {
    double[] result = new double[size];
    Arrays.fill(result, start(kind));
    double[] largest = new double[kind == Kind.LOG_OF_EXPONENTIALS ? size : 0];
    if (kind == Kind.LOG_OF_EXPONENTIALS) {
      Arrays.fill(largest, Double.NEGATIVE_INFINITY);
      for (int i = 0; i < x.length; i++) {
        largest[target[i]] = Math.max(largest[target[i]], x[i]);
      }
    }
    for (int i = 0; i < x.length; i++) {
      double value = x[i];
      int to = target[i];
      result[to] =
          switch (kind) {
            case SUM, MEAN, LOG_OF_SUM -> result[to] + value;
            case MAX -> Math.max(result[to], value);
            case MIN -> Math.min(result[to], value);
            case PRODUCT -> result[to] * value;
            case SUM_OF_SQUARES, NORM2 -> result[to] + value * value;
            case NORM1 -> result[to] + Math.abs(value);
            case LOG_OF_EXPONENTIALS ->
                result[to] + (value == largest[to] ? 1 : Math.exp(value - largest[to]));
          };
    }
    float[] to = new float[size];
    for (int i = 0; i < size; i++) {
      to[i] =
          (float)
              switch (kind) {
                case MEAN -> result[i] / count;
                case NORM2 -> Math.sqrt(result[i]);
                case LOG_OF_SUM -> Math.log(result[i]);
                case LOG_OF_EXPONENTIALS -> largest[i] + Math.log(result[i]);
                default -> result[i];
              };
    }
    return to;
  }

  private static double start(Kind kind) {
    return switch (kind) {
      case MAX -> Double.NEGATIVE_INFINITY;
      case MIN -> Double.POSITIVE_INFINITY;
      case PRODUCT -> 1;
      default -> 0;
    };
  }

  private static long[] longs(long[] x, Kind kind, int[] target, int size, int count) {
    long[] result = new long[size];
    Arrays.fill(
        result,
        switch (kind) {
          case MAX -> Long.MIN_VALUE;
          case MIN -> Long.MAX_VALUE;
          case PRODUCT -> 1;
          default -> 0;
        });
    for (int i = 0; i < x.length; i++) {
      long value = x[i];
      int to = target[i];
      result[to] =
          switch (kind) {
            case SUM, MEAN -> result[to] + value;
            case MAX -> Math.max(result[to], value);
            case MIN -> Math.min(result[to], value);
            case PRODUCT -> result[to] * value;
            case SUM_OF_SQUARES, NORM2 -> result[to] + value * value;
            case NORM1 -> result[to] + Math.abs(value);
            default -> throw new GraphException("logarithms of integers are not supported");
          };
    }
    for (int i = 0; i < size; i++) {
      if (kind == Kind.MEAN) {
        result[i] /= count;
      } else if (kind == Kind.NORM2) {
        result[i] = (long) Math.sqrt((double) result[i]);
      }
    }
    return result;
  }
}
