package org.tataa.graph;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;

/** Operators that pick elements by indices, or find indices. */
final class IndexOperators {
  private IndexOperators() {}

  static void register(Map<String, OperatorFunction> table) {
    Operators.single(table, IndexOperators::gatherElements, "GatherElements");
    Operators.single(table, IndexOperators::gatherNd, "GatherND");
    Operators.single(table, Scattering::elements, "ScatterElements");
    Operators.single(table, Scattering::nd, "ScatterND");
    Operators.single(table, Scattering::cache, "TensorScatter");
    Operators.single(table, (node, in) -> nonZero(in), "NonZero");
    Operators.single(table, IndexOperators::oneHot, "OneHot");
    Operators.single(table, IndexOperators::compress, "Compress");
    Operators.single(table, (node, in) -> argument(node, in.get(0), 1), "ArgMax");
    Operators.single(table, (node, in) -> argument(node, in.get(0), -1), "ArgMin");
    table.put("TopK", IndexOperators::top);
  }

  /** An index that may count from the end. */
  static int index(long index, int dim) {
    long positive = index < 0 ? index + dim : index;
    if (positive < 0 || positive >= dim) {
      throw new GraphException("index " + index + " is outside a dimension of " + dim);
    }
    return (int) positive;
  }

  private static NdTensor gatherElements(Node node, Arguments in) {
    NdTensor x = in.get(0);
    NdTensor indices = in.get(1);
    int axis = DataMovement.axis(node.integer("axis", 0), x.rank());
    if (indices.rank() != x.rank()) {
      throw new GraphException("indices " + indices + " do not fit " + x);
    }
    if (!in.areKnown()) {
      return NdTensor.unknown(x.type(), indices.shape());
    }
    return DataMovement.take(x, indices.shape(), Scattering.positions(x.shape(), indices, axis), 0);
  }

  private static NdTensor gatherNd(Node node, Arguments in) {
    NdTensor x = in.get(0);
    NdTensor indices = in.get(1);
    int batch = DataMovement.checked(node.integer("batch_dims", 0));
    int last = indices.dim(-1);
    int rest = x.rank() - batch - last;
    if (rest < 0 || batch >= indices.rank()) {
      throw new GraphException("indices " + indices + " do not fit " + x);
    }
    int[] shape = Arrays.copyOf(indices.shape(), indices.rank() - 1 + rest);
    System.arraycopy(x.shape(), batch + last, shape, indices.rank() - 1, rest);
    if (!in.areKnown()) {
      return NdTensor.unknown(x.type(), shape);
    }
    int inner = 1;
    for (int i = batch + last; i < x.rank(); i++) {
      inner *= x.dim(i);
    }
    int batches = 1;
    for (int i = 0; i < batch; i++) {
      batches *= x.dim(i);
    }
    int tuples = last == 0 ? 0 : indices.size() / last;
    int perBatch = batches == 0 ? 0 : tuples / batches;
    int[] strides = DataMovement.strides(x.shape());
    int[] index = new int[NdTensor.resultElements(shape)];
    for (int t = 0; t < tuples; t++) {
      int base = batch == 0 ? 0 : t / perBatch * strides[batch - 1];
      for (int i = 0; i < last; i++) {
        base += index(indices.longs()[t * last + i], x.dim(batch + i)) * strides[batch + i];
      }
      for (int i = 0; i < inner; i++) {
        index[t * inner + i] = base + i;
      }
    }
    return DataMovement.take(x, shape, index, 0);
  }

  private static NdTensor nonZero(Arguments in) {
    NdTensor x = in.known(0, "which elements are 0");
    int[] found = new int[x.size()];
    int count = 0;
    for (int i = 0; i < found.length; i++) {
      if (x.at(i) != 0) {
        found[count++] = i;
      }
    }
    int[] strides = DataMovement.strides(x.shape());
    long[] to = new long[x.rank() * count];
    for (int axis = 0; axis < x.rank(); axis++) {
      for (int i = 0; i < count; i++) {
        to[axis * count + i] = found[i] / strides[axis] % x.dim(axis);
      }
    }
    return NdTensor.of(to, x.rank(), count);
  }

  private static NdTensor oneHot(Node node, Arguments in) {
    NdTensor indices = in.get(0);
    NdTensor values = in.get(2);
    int depth = DataMovement.checked((long) in.known(1, "depth").at(0));
    int rank = indices.rank() + 1;
    int axis = DataMovement.axis(node.integer("axis", -1), rank);
    int[] shape = new int[rank];
    for (int i = 0; i < rank; i++) {
      shape[i] = i == axis ? depth : indices.dim(i < axis ? i : i - 1);
    }
    int size = NdTensor.resultElements(shape);
    if (!in.areKnown()) {
      return NdTensor.unknown(values.type(), shape);
    }
    int inner = DataMovement.strides(shape)[axis];
    int[] index = new int[size];
    for (int i = 0; i < indices.size(); i++) {
      long hot = (long) indices.at(i);
      hot = hot < 0 ? hot + depth : hot;
      if (hot >= 0 && hot < depth) {
        index[(i / inner * depth + (int) hot) * inner + i % inner] = 1;
      }
    }
    return DataMovement.take(values, shape, index, 0);
  }

  private static NdTensor compress(Node node, Arguments in) {
    NdTensor whole = in.get(0);
    NdTensor condition = in.known(1, "the condition");
    NdTensor x = node.has("axis") ? whole : whole.reshaped(whole.size());
    int axis = DataMovement.axis(node.integer("axis", 0), x.rank());
    long[] picked = new long[condition.size()];
    int count = 0;
    for (int i = 0; i < picked.length && i < x.dim(axis); i++) {
      if (condition.at(i) != 0) {
        picked[count++] = i;
      }
    }
    return DataMovement.gather(x, NdTensor.of(Arrays.copyOf(picked, count), count), axis);
  }

  private static NdTensor argument(Node node, NdTensor x, int sign) {
    int axis = DataMovement.axis(node.integer("axis", 0), x.rank());
    boolean isLast = node.integer("select_last_index", 0) != 0;
    int[] shape = x.shape();
    int count = shape[axis];
    int inner = DataMovement.strides(shape)[axis];
    shape[axis] = 1;
    int size = NdTensor.resultElements(shape);
    NdTensor result = NdTensor.unknown(ElementType.INT, shape);
    if (x.isKnown()) {
      long[] to = new long[size];
      for (int i = 0; i < size; i++) {
        int base = i / inner * inner * count + i % inner;
        int best = 0;
        for (int k = 1; k < count; k++) {
          double next = x.at(base + k * inner);
          double known = x.at(base + best * inner);
          int order = sign > 0 ? Double.compare(next, known) : Double.compare(known, next);
          best = order > 0 || (order == 0 && isLast) ? k : best;
        }
        to[i] = best;
      }
      result = NdTensor.of(to, shape);
    }
    return node.integer("keepdims", 1) != 0
        ? result
        : DataMovement.squeeze(result, new long[] {axis});
  }

  private static NdTensor[] top(Node node, Arguments in) {
    NdTensor x = in.get(0);
    int axis = DataMovement.axis(node.integer("axis", -1), x.rank());
    int k = DataMovement.checked((long) in.known(1, "k").at(0));
    int[] shape = x.shape();
    int count = shape[axis];
    if (k > count) {
      throw new GraphException("k " + k + " is larger than axis " + axis + " of " + x);
    }
    shape[axis] = k;
    int size = NdTensor.resultElements(shape);
    if (!x.isKnown()) {
      return new NdTensor[] {
        NdTensor.unknown(x.type(), shape), NdTensor.unknown(ElementType.INT, shape)
      };
    }
    boolean isLargest = node.integer("largest", 1) != 0;
    int inner = DataMovement.strides(x.shape())[axis];
    int[] index = new int[size];
    long[] places = new long[size];
    Integer[] order = new Integer[count];
    for (int row = 0; k > 0 && row < size / k; row++) {
      int base = row / inner * inner * count + row % inner;
      Arrays.setAll(order, i -> i);
      // Equal elements keep their order: the sort is stable.
      Comparator<Integer> ascending = Comparator.comparingDouble(i -> x.at(base + i * inner));
      Arrays.sort(order, isLargest ? ascending.reversed() : ascending);
      for (int i = 0; i < k; i++) {
        int to = row / inner * inner * k + i * inner + row % inner;
        index[to] = base + order[i] * inner;
        places[to] = order[i];
      }
    }
    return new NdTensor[] {DataMovement.take(x, shape, index, 0), NdTensor.of(places, shape)};
  }
}
