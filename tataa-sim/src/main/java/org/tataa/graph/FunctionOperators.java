package org.tataa.graph;

import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

/** Functions of one operand, element by element. */
final class FunctionOperators {
  private static final float SELU_ALPHA = 1.6732632f;
  private static final float SELU_GAMMA = 1.050701f;

  private FunctionOperators() {}

  static void register(Map<String, OperatorFunction> table) {
    plain(table, "Neg", x -> -x);
    plain(table, "Abs", Math::abs);
    plain(table, "Sqrt", Math::sqrt);
    plain(table, "Reciprocal", x -> 1 / x);
    plain(table, "Exp", Math::exp);
    plain(table, "Log", Math::log);
    plain(table, "Erf", Elementwise::erf);
    plain(table, "Sigmoid", Elementwise::sigmoid);
    plain(table, "Relu", x -> Math.max(0, x));
    plain(table, "Floor", Math::floor);
    plain(table, "Ceil", Math::ceil);
    plain(table, "Round", Math::rint);
    plain(table, "Sign", Math::signum);
    plain(table, "Not", x -> x == 0 ? 1 : 0);
    plain(table, "Softplus", FunctionOperators::softplus);
    plain(table, "Softsign", x -> x / (1 + Math.abs(x)));
    plain(table, "Silu", x -> x * Elementwise.sigmoid(x));
    plain(table, "HardSwish", x -> x * Math.max(0, Math.min(1, x / 6 + 0.5)));
    plain(table, "Mish", x -> x * Math.tanh(softplus(x)));
    plain(table, "Sin", Math::sin);
    plain(table, "Cos", Math::cos);
    plain(table, "Tan", Math::tan);
    plain(table, "Asin", Math::asin);
    plain(table, "Acos", Math::acos);
    plain(table, "Atan", Math::atan);
    plain(table, "Sinh", Math::sinh);
    plain(table, "Cosh", Math::cosh);
    plain(table, "Tanh", Math::tanh);
    plain(table, "Asinh", x -> Math.signum(x) * Math.log(Math.abs(x) + Math.sqrt(x * x + 1)));
    plain(table, "Acosh", x -> Math.log(x + Math.sqrt(x * x - 1)));
    plain(table, "Atanh", x -> 0.5 * Math.log((1 + x) / (1 - x)));
    parametrised(table);
    Operators.single(table, (node, in) -> Elementwise.truth(in.get(0), Double::isNaN), "IsNaN");
    Operators.single(table, FunctionOperators::isInfinite, "IsInf");
    Operators.single(
        table,
        (node, in) -> Elementwise.binary(in.get(0), in.get(0), (a, b) -> Double.NaN, (a, b) -> ~a),
        "BitwiseNot");
  }

  private static void parametrised(Map<String, OperatorFunction> table) {
    with(
        table,
        "Gelu",
        node -> {
          String approximate = node.text("approximate", "none");
          return switch (approximate) {
            case "none" -> Elementwise::geluErf;
            case "tanh" -> Elementwise::geluTanh;
            default -> throw new GraphException("approximate `" + approximate + "` is not known");
          };
        });
    with(table, "LeakyRelu", node -> x -> x < 0 ? alpha(node, 0.01f) * x : x);
    with(table, "Elu", node -> x -> x < 0 ? alpha(node, 1) * Math.expm1(x) : x);
    with(
        table,
        "Celu",
        node -> x -> Math.max(0, x) + Math.min(0, alpha(node, 1) * Math.expm1(x / alpha(node, 1))));
    with(table, "ThresholdedRelu", node -> x -> x > alpha(node, 1) ? x : 0);
    with(table, "Swish", node -> x -> x * Elementwise.sigmoid(alpha(node, 1) * x));
    with(
        table,
        "Selu",
        node -> {
          double alpha = alpha(node, SELU_ALPHA);
          double gamma = node.number("gamma", SELU_GAMMA);
          return x -> gamma * (x > 0 ? x : alpha * Math.expm1(x));
        });
    with(
        table,
        "HardSigmoid",
        node -> {
          double beta = node.number("beta", 0.5f);
          return x -> Math.max(0, Math.min(1, alpha(node, 0.2f) * x + beta));
        });
    with(
        table,
        "Shrink",
        node -> {
          double limit = node.number("lambd", 0.5f);
          double bias = node.number("bias", 0);
          return x -> x < -limit ? x + bias : x > limit ? x - bias : 0;
        });
  }

  private static double alpha(Node node, float missing) {
    return node.number("alpha", missing);
  }

  private static void plain(
      Map<String, OperatorFunction> table, String name, DoubleUnaryOperator f) {
    Operators.single(table, (node, in) -> Elementwise.unary(in.get(0), f), name);
  }

  private static void with(
      Map<String, OperatorFunction> table, String name, Function<Node, DoubleUnaryOperator> f) {
    Operators.single(table, (node, in) -> Elementwise.unary(in.get(0), f.apply(node)), name);
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  private static NdTensor isInfinite(Node node, Arguments in) {
    boolean negative = node.integer("detect_negative", 1) != 0;
    boolean positive = node.integer("detect_positive", 1) != 0;
    return Elementwise.truth(in.get(0), x -> Double.isInfinite(x) && (x > 0 ? positive : negative));
  }
}
