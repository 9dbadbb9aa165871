package org.tataa.graph;

import java.util.Arrays;
import java.util.Map;

/** Maxima, means and norms of the elements of an image {@code [n][c][axes]} under a window. */
final class PoolingOperators {
  private PoolingOperators() {}

  static void register(Map<String, OperatorFunction> table) {
    table.put("MaxPool", PoolingOperators::max);
    Operators.single(table, PoolingOperators::average, "AveragePool");
    Operators.single(table, PoolingOperators::norm, "LpPool");
    global(table, "GlobalAveragePool", Reductions.Kind.MEAN);
    global(table, "GlobalMaxPool", Reductions.Kind.MAX);
  }

  private static void global(
      Map<String, OperatorFunction> table, String name, Reductions.Kind kind) {
    Operators.single(
        table,
        (node, in) -> {
          NdTensor x = in.get(0);
          long[] axes = new long[Math.max(0, x.rank() - 2)];
          Arrays.setAll(axes, i -> i + 2);
          return axes.length == 0 ? x : Reductions.reduce(x, kind, axes, true, false);
        },
        name);
  }

  private static Window window(Node node, NdTensor x) {
    long[] kernel = node.integers("kernel_shape");
    if (kernel == null) {
      throw new GraphException("kernel_shape is missing");
    }
    int[] size = new int[kernel.length];
    Arrays.setAll(size, i -> DataMovement.checked(kernel[i]));
    return Window.of(node, x, size);
  }

  private static int[] shape(NdTensor x, Window window) {
    int[] shape = x.shape();
    System.arraycopy(window.result(), 0, shape, 2, window.result().length);
    NdTensor.resultElements(shape);
    return shape;
  }

  private static NdTensor[] max(Node node, Arguments in) {
    NdTensor x = in.get(0);
    Window window = window(node, x);
    int[] shape = shape(x, window);
    if (!x.isKnown()) {
      return new NdTensor[] {
        NdTensor.unknown(x.type(), shape), NdTensor.unknown(ElementType.INT, shape)
      };
    }
    if (node.integer("storage_order", 0) != 0 && node.outputs().size() > 1) {
      throw new GraphException("storage_order 1 is not supported");
    }
    int[][] sources = window.sources();
    int[] index = new int[NdTensor.resultElements(shape)];
    long[] places = new long[index.length];
    for (int i = 0; i < index.length; i++) {
      int base = i / sources.length * window.imageSize();
      int best = -1;
      for (int source : sources[i % sources.length]) {
        if (source >= 0 && (best < 0 || x.at(base + source) > x.at(best))) {
          best = base + source;
        }
      }
      index[i] = best;
      places[i] = best;
    }
    return new NdTensor[] {
      DataMovement.take(x, shape, index, Double.NEGATIVE_INFINITY), NdTensor.of(places, shape)
    };
  }

  private static NdTensor average(Node node, Arguments in) {
    NdTensor x = in.get(0);
    Window window = window(node, x);
    int[] shape = shape(x, window);
    if (!x.isKnown()) {
      return NdTensor.unknown(x.type(), shape);
    }
    boolean isPadIncluded = node.integer("count_include_pad", 0) != 0;
    int[][] sources = window.sources();
    int[] counts = counts(window);
    float[] to = new float[NdTensor.resultElements(shape)];
    for (int i = 0; i < to.length; i++) {
      int place = i % sources.length;
      int base = i / sources.length * window.imageSize();
      double sum = 0;
      int inside = 0;
      for (int source : sources[place]) {
        if (source >= 0) {
          sum += x.floats()[base + source];
          inside++;
        }
      }
      to[i] = (float) (sum / (isPadIncluded ? counts[place] : inside));
    }
    return NdTensor.of(to, shape);
  }

  // Elements of the kernel on image or padding at each place; rounding up may leave some outside.
  private static int[] counts(Window window) {
    int[] counts = new int[window.places()];
    int[] strides = DataMovement.strides(window.result());
    for (int place = 0; place < counts.length; place++) {
      int count = 1;
      for (int axis = 0; axis < strides.length; axis++) {
        int inside = 0;
        for (int i = 0; i < window.kernel()[axis]; i++) {
          long at =
              place / strides[axis] % window.result()[axis] * window.strides()[axis]
                  + i * window.dilations()[axis];
          inside +=
              at < window.image()[axis] + window.before()[axis] + window.after()[axis] ? 1 : 0;
        }
        count *= inside;
      }
      counts[place] = count;
    }
    return counts;
  }

  private static NdTensor norm(Node node, Arguments in) {
    NdTensor x = in.get(0);
    Window window = window(node, x);
    int[] shape = shape(x, window);
    double p = node.integer("p", 2);
    if (!x.isKnown()) {
      return NdTensor.unknown(x.type(), shape);
    }
    int[][] sources = window.sources();
    float[] to = new float[NdTensor.resultElements(shape)];
    for (int i = 0; i < to.length; i++) {
      int base = i / sources.length * window.imageSize();
      double sum = 0;
      for (int source : sources[i % sources.length]) {
        sum += source < 0 ? 0 : Math.pow(Math.abs(x.floats()[base + source]), p);
      }
      to[i] = (float) Math.pow(sum, 1 / p);
    }
    return NdTensor.of(to, shape);
  }
}
