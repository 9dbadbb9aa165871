package org.tataa.onnx;

import java.util.List;
import java.util.Map;
import org.tataa.graph.GraphException;
import org.tataa.graph.Node;

/**
 * Rotary position embedding of ONNX and of ONNX Runtime: {@code x * cos + swapped(x) * (-sin,
 * sin)}, where {@code swapped} exchanges the halves, or neighbours, of the features of a head.
 */
final class RotaryForms {
  private RotaryForms() {}

  static void register(Map<String, Rewrite.Rule> rules) {
    rules.put("RotaryEmbedding", RotaryForms::standard);
    rules.put("com.microsoft.RotaryEmbedding", RotaryForms::runtime);
  }

  private static void standard(Node node, Rewrite to) {
    String positions = node.input(3);
    String cos = node.input(1);
    String sin = node.input(2);
    if (!positions.isEmpty()) {
      cos = to.op("Gather", cos, positions);
      sin = to.op("Gather", sin, positions);
    }
    embed(node, to, to.longs(0, 0, node.integer("num_heads", 0), -1), cos, sin);
  }

  private static void runtime(Node node, Rewrite to) {
    if (node.integer("is_packed_batching", 0) != 0) {
      throw new GraphException("attribute is_packed_batching 1 is not supported");
    }
    if (node.number("scale", 1) != 1) {
      throw new GraphException("attribute scale is not supported");
    }
    String x = node.input(0);
    String positions = node.input(1);
    if (to.requireRank(positions, "input position_ids") < 2) {
      int axis = to.requireRank(x, "input") == 4 ? 2 : 1;
      String length = to.op("Squeeze", to.dims(x, axis, axis + 1), to.longs(0));
      String range = to.op("Range", to.scalar(0), length, to.scalar(1));
      positions = to.op("Unsqueeze", to.op("Add", range, positions), to.longs(0));
    }
    String cos = to.op("Gather", node.input(2), positions);
    String sin = to.op("Gather", node.input(3), positions);
    String width = to.op("Mul", to.dims(node.input(2), 1, 2), to.longs(2));
    long heads = node.integer("num_heads", 0);
    String shape =
        heads > 0
            ? to.longs(0, 0, heads, -1)
            : to.op("Concat", Map.of("axis", 0L), to.longs(0, 0, -1), width);
    embed(node, to, shape, cos, sin);
  }

  // Features of heads of a value of rank 3 or 4.
  private static void embed(Node node, Rewrite to, String headShape, String cos, String sin) {
    String x = node.input(0);
    boolean isFlat = to.requireRank(x, "the input") == 3;
    boolean isInterleaved = node.integer("interleaved", 0) != 0;
    long width = node.integer("rotary_embedding_dim", 0);
    String heads = isFlat ? heads(to, x, headShape) : x;
    String rotated = rotated(to, heads, cos, sin, isInterleaved, width);
    if (isFlat) {
      String tokens = to.op("Transpose", Map.of("perm", new long[] {0, 2, 1, 3}), rotated);
      to.result(0, "Reshape", tokens, to.longs(0, 0, -1));
    } else {
      to.result(0, "Identity", rotated);
    }
  }

  private static String heads(Rewrite to, String x, String shape) {
    return to.op("Transpose", Map.of("perm", new long[] {0, 2, 1, 3}), to.op("Reshape", x, shape));
  }

  /**
   * Heads {@code [b][h][s][d]} rotated.
   *
   * @param cos {@code [b][s][width / 2]}
   * @param sin {@code [b][s][width / 2]}
   * @param width features that are rotated, 0 for all
   */
  static String rotated(
      Rewrite to, String heads, String cos, String sin, boolean isInterleaved, long width) {
    String part = heads;
    String rest = "";
    if (width > 0) {
      String axis = to.longs(3);
      part = to.op("Slice", heads, to.longs(0), to.longs(width), axis);
      rest = to.op("Slice", heads, to.longs(width), to.longs(Long.MAX_VALUE), axis);
    }
    String axis = to.longs(1);
    String c = to.op("Unsqueeze", cos, axis);
    String s = to.op("Unsqueeze", sin, axis);
    String swapped;
    String cosines;
    String sines;
    if (isInterleaved) {
      String pairs = to.op("Reshape", part, to.longs(0, 0, 0, -1, 2));
      String exchanged = to.op("Gather", Map.of("axis", 4L), pairs, to.longs(1, 0));
      swapped = to.op("Reshape", exchanged, to.longs(0, 0, 0, -1));
      cosines = paired(to, c, c);
      sines = paired(to, to.op("Neg", s), s);
    } else {
      List<String> halves = to.ops("Split", 2, Map.of("axis", 3L, "num_outputs", 2L), part);
      swapped = to.op("Concat", Map.of("axis", 3L), halves.get(1), halves.get(0));
      cosines = to.op("Concat", Map.of("axis", 3L), c, c);
      sines = to.op("Concat", Map.of("axis", 3L), to.op("Neg", s), s);
    }
    String rotated = to.op("Add", to.op("Mul", part, cosines), to.op("Mul", swapped, sines));
    return rest.isEmpty() ? rotated : to.op("Concat", Map.of("axis", 3L), rotated, rest);
  }

  private static String paired(Rewrite to, String first, String second) {
    String axis = to.longs(4);
    String pairs =
        to.op(
            "Concat",
            Map.of("axis", 4L),
            to.op("Unsqueeze", first, axis),
            to.op("Unsqueeze", second, axis));
    return to.op("Reshape", pairs, to.longs(0, 0, 0, -1));
  }
}
