package org.tataa.lower;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.graph.Operators;
import org.tataa.tensor.ConcatOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.Movement;
import org.tataa.tensor.Value;

/** Operators that only move elements: the node is executed on the numbers of the elements. */
final class MovementLowering implements OperatorLowering {
  @Override
  public boolean fits(LoweringContext context, Node node) {
    // What steers the movement must be known now.
    for (int i = 1; i < node.inputs().size(); i++) {
      String input = node.input(i);
      if (!node.op().equals("Concat")
          && !input.isEmpty()
          && context.graph.constant(input) == null) {
        return false;
      }
    }
    if (node.op().equals("Pad") && !node.input(2).isEmpty()) {
      NdTensor fill = context.graph.constant(node.input(2));
      return fill != null && fill.at(0) == 0;
    }
    return true;
  }

  @Override
  public Expression lower(LoweringContext context, Node node, String output) {
    int[] shape = context.shape(output);
    if (node.op().equals("Concat")) {
      List<Value> parts = new ArrayList<>();
      node.inputs().stream()
          .filter(input -> NdTensor.elements(context.shape(input)) > 0)
          .forEach(input -> parts.add(context.materialised(input)));
      Value result = context.value(output, Element.BF16, shape);
      int axis = (int) node.integer("axis", 0);
      context.add(new ConcatOp(axis < 0 ? axis + shape.length : axis, parts, result));
      return Expression.of(result);
    }
    Value operand = context.materialised(node.input(0));
    Movement movement = movement(context, node, output);
    return Expression.of(context.viewed(movement, operand, shape));
  }

  private static Movement movement(LoweringContext context, Node node, String output) {
    switch (node.op()) {
      case "Reshape", "Flatten", "Squeeze", "Unsqueeze" -> {
        return new Movement.Reshape();
      }
      case "Transpose" -> {
        int rank = context.shape(output).length;
        long[] perm = node.integers("perm");
        int[] axes = new int[rank];
        Arrays.setAll(axes, i -> perm == null ? rank - 1 - i : (int) perm[i]);
        return new Movement.Transpose(axes);
      }
      default -> {
        return new Movement.Gather(
            node.op().toLowerCase(Locale.ROOT), sources(context, node, output));
      }
    }
  }

  /** For each element of a movement's result the element of its first input, -1 for none. */
  static int[] sources(LoweringContext context, Node node, String output) {
    int[] shape = context.shape(node.input(0));
    int size = NdTensor.elements(shape);
    long[] numbers = new long[size];
    Arrays.setAll(numbers, i -> i + 1);
    @Nullable NdTensor[] in = new NdTensor[node.inputs().size()];
    in[0] = NdTensor.of(numbers, shape);
    for (int i = 1; i < in.length; i++) {
      in[i] = node.input(i).isEmpty() ? null : context.tensor(node.input(i));
    }
    NdTensor[] out = new Operators(context.opset).apply(node, in);
    long[] moved = out[node.outputs().indexOf(output)].longs();
    int[] sources = new int[moved.length];
    Arrays.setAll(sources, i -> (int) moved[i] - 1);
    return sources;
  }
}
