package org.tataa.graph;

import java.util.Arrays;
import java.util.Map;

/** Operators that make values from shapes, numbers and attributes. */
final class GeneratorOperators {
  private GeneratorOperators() {}

  static void register(Map<String, OperatorFunction> table) {
    Operators.single(table, (node, in) -> constant(node), "Constant");
    Operators.single(table, (node, in) -> shape(node, in.get(0)), "Shape");
    Operators.single(table, (node, in) -> NdTensor.of(new long[] {in.get(0).size()}), "Size");
    Operators.single(table, GeneratorOperators::constantOfShape, "ConstantOfShape");
    Operators.single(table, GeneratorOperators::range, "Range");
    Operators.single(table, (node, in) -> eye(node, in.get(0)), "EyeLike");
  }

  private static NdTensor constant(Node node) {
    NdTensor value = node.tensor("value");
    if (value != null) {
      return value;
    }
    if (node.has("value_float")) {
      return NdTensor.of(new float[] {node.number("value_float", 0)});
    }
    if (node.has("value_int")) {
      return NdTensor.of(new long[] {node.integer("value_int", 0)});
    }
    long[] integers = node.integers("value_ints");
    if (integers != null) {
      return NdTensor.of(integers, integers.length);
    }
    if (node.attributes().get("value_floats") instanceof float[] floats) {
      return NdTensor.of(floats, floats.length);
    }
    throw new GraphException("constant without a supported value: " + node.attributes().keySet());
  }

  private static NdTensor shape(Node node, NdTensor x) {
    int rank = x.rank();
    long start = node.integer("start", 0);
    long end = node.integer("end", rank);
    int from = (int) Math.max(0, Math.min(rank, start < 0 ? start + rank : start));
    int to = (int) Math.max(from, Math.min(rank, end < 0 ? end + rank : end));
    long[] dims = new long[to - from];
    Arrays.setAll(dims, i -> x.dim(from + i));
    return NdTensor.of(dims, dims.length);
  }

  private static NdTensor constantOfShape(Node node, Arguments in) {
    NdTensor value = node.tensor("value");
    NdTensor fill = value == null ? NdTensor.of(new float[1], 1) : value;
    int[] shape = DataMovement.shapeOf(in.known(0, "the shape"));
    return DataMovement.take(fill, shape, new int[NdTensor.resultElements(shape)], 0);
  }

  private static NdTensor range(Node node, Arguments in) {
    NdTensor start = in.known(0, "start");
    NdTensor limit = in.known(1, "limit");
    NdTensor delta = in.known(2, "delta");
    double step = delta.at(0);
    double wanted = Math.ceil((limit.at(0) - start.at(0)) / step);
    if (step == 0 || Double.isNaN(wanted)) {
      throw new GraphException("delta is 0");
    }
    int count =
        NdTensor.resultElements(new int[] {DataMovement.checked((long) Math.max(0, wanted))});
    if (start.type() == ElementType.FLOAT) {
      double first = start.at(0);
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = (float) (first + i * step);
      }
      return NdTensor.of(values, count);
    }
    long first = start.longs()[0];
    long each = delta.longs()[0];
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = first + i * each;
    }
    return NdTensor.of(values, count);
  }

  private static NdTensor eye(Node node, NdTensor x) {
    if (x.rank() != 2) {
      throw new GraphException("expected a matrix, found " + x);
    }
    long diagonal = node.integer("k", 0);
    ElementType type = node.has("dtype") ? OnnxTypes.element(node.integer("dtype", 1)) : x.type();
    long[] values = new long[x.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % x.dim(1) - i / x.dim(1) == diagonal ? 1 : 0;
    }
    return Elementwise.cast(NdTensor.of(values, x.shape()), type);
  }
}
