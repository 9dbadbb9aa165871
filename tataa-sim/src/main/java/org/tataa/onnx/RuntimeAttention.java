package org.tataa.onnx;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.GraphException;
import org.tataa.graph.Node;

/** Operators Attention and MultiHeadAttention of ONNX Runtime. */
final class RuntimeAttention {
  private static final float PENALTY = -10000;

  private RuntimeAttention() {}

  static void register(Map<String, Rewrite.Rule> rules) {
    rules.put("com.microsoft.Attention", RuntimeAttention::packed);
    rules.put("com.microsoft.MultiHeadAttention", RuntimeAttention::separate);
  }

  private static void refuse(Node node, String... attributes) {
    for (String attribute : attributes) {
      if (node.integer(attribute, 0) != 0) {
        throw new GraphException("attribute " + attribute + " is not supported");
      }
    }
  }

  // Queries, keys and values by one product with weights side by side.
  private static void packed(Node node, Rewrite to) {
    refuse(node, "do_rotary", "past_present_share_buffer");
    long heads = node.integer("num_heads", 0);
    String all = to.op("MatMul", node.input(0), node.input(1));
    if (!node.input(2).isEmpty()) {
      all = to.op("Add", all, node.input(2));
    }
    long[] sizes = node.integers("qkv_hidden_sizes");
    List<String> parts =
        sizes == null
            ? to.ops("Split", 3, Map.of("axis", 2L, "num_outputs", 3L), all)
            : to.ops("Split", 3, Map.of("axis", 2L), all, to.longs(sizes));
    String query = Attending.heads(to, parts.get(0), heads);
    String key = Attending.heads(to, parts.get(1), heads);
    String value = Attending.heads(to, parts.get(2), heads);
    String past = node.input(4);
    if (!past.isEmpty()) {
      key = to.op("Concat", Map.of("axis", 2L), to.op("Gather", past, to.scalar(0)), key);
      value = to.op("Concat", Map.of("axis", 2L), to.op("Gather", past, to.scalar(1)), value);
    }
    if (to.isWanted(1)) {
      String axis = to.longs(0);
      to.result(
          1,
          "Concat",
          Map.of("axis", 0L),
          to.op("Unsqueeze", key, axis),
          to.op("Unsqueeze", value, axis));
    }
    Attending attending = new Attending(to, query, key, scale(node));
    finish(node, to, attending, node.input(3), node.input(5), value);
  }

  private static @Nullable Float scale(Node node) {
    float scale = node.number("scale", 0);
    return scale == 0 ? null : (Float) scale;
  }

  private static void finish(
      Node node, Rewrite to, Attending attending, String mask, String bias, String value) {
    if (!mask.isEmpty()) {
      mask(node, to, attending, mask);
    }
    attending.bias(bias);
    if (node.integer("unidirectional", 0) != 0) {
      attending.causal(null);
    }
    Attending.tokens(to, 0, to.op("MatMul", attending.weights(), value));
  }

  private static void mask(Node node, Rewrite to, Attending attending, String mask) {
    float penalty = node.number("mask_filter_value", PENALTY);
    int rank = to.requireRank(mask, "the mask");
    switch (rank) {
      case 1 -> {
        // Numbers of keys that are filled, one per item; other forms do not fit this shape.
        String items = to.dims(node.input(0), 0, 1);
        String shape = to.op("Concat", Map.of("axis", 0L), items, to.longs(1, 1, 1));
        String filled = to.op("Reshape", to.op("Cast", Map.of("to", 7L), mask), shape);
        attending.penalise(to.op("Less", attending.keyNumbers(), filled), penalty);
      }
      case 2 -> attending.penalise(to.op("Unsqueeze", mask, to.longs(1, 2)), penalty);
      case 3 -> attending.penalise(to.op("Unsqueeze", mask, to.longs(1)), penalty);
      default -> throw new GraphException("a mask of rank " + rank + " is not supported");
    }
  }

  // Queries, keys and values apart, or packed in the ways the operator knows.
  private static void separate(Node node, Rewrite to) {
    long heads = node.integer("num_heads", 0);
    if (!node.input(8).isEmpty() || !node.input(9).isEmpty()) {
      throw new GraphException("inputs past_sequence_length and cache_indirection not supported");
    }
    String[] qkv = {node.input(0), node.input(1), node.input(2)};
    unpack(to, qkv);
    String bias = node.input(3);
    boolean isCross = to.rank(qkv[1]) == 4;
    String from = to.longs(0);
    for (int i = 0; i < 3; i++) {
      if (i > 0 && isCross) {
        continue;
      }
      String tokens = qkv[i];
      if (!bias.isEmpty()) {
        String until = to.op("Add", from, to.dims(tokens, 2, 3));
        tokens = to.op("Add", tokens, to.op("Slice", bias, from, until));
        from = until;
      }
      qkv[i] = Attending.heads(to, tokens, heads);
    }
    String past = node.input(6);
    if (!past.isEmpty()) {
      qkv[1] = to.op("Concat", Map.of("axis", 2L), past, qkv[1]);
      qkv[2] = to.op("Concat", Map.of("axis", 2L), node.input(7), qkv[2]);
    }
    to.result(1, "Identity", qkv[1]);
    to.result(2, "Identity", qkv[2]);
    if (to.isWanted(3)) {
      throw new GraphException("output qk is not supported");
    }
    Attending attending = new Attending(to, qkv[0], qkv[1], scale(node));
    finish(node, to, attending, node.input(4), node.input(5), qkv[2]);
  }

  private static void unpack(Rewrite to, String[] qkv) {
    int rank = to.requireRank(qkv[0], "input query");
    if (rank == 5) {
      // [b][s][heads][3][d]
      List<String> parts = to.ops("Split", 3, Map.of("axis", 3L, "num_outputs", 3L), qkv[0]);
      for (int i = 0; i < 3; i++) {
        qkv[i] = to.op("Reshape", parts.get(i), to.longs(0, 0, -1));
      }
      return;
    }
    if (qkv[1].isEmpty()) {
      throw new GraphException("a query of rank " + rank + " without key is not supported");
    }
    if (to.requireRank(qkv[1], "input key") == 5) {
      // [b][s][heads][2][d]
      List<String> parts = to.ops("Split", 2, Map.of("axis", 3L, "num_outputs", 2L), qkv[1]);
      for (int i = 0; i < 2; i++) {
        qkv[i + 1] = to.op("Reshape", parts.get(i), to.longs(0, 0, -1));
      }
    }
  }
}
