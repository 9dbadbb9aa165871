package org.tataa.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;

/** Forms of operators in old opsets, brought into the newest form. */
final class OldForms {
  private static final float LOWEST = -Float.MAX_VALUE;

  private OldForms() {}

  static void register(Map<String, Rewrite.Rule> rules) {
    rules.put("Softmax", OldForms::flattening);
    rules.put("LogSoftmax", OldForms::flattening);
    rules.put("Hardmax", OldForms::flattening);
    rules.put("Slice", (node, to) -> attributesToInputs(node, to, "starts", "ends", "axes"));
    rules.put("Split", (node, to) -> attributesToInputs(node, to, "split"));
    rules.put("TopK", OldForms::top);
    rules.put("Clip", OldForms::clip);
    rules.put("Pad", OldForms::pad);
    rules.put("Dropout", OldForms::dropout);
    rules.put("Scatter", (node, to) -> to.add(renamed(node, "ScatterElements")));
    rules.put("Reshape", OldForms::reshape);
    rules.put("CastLike", OldForms::castLike);
  }

  private static Node renamed(Node node, String op) {
    return new Node(node.name(), op, node.inputs(), node.outputs(), node.attributes());
  }

  private static Node with(Node node, List<String> inputs, Map<String, Object> attributes) {
    return new Node(node.name(), node.op(), inputs, node.outputs(), attributes);
  }

  // Before 13 all axes from the given one were one.
  private static void flattening(Node node, Rewrite to) {
    if (to.opset() >= 13) {
      to.add(node);
      return;
    }
    String x = node.input(0);
    long axis = node.integer("axis", 1);
    int rank = to.rank(x);
    if (axis == -1 || axis == rank - 1) {
      to.result(0, node.op(), Map.of("axis", -1L), x);
      return;
    }
    String shape = to.op("Shape", x);
    String rows = to.op("Flatten", Map.of("axis", axis), x);
    to.result(0, "Reshape", to.op(node.op(), Map.of("axis", -1L), rows), shape);
  }

  // Lists of integers became inputs, in this order behind the others.
  private static void attributesToInputs(Node node, Rewrite to, String... names) {
    if (!node.has(names[0])) {
      to.add(node);
      return;
    }
    List<String> inputs = new ArrayList<>(node.inputs());
    Map<String, Object> attributes = new HashMap<>(node.attributes());
    for (String name : names) {
      long[] values = node.integers(name);
      attributes.remove(name);
      inputs.add(values == null ? "" : to.longs(values));
    }
    to.add(with(node, inputs, attributes));
  }

  private static void top(Node node, Rewrite to) {
    if (!node.has("k")) {
      to.add(node);
      return;
    }
    String k = to.longs(node.integer("k", 1));
    to.add(with(node, List.of(node.input(0), k), Map.of("axis", node.integer("axis", -1))));
  }

  private static void clip(Node node, Rewrite to) {
    if (to.opset() >= 11) {
      to.add(node);
      return;
    }
    String low = to.number(node.number("min", LOWEST));
    String high = to.number(node.number("max", Float.MAX_VALUE));
    to.add(with(node, List.of(node.input(0), low, high), Map.of()));
  }

  private static void pad(Node node, Rewrite to) {
    long[] pads = node.integers("pads");
    if (pads == null) {
      to.add(node);
      return;
    }
    to.add(
        with(
            node,
            List.of(node.input(0), to.longs(pads), to.number(node.number("value", 0))),
            Map.of("mode", node.text("mode", "constant"))));
  }

  // The share of dropped elements does not matter, since none is.
  private static void dropout(Node node, Rewrite to) {
    String training = node.input(2);
    NdTensor constant = to.constant(training);
    boolean isOff = training.isEmpty() || (constant != null && constant.at(0) == 0);
    List<String> inputs = isOff ? List.of(node.input(0)) : List.of(node.input(0), "", training);
    to.add(with(node, inputs, Map.of()));
  }

  private static void reshape(Node node, Rewrite to) {
    long[] shape = node.integers("shape");
    to.add(shape == null ? node : with(node, List.of(node.input(0), to.longs(shape)), Map.of()));
  }

  // A cast to a type the file names needs no second operand.
  private static void castLike(Node node, Rewrite to) {
    int type = to.type(node.input(1));
    if (type == 0) {
      to.add(node);
    } else {
      to.result(0, "Cast", Map.of("to", (long) type), node.input(0));
    }
  }
}
