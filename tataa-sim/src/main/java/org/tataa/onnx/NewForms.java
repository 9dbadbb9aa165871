package org.tataa.onnx;

import java.util.Map;
import org.tataa.graph.GraphException;
import org.tataa.graph.Node;

/** Large operators of new opsets, taken apart. */
final class NewForms {
  private NewForms() {}

  static void register(Map<String, Rewrite.Rule> rules) {
    rules.put("Swish", NewForms::swish);
    rules.put("SwiGLU", NewForms::gated);
    rules.put("CausalConvWithState", NewForms::causalConvolution);
    rules.put("RMSNormalization", NewForms::rms);
  }

  private static void swish(Node node, Rewrite to) {
    float alpha = node.number("alpha", 1);
    String x = node.input(0);
    if (alpha == 1) {
      to.result(0, "Silu", x);
    } else {
      to.result(0, "Mul", x, to.op("Sigmoid", to.op("Mul", x, to.number(alpha))));
    }
  }

  private static void gated(Node node, Rewrite to) {
    float alpha = node.number("alpha", 1);
    String gate = node.input(0);
    String swish =
        alpha == 1
            ? to.op("Silu", gate)
            : to.op("Mul", gate, to.op("Sigmoid", to.op("Mul", gate, to.number(alpha))));
    to.result(0, "Mul", swish, node.input(1));
  }

  private static void rms(Node node, Rewrite to) {
    to.add(
        new Node(
            node.name(),
            node.op(),
            node.inputs(),
            node.outputs(),
            Map.of("axis", node.integer("axis", -1), "epsilon", node.number("epsilon", 1e-5f))));
  }

  // A depthwise convolution over the past and the present.
  private static void causalConvolution(Node node, Rewrite to) {
    String x = node.input(0);
    String kernel = node.input(1);
    String before = node.input(3);
    int rank = to.requireRank(kernel, "input weight");
    if (rank != 3) {
      throw new GraphException("input weight has rank " + rank + ", expected 3");
    }
    String one = to.longs(1);
    String width = to.op("Sub", to.dims(kernel, 2, 3), one);
    if (before.isEmpty()) {
      String shape = to.op("Concat", Map.of("axis", 0L), to.dims(x, 0, 2), width);
      before = to.op("ConstantOfShape", shape);
    }
    String all = to.op("Concat", Map.of("axis", 2L), before, x);
    long groups = to.requireDim(kernel, 0, "channels of input weight");
    String sum =
        node.input(2).isEmpty()
            ? to.op("Conv", Map.of("group", groups), all, kernel)
            : to.op("Conv", Map.of("group", groups), all, kernel, node.input(2));
    String activation = node.text("activation", "none");
    switch (activation) {
      case "none" -> to.result(0, "Identity", sum);
      case "silu", "swish" -> to.result(0, "Silu", sum);
      default -> throw new GraphException("activation `" + activation + "` is not supported");
    }
    String axis = to.longs(2);
    String length = to.dims(all, 2, 3);
    to.result(1, "Slice", all, to.op("Sub", length, width), length, axis);
  }
}
