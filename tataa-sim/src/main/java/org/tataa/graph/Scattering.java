package org.tataa.graph;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/** Operators that write elements at indices of a copy of their first input. */
final class Scattering {
  private Scattering() {}

  /** For each index along an axis the position of its element in a tensor of a shape. */
  static int[] positions(int[] shape, NdTensor indices, int axis) {
    int[] strides = DataMovement.strides(shape);
    int[] own = DataMovement.strides(indices.shape());
    int[] positions = new int[indices.size()];
    for (int i = 0; i < positions.length; i++) {
      int position = 0;
      for (int d = 0; d < shape.length; d++) {
        int at =
            d == axis
                ? IndexOperators.index(indices.longs()[i], shape[axis])
                : i / own[d] % indices.dim(d);
        position += at * strides[d];
      }
      positions[i] = position;
    }
    return positions;
  }

  static NdTensor elements(Node node, Arguments in) {
    NdTensor x = in.get(0);
    NdTensor indices = in.get(1);
    int axis = DataMovement.axis(node.integer("axis", 0), x.rank());
    if (indices.rank() != x.rank()
        || !Arrays.equals(indices.shape(), in.get(2).shape())
        || x.type() != in.get(2).type()) {
      throw new GraphException(
          "indices " + indices + " and updates " + in.get(2) + " do not fit " + x);
    }
    if (!in.areKnown()) {
      return x.withoutData();
    }
    return write(node, x, in.get(2), positions(x.shape(), indices, axis));
  }

  static NdTensor nd(Node node, Arguments in) {
    NdTensor x = in.get(0);
    NdTensor indices = in.get(1);
    NdTensor updates = in.get(2);
    int last = indices.dim(-1);
    int inner = 1;
    for (int i = last; i < x.rank(); i++) {
      inner *= x.dim(i);
    }
    int tuples = last == 0 ? 1 : indices.size() / last;
    if (last > x.rank() || updates.size() != tuples * inner || updates.type() != x.type()) {
      throw new GraphException("indices " + indices + " and " + updates + " do not fit " + x);
    }
    if (!in.areKnown()) {
      return x.withoutData();
    }
    int[] strides = DataMovement.strides(x.shape());
    int[] positions = new int[updates.size()];
    for (int t = 0; t < tuples; t++) {
      int base = 0;
      for (int i = 0; i < last; i++) {
        base += IndexOperators.index(indices.longs()[t * last + i], x.dim(i)) * strides[i];
      }
      for (int i = 0; i < inner; i++) {
        positions[t * inner + i] = base + i;
      }
    }
    return write(node, x, updates, positions);
  }

  /** What an element becomes of what it was and what is written to it. */
  private record Reduction(DoubleBinaryOperator ofFloats, LongBinaryOperator ofIntegers) {
    static Reduction of(String name) {
      return switch (name) {
        case "none" -> new Reduction((old, update) -> update, (old, update) -> update);
        case "add" -> new Reduction(Double::sum, Long::sum);
        case "mul" -> new Reduction((a, b) -> a * b, (a, b) -> a * b);
        case "max" -> new Reduction(Math::max, Math::max);
        case "min" -> new Reduction(Math::min, Math::min);
        default -> throw new GraphException("reduction " + name + " is not supported");
      };
    }
  }

  private static NdTensor write(Node node, NdTensor x, NdTensor updates, int[] positions) {
    Reduction reduction = Reduction.of(node.text("reduction", "none"));
    if (x.type() == ElementType.FLOAT) {
      float[] to = x.floats().clone();
      for (int i = 0; i < positions.length; i++) {
        int at = positions[i];
        to[at] = (float) reduction.ofFloats().applyAsDouble(to[at], updates.floats()[i]);
      }
      return NdTensor.of(to, x.shape());
    }
    long[] to = x.longs().clone();
    for (int i = 0; i < positions.length; i++) {
      int at = positions[i];
      to[at] = reduction.ofIntegers().applyAsLong(to[at], updates.longs()[i]);
    }
    return NdTensor.ofLongs(x.type(), to, x.shape());
  }

  /** A key/value cache with new tokens written where each item of the batch wants them. */
  static NdTensor cache(Node node, Arguments in) {
    NdTensor past = in.get(0);
    NdTensor update = in.get(1);
    NdTensor starts = in.orNull(2);
    int axis = DataMovement.axis(node.integer("axis", -2), past.rank());
    String mode = node.text("mode", "linear");
    if (axis == 0 || update.rank() != past.rank() || update.type() != past.type()) {
      throw new GraphException("update " + update + " does not fit " + past + " along " + axis);
    }
    if (!mode.equals("linear") && !mode.equals("circular")) {
      throw new GraphException("mode " + mode + " is not supported");
    }
    if (!in.areKnown()) {
      return past.withoutData();
    }
    int[] strides = DataMovement.strides(past.shape());
    int[] own = DataMovement.strides(update.shape());
    int[] positions = new int[update.size()];
    for (int i = 0; i < positions.length; i++) {
      int position = 0;
      for (int d = 0; d < past.rank(); d++) {
        int at = i / own[d] % update.dim(d);
        if (d == axis) {
          long start = starts == null ? 0 : starts.longs()[i / own[0]];
          long place = start + at;
          at =
              IndexOperators.index(
                  mode.equals("circular") ? place % past.dim(axis) : place, past.dim(axis));
        }
        position += at * strides[d];
      }
      positions[i] = position;
    }
    return write(node, past, update, positions);
  }
}
