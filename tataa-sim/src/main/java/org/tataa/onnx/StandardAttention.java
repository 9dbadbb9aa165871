package org.tataa.onnx;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.Node;

/** Operator Attention of ONNX (since opset 23). */
final class StandardAttention {
  private StandardAttention() {}

  static void register(Map<String, Rewrite.Rule> rules) {
    rules.put("Attention", StandardAttention::apply);
  }

  private static void apply(Node node, Rewrite to) {
    boolean isFlat = to.requireRank(node.input(0), "input Q") == 3;
    long heads = node.integer("q_num_heads", 0);
    long keyHeads = node.integer("kv_num_heads", 0);
    String query = isFlat ? Attending.heads(to, node.input(0), heads) : node.input(0);
    String key = isFlat ? Attending.heads(to, node.input(1), keyHeads) : node.input(1);
    String value = isFlat ? Attending.heads(to, node.input(2), keyHeads) : node.input(2);
    String past = node.input(4);
    if (!past.isEmpty()) {
      key = to.op("Concat", Map.of("axis", 2L), past, key);
      value = to.op("Concat", Map.of("axis", 2L), node.input(5), value);
    }
    to.result(1, "Identity", key);
    to.result(2, "Identity", value);
    key = Attending.shared(to, key, query);
    value = Attending.shared(to, value, query);

    Float scale = node.has("scale") ? (Float) node.number("scale", 1) : null;
    Attending attending = new Attending(to, query, key, scale);
    long mode = node.integer("qk_matmul_output_mode", 0);
    scores(to, attending, mode, 0);
    attending.cap(node.number("softcap", 0));
    scores(to, attending, mode, to.opset() >= 23 ? 1 : 2);
    String filled = node.input(6);
    if (!node.input(3).isEmpty()) {
      mask(to, attending, node.input(3), filled.isEmpty() ? null : key);
    }
    if (!filled.isEmpty()) {
      filled = to.op("Reshape", filled, to.longs(-1, 1, 1, 1));
      attending.allow(to.op("Less", attending.keyNumbers(), filled));
    }
    if (node.integer("is_causal", 0) != 0) {
      attending.causal(offset(to, query, past, filled));
    }
    scores(to, attending, mode, 2);
    String weights = attending.weights();
    if (mode == 3) {
      to.result(3, "Identity", weights);
    }
    if (isFlat) {
      Attending.tokens(to, 0, to.op("MatMul", weights, value));
    } else {
      to.result(0, "MatMul", weights, value);
    }
  }

  private static void scores(Rewrite to, Attending attending, long mode, long at) {
    if (mode == at) {
      to.result(3, "Identity", attending.scores());
    }
  }

  private static String offset(Rewrite to, String query, String past, String filled) {
    if (!past.isEmpty()) {
      return to.dims(past, 2, 3);
    }
    return filled.isEmpty() ? to.longs(0) : to.op("Sub", filled, to.dims(query, 2, 3));
  }

  // A mask may be shorter than the keys of a cache that is not full.
  private static void mask(
      Rewrite to, Attending attending, String mask, @Nullable String longerKey) {
    boolean isCondition = to.type(mask) == 9;
    String whole = mask;
    if (longerKey != null) {
      String missing = to.op("Sub", to.dims(longerKey, 2, 3), to.dims(mask, -1, Long.MAX_VALUE));
      String pads = to.op("Concat", Map.of("axis", 0L), to.longs(0), missing);
      whole = to.op("Pad", mask, pads, "", to.longs(-1));
    }
    if (isCondition) {
      attending.allow(whole);
    } else {
      attending.bias(whole);
    }
  }
}
