package org.tataa.graph;

import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/** Operators of two or more operands, element by element: arithmetic, comparisons, logic, bits. */
final class ArithmeticOperators {
  private ArithmeticOperators() {}

  static void register(Map<String, OperatorFunction> table) {
    binary(table, "Add", Double::sum, Long::sum);
    binary(table, "Sub", (a, b) -> a - b, (a, b) -> a - b);
    binary(table, "Mul", (a, b) -> a * b, (a, b) -> a * b);
    binary(table, "Div", (a, b) -> a / b, (a, b) -> a / b);
    binary(table, "PRelu", (x, slope) -> x < 0 ? x * slope : x, (x, s) -> x < 0 ? x * s : x);
    Operators.single(table, ArithmeticOperators::mod, "Mod");
    Operators.single(table, (node, in) -> pow(in.get(0), in.get(1)), "Pow");
    fold(table, "Sum", Double::sum, Long::sum);
    fold(table, "Min", Math::min, Math::min);
    fold(table, "Max", Math::max, Math::max);
    Operators.single(table, (node, in) -> mean(in.all()), "Mean");
    compare(table, "Equal", (a, b) -> a == b ? 1 : 0, (a, b) -> a == b ? 1 : 0);
    compare(table, "Less", (a, b) -> a < b ? 1 : 0, (a, b) -> a < b ? 1 : 0);
    compare(table, "LessOrEqual", (a, b) -> a <= b ? 1 : 0, (a, b) -> a <= b ? 1 : 0);
    compare(table, "Greater", (a, b) -> a > b ? 1 : 0, (a, b) -> a > b ? 1 : 0);
    compare(table, "GreaterOrEqual", (a, b) -> a >= b ? 1 : 0, (a, b) -> a >= b ? 1 : 0);
    compare(table, "And", (a, b) -> a != 0 && b != 0 ? 1 : 0, (a, b) -> a != 0 && b != 0 ? 1 : 0);
    compare(table, "Or", (a, b) -> a != 0 || b != 0 ? 1 : 0, (a, b) -> a != 0 || b != 0 ? 1 : 0);
    compare(table, "Xor", (a, b) -> a != b ? 1 : 0, (a, b) -> a != b ? 1 : 0);
    bits(table, "BitwiseAnd", (a, b) -> a & b);
    bits(table, "BitwiseOr", (a, b) -> a | b);
    bits(table, "BitwiseXor", (a, b) -> a ^ b);
    Operators.single(table, ArithmeticOperators::shift, "BitShift");
    Operators.single(
        table, (node, in) -> Elementwise.where(in.get(0), in.get(1), in.get(2)), "Where");
    Operators.single(table, ArithmeticOperators::clip, "Clip");
    Operators.single(table, ArithmeticOperators::cast, "Cast");
    Operators.single(
        table, (node, in) -> Elementwise.cast(in.get(0), in.get(1).type()), "CastLike");
  }

  private static void binary(
      Map<String, OperatorFunction> table,
      String name,
      DoubleBinaryOperator f,
      LongBinaryOperator g) {
    Operators.single(table, (node, in) -> Elementwise.binary(in.get(0), in.get(1), f, g), name);
  }

  private static void fold(
      Map<String, OperatorFunction> table,
      String name,
      DoubleBinaryOperator f,
      LongBinaryOperator g) {
    Operators.single(
        table,
        (node, in) -> {
          NdTensor result = in.get(0);
          for (NdTensor next : in.all().subList(1, in.all().size())) {
            result = Elementwise.binary(result, next, f, g);
          }
          return result;
        },
        name);
  }

  private static void compare(
      Map<String, OperatorFunction> table,
      String name,
      DoubleBinaryOperator f,
      LongBinaryOperator g) {
    Operators.single(table, (node, in) -> Elementwise.compare(in.get(0), in.get(1), f, g), name);
  }

  private static void bits(Map<String, OperatorFunction> table, String name, LongBinaryOperator g) {
    Operators.single(
        table,
        (node, in) -> {
          requireIntegers(in.get(0));
          return Elementwise.binary(in.get(0), in.get(1), (a, b) -> Double.NaN, g);
        },
        name);
  }

  private static void requireIntegers(NdTensor x) {
    if (x.type() != ElementType.INT) {
      throw new GraphException("expected integers, found " + x);
    }
  }

  private static NdTensor mean(List<NdTensor> parts) {
    NdTensor sum = parts.get(0);
    for (NdTensor next : parts.subList(1, parts.size())) {
      sum = Elementwise.binary(sum, next, Double::sum, Long::sum);
    }
    return Elementwise.unary(sum, x -> x / parts.size());
  }

  // Without fmod the sign is that of the divisor, with it that of the dividend.
  private static NdTensor mod(Node node, Arguments in) {
    boolean isFmod = node.integer("fmod", 0) != 0;
    if (!isFmod && in.get(0).type() == ElementType.FLOAT) {
      return Elementwise.binary(
          in.get(0), in.get(1), (a, b) -> a - b * Math.floor(a / b), Math::floorMod);
    }
    return isFmod
        ? Elementwise.binary(in.get(0), in.get(1), (a, b) -> a % b, (a, b) -> a % b)
        : Elementwise.binary(in.get(0), in.get(1), (a, b) -> a % b, Math::floorMod);
  }

  private static long power(long base, long exponent) {
    if (exponent < 0) {
      return (long) Math.pow((double) base, (double) exponent);
    }
    long result = 1;
    long factor = base;
    for (long rest = exponent; rest > 0; rest >>= 1) {
      result *= (rest & 1) == 0 ? 1 : factor;
      factor *= factor;
    }
    return result;
  }

  private static NdTensor pow(NdTensor x, NdTensor exponent) {
    if (x.type() == exponent.type()) {
      return Elementwise.binary(x, exponent, Math::pow, ArithmeticOperators::power);
    }
    NdTensor base = Elementwise.cast(x, ElementType.FLOAT);
    NdTensor power = Elementwise.cast(exponent, ElementType.FLOAT);
    return Elementwise.cast(Elementwise.binary(base, power, Math::pow, Math::addExact), x.type());
  }

  private static NdTensor shift(Node node, Arguments in) {
    requireIntegers(in.get(0));
    String direction = node.text("direction", "");
    return switch (direction) {
      case "LEFT" ->
          Elementwise.binary(
              in.get(0), in.get(1), (a, b) -> Double.NaN, (a, b) -> b > 63 ? 0 : a << b);
      case "RIGHT" ->
          Elementwise.binary(
              in.get(0), in.get(1), (a, b) -> Double.NaN, (a, b) -> b > 63 ? 0 : a >>> b);
      default -> throw new GraphException("direction `" + direction + "` is not supported");
    };
  }

  private static NdTensor clip(Node node, Arguments in) {
    NdTensor result = in.get(0);
    NdTensor low = in.orNull(1);
    NdTensor high = in.orNull(2);
    if (low != null) {
      result = Elementwise.binary(result, low, Math::max, Math::max);
    }
    return high == null ? result : Elementwise.binary(result, high, Math::min, Math::min);
  }

  private static NdTensor cast(Node node, Arguments in) {
    long to = node.integer("to", 1);
    return OnnxTypes.wrapped(to, Elementwise.cast(in.get(0), OnnxTypes.element(to)));
  }
}
