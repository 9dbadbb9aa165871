package org.tataa.onnx;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;

/** Small operators of ONNX Runtime: fused activations, normalisations and products. */
final class RuntimeForms {
  private RuntimeForms() {}

  static void register(Map<String, Rewrite.Rule> rules) {
    rules.put("com.microsoft.Gelu", (node, to) -> to.result(0, "Gelu", node.input(0)));
    rules.put("com.microsoft.BiasGelu", (node, to) -> gelu(node, to, Map.of()));
    rules.put(
        "com.microsoft.FastGelu", (node, to) -> gelu(node, to, Map.of("approximate", "tanh")));
    rules.put("com.microsoft.QuickGelu", RuntimeForms::quick);
    rules.put("com.microsoft.SkipLayerNormalization", (node, to) -> skip(node, to, true));
    rules.put("com.microsoft.SkipSimplifiedLayerNormalization", (n, to) -> skip(n, to, false));
    rules.put("com.microsoft.EmbedLayerNormalization", RuntimeForms::embedding);
    rules.put("com.microsoft.SimplifiedLayerNormalization", RuntimeForms::simplified);
    rules.put("SimplifiedLayerNormalization", RuntimeForms::simplified);
    rules.put("com.microsoft.FusedMatMul", RuntimeForms::product);
    rules.put("com.microsoft.TransposeMatMul", RuntimeForms::product);
    rules.put("com.microsoft.BiasAdd", RuntimeForms::bias);
    for (String plain :
        new String[] {"QuantizeLinear", "DequantizeLinear", "Trilu", "LayerNormalization"}) {
      rules.put(
          "com.microsoft." + plain,
          (node, to) ->
              to.add(
                  new Node(node.name(), plain, node.inputs(), node.outputs(), node.attributes())));
    }
  }

  private static void gelu(Node node, Rewrite to, Map<String, Object> attributes) {
    String x = node.input(0);
    String sum = node.input(1).isEmpty() ? x : to.op("Add", x, node.input(1));
    to.result(0, "Gelu", attributes, sum);
  }

  private static void quick(Node node, Rewrite to) {
    String x = node.input(0);
    String scaled = to.op("Mul", x, to.number(node.number("alpha", 1.702f)));
    to.result(0, "Mul", x, to.op("Sigmoid", scaled));
  }

  private static void bias(Node node, Rewrite to) {
    String sum = to.op("Add", node.input(0), node.input(1));
    to.result(0, "Add", sum, node.input(2));
  }

  // Outputs: the norm, its mean and inverse deviation, and the sum that is normalised.
  private static void skip(Node node, Rewrite to, boolean isCentred) {
    String sum = to.op("Add", node.input(0), node.input(1));
    String bias = node.input(isCentred ? 4 : 3);
    if (!bias.isEmpty()) {
      sum = to.op("Add", sum, bias);
    }
    if (to.isWanted(1) || to.isWanted(2)) {
      throw new GraphException("outputs mean and inv_std_var are not supported");
    }
    norm(node, to, sum, node.input(2), isCentred ? node.input(3) : "", isCentred);
    to.result(3, "Identity", sum);
  }

  private static void norm(
      Node node, Rewrite to, String x, String gamma, String beta, boolean isCentred) {
    Map<String, Object> attributes = Map.of("axis", -1L, "epsilon", node.number("epsilon", 1e-12f));
    if (!isCentred) {
      to.result(0, "RMSNormalization", attributes, x, gamma);
    } else if (beta.isEmpty()) {
      to.result(0, "LayerNormalization", attributes, x, gamma);
    } else {
      to.result(0, "LayerNormalization", attributes, x, gamma, beta);
    }
  }

  private static void simplified(Node node, Rewrite to) {
    Map<String, Object> attributes = new HashMap<>(node.attributes());
    attributes.keySet().retainAll(Set.of("axis", "epsilon"));
    to.add(
        new Node(
            node.name(),
            "RMSNormalization",
            node.inputs().subList(0, 2),
            node.outputs(),
            attributes));
  }

  private static void embedding(Node node, Rewrite to) {
    String ids = node.input(0);
    String sum = to.op("Gather", node.input(2), ids);
    String places = node.input(8);
    String positions;
    if (places.isEmpty()) {
      positions = to.op("Slice", node.input(3), to.longs(0), to.dims(ids, 1, 2), to.longs(0));
    } else {
      positions = to.op("Gather", node.input(3), places);
    }
    sum = to.op("Add", sum, positions);
    if (!node.input(1).isEmpty()) {
      sum = to.op("Add", sum, to.op("Gather", node.input(4), node.input(1)));
    }
    norm(node, to, sum, node.input(5), node.input(6), true);
    if (to.isWanted(1)) {
      if (node.input(7).isEmpty()) {
        String items = to.dims(ids, 0, 1);
        to.result(1, "ConstantOfShape", Map.of("value", zero()), items);
      } else {
        // How many tokens of an item are filled.
        String filled = to.op("Cast", Map.of("to", 7L), node.input(7));
        to.result(1, "ReduceSum", Map.of("keepdims", 0L), filled, to.longs(1));
      }
    }
    to.result(2, "Identity", sum);
  }

  private static NdTensor zero() {
    return NdTensor.of(new long[1], 1);
  }

  private static void product(Node node, Rewrite to) {
    if (node.integer("transBatchA", 0) != 0 || node.integer("transBatchB", 0) != 0) {
      throw new GraphException("attributes transBatchA and transBatchB are not supported");
    }
    String a = transposed(to, node.input(0), node.integer("transA", 0) != 0);
    String b = transposed(to, node.input(1), node.integer("transB", 0) != 0);
    float alpha = node.number("alpha", 1);
    if (alpha == 1) {
      to.result(0, "MatMul", a, b);
    } else {
      to.result(0, "Mul", to.op("MatMul", a, b), to.number(alpha));
    }
  }

  private static String transposed(Rewrite to, String x, boolean isTransposed) {
    int rank = isTransposed ? to.requireRank(x, "an operand") : 0;
    if (rank < 2) {
      return x;
    }
    long[] perm = new long[rank];
    Arrays.setAll(perm, i -> i < rank - 2 ? i : 2L * rank - 3 - i);
    return to.op("Transpose", Map.of("perm", perm), x);
  }
}
