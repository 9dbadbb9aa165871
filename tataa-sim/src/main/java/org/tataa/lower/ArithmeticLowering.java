package org.tataa.lower;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.function.LaneProgram;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.tensor.HostFunction;

/** Sums, products, quotients, limits and choices, element by element with broadcasting. */
final class ArithmeticLowering implements OperatorLowering {
  @Override
  public boolean fits(LoweringContext context, Node node) {
    return switch (node.op()) {
      case "Min", "Max" -> context.options.isExtended();
      case "Clip" ->
          context.options.isExtended() && isNumber(context, node, 1) && isNumber(context, node, 2);
      case "Pow" -> exponent(context, node) != null;
      case "Where" -> context.options.isExtended() && context.isHost(node.input(0));
      case "Dropout" -> node.outputs().size() == 1 || node.outputs().get(1).isEmpty();
      default -> true;
    };
  }

  private static boolean isNumber(LoweringContext context, Node node, int input) {
    NdTensor limit = node.input(input).isEmpty() ? null : context.graph.constant(node.input(input));
    return node.input(input).isEmpty() || (limit != null && limit.size() == 1);
  }

  private static @Nullable Double exponent(LoweringContext context, Node node) {
    NdTensor exponent = context.graph.constant(node.input(1));
    if (exponent == null || exponent.size() != 1) {
      return null;
    }
    double value = exponent.at(0);
    return value == 1
            || value == 2
            || value == 3
            || value == 4
            || value == 0.5
            || value == -0.5
            || value == -1
        ? value
        : null;
  }

  @Override
  public Expression lower(LoweringContext context, Node node, String output) {
    int[] shape = context.shape(output);
    return switch (node.op()) {
      case "Identity", "Cast", "Dropout" -> context.expression(node.input(0));
      case "Neg" -> context.expression(node.input(0)).times(filled(context, node.input(0), -1));
      case "Add", "Sub", "Mul", "Div" -> binary(context, node, shape);
      case "Pow" -> power(context, node, shape);
      case "Clip" -> clip(context, node, shape);
      case "Where" -> where(context, node, shape);
      default -> fold(context, node, shape);
    };
  }

  private static float[] filled(LoweringContext context, String value, float number) {
    int[] shape = context.shape(value);
    float[] row = new float[shape.length == 0 ? 1 : shape[shape.length - 1]];
    Arrays.fill(row, number);
    return row;
  }

  // With a constant row a product or sum joins the factors and addends of the other operand.
  private static Expression binary(LoweringContext context, Node node, int[] shape) {
    String op = node.op();
    for (int side = 1; side >= 0; side--) {
      String other = node.input(1 - side);
      float[] row = context.channelRow(node.input(side), shape);
      boolean same = Arrays.equals(context.shape(other), shape);
      if (row == null || !same || (op.equals("Div") && side == 0)) {
        continue;
      }
      Expression expression = context.expression(other);
      switch (op) {
        case "Mul" -> {
          return expression.times(row);
        }
        case "Add" -> {
          return expression.plus(row);
        }
        case "Sub" -> {
          return side == 1
              ? expression.plus(negated(row))
              : expression.times(filled(context, other, -1)).plus(row);
        }
        default -> {
          float[] inverse = new float[row.length];
          for (int i = 0; i < row.length; i++) {
            inverse[i] = 1 / row[i];
          }
          return expression.times(inverse);
        }
      }
    }
    LaneProgram.Builder p = LaneProgram.builder(node.output(), 2);
    LaneProgram.Value a = p.input(0);
    LaneProgram.Value b = p.input(1);
    LaneProgram.Value result =
        switch (op) {
          case "Add" -> p.add(a, b);
          case "Sub" -> p.sub(a, b);
          case "Mul" -> p.mul(a, b);
          default -> p.mul(a, p.apply(reciprocal(context, node), b));
        };
    return context.apply(p.build(result), shape, node.input(0), node.input(1));
  }

  private static LaneProgram reciprocal(LoweringContext context, Node node) {
    return FunctionLowering.program(context, "Reciprocal", node.output());
  }

  private static float[] negated(float[] row) {
    float[] result = new float[row.length];
    for (int i = 0; i < row.length; i++) {
      result[i] = -row[i];
    }
    return result;
  }

  private static Expression power(LoweringContext context, Node node, int[] shape) {
    Double exponent = exponent(context, node);
    LaneProgram.Builder p = LaneProgram.builder(node.output(), 1);
    LaneProgram.Value x = p.input(0);
    LaneProgram.Value result;
    if (exponent == null) {
      throw new IllegalStateException(node + " has no form on the device");
    }
    if (exponent == 2) {
      result = p.mul(x, x);
    } else if (exponent == 3) {
      result = p.mul(p.mul(x, x), x);
    } else if (exponent == 4) {
      LaneProgram.Value square = p.mul(x, x);
      result = p.mul(square, square);
    } else if (exponent == 1) {
      result = x;
    } else {
      String function = exponent == 0.5 ? "Sqrt" : exponent == -1 ? "Reciprocal" : "InverseRoot";
      result = p.apply(FunctionLowering.program(context, function, node.output()), x);
    }
    return context.apply(p.build(result), shape, node.input(0));
  }

  private static Expression clip(LoweringContext context, Node node, int[] shape) {
    LaneProgram.Builder p = LaneProgram.builder(node.output(), 1);
    LaneProgram.Value result = p.input(0);
    for (int side = 1; side <= 2; side++) {
      NdTensor limit = node.input(side).isEmpty() ? null : context.graph.constant(node.input(side));
      if (limit != null) {
        LaneProgram.Value bound = p.constant(limit.at(0));
        result = side == 1 ? p.max(result, bound) : p.min(result, bound);
      }
    }
    return context.apply(p.build(result), shape, node.input(0));
  }

  private static Expression fold(LoweringContext context, Node node, int[] shape) {
    int count = node.inputs().size();
    LaneProgram.Builder p = LaneProgram.builder(node.output(), count);
    LaneProgram.Value result = p.input(0);
    for (int i = 1; i < count; i++) {
      result =
          switch (node.op()) {
            case "Min" -> p.min(result, p.input(i));
            case "Max" -> p.max(result, p.input(i));
            default -> p.add(result, p.input(i));
          };
    }
    return context.apply(p.build(result), shape, node.inputs().toArray(String[]::new));
  }

  // min(max(a, low), high) with limits that let one operand pass and not the other:
  // where c: max(min(a, c ? inf : -inf), min(b, c ? -inf : inf)). A NaN passes as -inf.
  private static Expression where(LoweringContext context, Node node, int[] shape) {
    LaneProgram.Builder p = LaneProgram.builder(node.output(), 4);
    LaneProgram program =
        p.build(p.max(p.min(p.input(0), p.input(2)), p.min(p.input(1), p.input(3))));
    List<Expression> arguments = new ArrayList<>();
    for (int i = 1; i <= 2; i++) {
      arguments.add(
          context.aligned(node.input(i), context.expression(node.input(i)), shape.length));
    }
    for (boolean isOpen : new boolean[] {true, false}) {
      String condition = node.input(0);
      var limits =
          context.onHost(
              new Gate(isOpen),
              List.of(context.host(condition)),
              node.output() + (isOpen ? "/open" : "/closed"),
              context.shape(condition));
      Expression uploaded = Expression.of(context.uploaded(limits.name() + "/device", limits));
      arguments.add(context.aligned(limits.name(), uploaded, shape.length));
    }
    return Expression.apply(program, shape, arguments);
  }

  /**
   * Infinity where a condition holds (or does not), else minus infinity.
   *
   * @param isOpen the truth value that gives infinity
   */
  private record Gate(boolean isOpen) implements HostFunction {
    @Override
    public List<NdTensor> apply(List<NdTensor> operands) {
      NdTensor condition = operands.get(0);
      float[] limits = new float[condition.size()];
      for (int i = 0; i < limits.length; i++) {
        boolean passes = (condition.at(i) != 0) == isOpen;
        limits[i] = passes ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
      }
      return List.of(NdTensor.of(limits, condition.shape()));
    }

    @Override
    public String name() {
      return "gate";
    }
  }
}
