package org.tataa.lower;

import java.util.Arrays;
import java.util.List;
import org.tataa.config.IsaProfile;
import org.tataa.function.FunctionLibrary;
import org.tataa.function.LaneProgram;
import org.tataa.graph.Node;

/** Functions of one variable, as approximations of the function library. */
final class FunctionLowering implements OperatorLowering {
  @Override
  public boolean fits(LoweringContext context, Node node) {
    return switch (node.op()) {
      case "LeakyRelu", "HardSigmoid", "HardSwish", "Erf" -> context.options.isExtended();
      default -> true;
    };
  }

  /** The program of a function for a value, as the options choose it. */
  static LaneProgram program(LoweringContext context, String function, String value) {
    return FunctionLibrary.find(
            function,
            context.options.config().profiles().isa(),
            context.options.approximation(function, value))
        .program();
  }

  /** 1/x for a value above 0, by default without the operations that a sign would need. */
  static LaneProgram positiveReciprocal(LoweringContext context, String value) {
    String chosen = context.options.approximation("Reciprocal", value);
    IsaProfile isa = context.options.config().profiles().isa();
    return FunctionLibrary.find("Reciprocal", isa, chosen.isEmpty() ? "newton" : chosen).program();
  }

  @Override
  public Expression lower(LoweringContext context, Node node, String output) {
    if (node.op().equals("Gelu") && isQuintic(context, output)) {
      return scaledGelu(context, node.input(0));
    }
    LaneProgram.Builder p = LaneProgram.builder(output, 1);
    LaneProgram.Value x = p.input(0);
    LaneProgram.Value result =
        switch (node.op()) {
          case "Exp" -> p.apply(program(context, "exp", output), x);
          // erf(x) = 2 gelu(y) / y - 1 with y = x sqrt 2; the tanh of the form GELU has is used.
          case "Erf" -> {
            LaneProgram.Value y = p.mul(x, p.constant(Math.sqrt(2)));
            LaneProgram.Value square = p.mul(y, y);
            double c = Math.sqrt(2 / Math.PI);
            LaneProgram.Value inner =
                p.mul(y, p.add(p.mul(square, p.constant(0.044715 * c)), p.constant(c)));
            yield p.apply(program(context, "Tanh", output), inner);
          }
          case "LeakyRelu" -> p.max(x, p.mul(x, p.constant(node.number("alpha", 0.01f))));
          case "HardSigmoid" ->
              hardSigmoid(p, x, node.number("alpha", 0.2f), node.number("beta", 0.5f));
          case "HardSwish" -> p.mul(x, hardSigmoid(p, x, 1f / 6, 0.5f));
          default -> p.apply(program(context, node.op(), output), x);
        };
    return context.apply(p.build(result), context.shape(output), node.input(0));
  }

  private static boolean isQuintic(LoweringContext context, String output) {
    String chosen = context.options.approximation("Gelu", output);
    return FunctionLibrary.find("Gelu", context.options.config().profiles().isa(), chosen)
        .name()
        .equals(FunctionLibrary.GELU_QUINTIC);
  }

  // The factors join those of the argument and of the reader.
  private static Expression scaledGelu(LoweringContext context, String argument) {
    Expression x = context.expression(argument);
    Expression scaled = x.times(row(x, FunctionLibrary.GELU_SCALE)).plain(context);
    return Expression.apply(FunctionLibrary.scaledGelu(), scaled.shape, List.of(scaled))
        .times(row(x, 1 / FunctionLibrary.GELU_SCALE));
  }

  private static float[] row(Expression x, double factor) {
    float[] row = new float[x.channels()];
    Arrays.fill(row, (float) factor);
    return row;
  }

  private static LaneProgram.Value hardSigmoid(
      LaneProgram.Builder p, LaneProgram.Value x, float slope, float offset) {
    LaneProgram.Value line = p.add(p.mul(x, p.constant(slope)), p.constant(offset));
    return p.min(p.max(line, p.constant(0)), p.constant(1));
  }
}
