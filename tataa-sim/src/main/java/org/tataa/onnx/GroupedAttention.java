package org.tataa.onnx;

import java.util.List;
import java.util.Map;
import org.tataa.graph.GraphException;
import org.tataa.graph.Node;

/**
 * Operator GroupQueryAttention of ONNX Runtime. New keys and values are appended to the past ones:
 * all items of a batch have a past of the same length, without room behind it; others are an error.
 */
final class GroupedAttention {
  private GroupedAttention() {}

  static void register(Map<String, Rewrite.Rule> rules) {
    rules.put("com.microsoft.GroupQueryAttention", GroupedAttention::apply);
  }

  private static void apply(Node node, Rewrite to) {
    if (node.integer("smooth_softmax", 0) > 0 || !node.input(11).isEmpty()) {
      throw new GraphException("smooth_softmax and head_sink are not supported");
    }
    if (to.isWanted(3)) {
      throw new GraphException("output output_qk is not supported");
    }
    long heads = node.integer("num_heads", 0);
    long keyHeads = node.integer("kv_num_heads", 0);
    String[] qkv = heads(node, to, heads, keyHeads);
    String total =
        to.op(
            "Unsqueeze",
            to.op("Squeeze", to.op("Cast", Map.of("to", 7L), node.input(6))),
            to.longs(0));
    total = to.op("Add", total, sameLength(node.input(5), total, to));
    String length = to.dims(qkv[0], 2, 3);
    String before = to.op("Sub", total, length);
    if (node.integer("do_rotary", 0) != 0) {
      String positions = node.input(9);
      if (positions.isEmpty()) {
        String limit = to.op("Squeeze", length, to.longs(0));
        String range = to.op("Range", to.scalar(0), limit, to.scalar(1));
        positions = to.op("Unsqueeze", to.op("Add", range, before), to.longs(0));
      }
      boolean isInterleaved = node.integer("rotary_interleaved", 0) != 0;
      String cos = to.op("Gather", node.input(7), positions);
      String sin = to.op("Gather", node.input(8), positions);
      long width = rotaryWidth(node, to);
      qkv[0] = RotaryForms.rotated(to, qkv[0], cos, sin, isInterleaved, width);
      qkv[1] = RotaryForms.rotated(to, qkv[1], cos, sin, isInterleaved, width);
    }
    if (!node.input(3).isEmpty()) {
      qkv[1] = to.op("Concat", Map.of("axis", 2L), full(to, node.input(3), before), qkv[1]);
      qkv[2] = to.op("Concat", Map.of("axis", 2L), full(to, node.input(4), before), qkv[2]);
    }
    to.result(1, "Identity", qkv[1]);
    to.result(2, "Identity", qkv[2]);
    String key = Attending.shared(to, qkv[1], qkv[0]);
    String value = Attending.shared(to, qkv[2], qkv[0]);
    float scale = node.number("scale", 0);
    Attending attending = new Attending(to, qkv[0], key, scale == 0 ? null : (Float) scale);
    attending.cap(node.number("softcap", 0));
    attending.bias(node.input(10));
    attending.causal(before);
    attending.window(node.integer("local_window_size", -1), before);
    Attending.tokens(to, 0, to.op("MatMul", attending.weights(), value));
  }

  // 0, or an error if an item has another number of tokens than all have: it would read padding.
  private static String sameLength(String last, String total, Rewrite to) {
    String tokens = to.op("Add", to.op("Cast", Map.of("to", 7L), last), to.longs(1));
    String excess = to.op("Mul", to.op("Sub", tokens, total), to.longs(2));
    String zeros = to.op("Gather", to.longs(0), excess);
    return to.op("ReduceSum", Map.of("keepdims", 0L), zeros);
  }

  // The past, or an error if it has room behind its tokens: new ones would not follow them.
  private static String full(Rewrite to, String past, String tokens) {
    String shape =
        to.op("Concat", Map.of("axis", 0L), to.dims(past, 0, 2), tokens, to.dims(past, 3, 4));
    return to.op("Reshape", Map.of("allowzero", 1L), past, shape);
  }

  // Tables may be narrower than a head: then only its first features are rotated.
  private static long rotaryWidth(Node node, Rewrite to) {
    return 2L * to.requireDim(node.input(7), 1, "columns of input cos_cache");
  }

  private static String[] heads(Node node, Rewrite to, long heads, long keyHeads) {
    if (!node.input(1).isEmpty()) {
      return new String[] {
        Attending.heads(to, node.input(0), heads),
        Attending.heads(to, node.input(1), keyHeads),
        Attending.heads(to, node.input(2), keyHeads)
      };
    }
    String all = Attending.heads(to, node.input(0), heads + 2 * keyHeads);
    List<String> parts =
        to.ops("Split", 3, Map.of("axis", 1L), all, to.longs(heads, keyHeads, keyHeads));
    return parts.toArray(new String[0]);
  }
}
