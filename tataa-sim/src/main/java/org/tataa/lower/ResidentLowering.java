package org.tataa.lower;

import java.util.List;
import org.tataa.function.LaneProgram;
import org.tataa.graph.Node;
import org.tataa.tensor.Element;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.Value;

/** What another program has left, stored once more as what is computed is. */
final class ResidentLowering implements OperatorLowering {
  @Override
  public boolean fits(LoweringContext context, Node node) {
    return true;
  }

  @Override
  public Expression lower(LoweringContext context, Node node, String output) {
    LaneProgram.Builder copy = LaneProgram.builder("copy", 1);
    Value result = context.value(output, Element.BF16, context.shape(output));
    context.add(
        new MapOp(copy.build(copy.input(0)), List.of(context.materialised(node.input(0))), result));
    return Expression.of(result);
  }
}
