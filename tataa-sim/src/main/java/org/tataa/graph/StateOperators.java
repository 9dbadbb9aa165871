package org.tataa.graph;

import java.util.Map;

/** Operators of a decoder that keeps its keys and values, made by rewriting; ONNX has none. */
final class StateOperators {
  private StateOperators() {}

  static void register(Map<String, OperatorFunction> table) {
    Operators.single(table, StateOperators::cache, Operators.CACHE);
    Operators.single(table, StateOperators::before, Operators.CACHE_BEFORE);
    Operators.single(table, StateOperators::control, Operators.CONTROL);
    Operators.single(table, (node, in) -> in.get(0), Operators.RESIDENT);
  }

  private static int[] shape(Node node, Arguments in, int missing) {
    int[] shape = in.get(0).shape();
    shape[axis(node, shape)] = in.get(2).size() - missing;
    return shape;
  }

  private static int axis(Node node, int[] shape) {
    int axis = (int) node.integer("axis", 0);
    return axis < 0 ? axis + shape.length : axis;
  }

  // Inputs: rows, position, slots. Without a device there is nothing from an earlier run.
  private static NdTensor cache(Node node, Arguments in) {
    NdTensor rows = in.get(0);
    NdTensor position = in.get(1);
    int[] shape = shape(node, in, 0);
    int axis = axis(node, shape);
    if (rows.dim(axis) > shape[axis]) {
      throw new GraphException("no room for " + rows.dim(axis) + " rows in " + shape[axis]);
    }
    if (!rows.isKnown() || !position.isKnown()) {
      return NdTensor.unknown(rows.type(), shape);
    }
    int inner = 1;
    for (int i = axis + 1; i < shape.length; i++) {
      inner *= shape[i];
    }
    int run = rows.dim(axis) * inner;
    int start = (int) position.at(0);
    int first = start * inner;
    if (first < 0 || first + run > shape[axis] * inner) {
      throw new GraphException("no room for rows from " + (long) position.at(0));
    }
    float[] from = rows.floats();
    float[] to = new float[NdTensor.resultElements(shape)];
    for (int i = 0; i * run < from.length; i++) {
      System.arraycopy(from, i * run, to, i * shape[axis] * inner + first, run);
    }
    return NdTensor.of(to, shape);
  }

  // What was there before the rows of a cache that is full after them: only its shape is known.
  private static NdTensor before(Node node, Arguments in) {
    int rows = in.get(0).dim(axis(node, in.get(0).shape()));
    return NdTensor.unknown(ElementType.FLOAT, shape(node, in, rows));
  }

  // Inputs: tokens, position, slots.
  private static NdTensor control(Node node, Arguments in) {
    if (!(node.attributes().get("part") instanceof DecoderControl part)) {
      throw new GraphException("attribute part is missing");
    }
    return part.apply(in.get(0), in.get(1), in.get(2).size());
  }
}
