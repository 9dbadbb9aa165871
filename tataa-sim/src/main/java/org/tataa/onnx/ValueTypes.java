package org.tataa.onnx;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.tataa.graph.Node;

/** ONNX element types of values, as far as the file tells them; 0 for unknown ones. */
final class ValueTypes {
  private static final int FLOAT = 1;
  private static final int UINT8 = 2;
  private static final int INT32 = 6;
  private static final int INT64 = 7;
  private static final int BOOL = 9;

  private static final Set<String> INDICES = Set.of("Shape", "Size", "NonZero", "ArgMax", "ArgMin");
  private static final Set<String> CONDITIONS =
      Set.of(
          "Equal",
          "Less",
          "LessOrEqual",
          "Greater",
          "GreaterOrEqual",
          "And",
          "Or",
          "Xor",
          "Not",
          "IsNaN",
          "IsInf");

  private final Map<String, Integer> types = new HashMap<>();

  void put(String value, int type) {
    if (type != 0 && !value.isEmpty()) {
      types.put(value, type);
    }
  }

  int of(String value) {
    return types.getOrDefault(value, 0);
  }

  /** Notes the types of what a node makes. */
  void infer(Node node) {
    if (node.outputs().isEmpty()) {
      return;
    }
    put(node.output(), first(node));
    for (int i = 1; i < node.outputs().size(); i++) {
      put(
          node.outputs().get(i),
          switch (node.op()) {
            case "TopK", "MaxPool" -> INT64;
            case "DynamicQuantizeLinear" -> i == 1 ? FLOAT : UINT8;
            default -> first(node);
          });
    }
  }

  private int first(Node node) {
    String op = node.op();
    if (INDICES.contains(op)) {
      return INT64;
    }
    if (CONDITIONS.contains(op)) {
      return BOOL;
    }
    return switch (op) {
      case "Cast" -> (int) node.integer("to", 0);
      case "EyeLike" -> (int) node.integer("dtype", of(node.input(0)));
      case "Constant", "ConstantOfShape" ->
          // What the constant is was decided when the attribute was read; its width is lost.
          of(node.output());
      case "Where", "CastLike" -> of(node.input(1));
      case "OneHot" -> of(node.input(2));
      case "DequantizeLinear" -> FLOAT;
      case "DynamicQuantizeLinear" -> UINT8;
      case "QuantizeLinear" -> quantised(node);
      case "QLinearMatMul", "QLinearConv" -> of(node.input(7));
      case "MatMulInteger", "ConvInteger" -> INT32;
      default -> of(node.input(0));
    };
  }

  private int quantised(Node node) {
    long declared = node.integer("output_dtype", 0);
    return declared != 0 ? (int) declared : node.input(2).isEmpty() ? UINT8 : of(node.input(2));
  }
}
