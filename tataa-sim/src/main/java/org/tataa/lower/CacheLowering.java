package org.tataa.lower;

import org.tataa.graph.Node;
import org.tataa.tensor.Element;
import org.tataa.tensor.StateOp;
import org.tataa.tensor.Value;

/** Rows kept from run to run as they are, in bfloat16: what no attention reads as codes. */
final class CacheLowering implements OperatorLowering {
  @Override
  public boolean fits(LoweringContext context, Node node) {
    return true;
  }

  @Override
  public Expression lower(LoweringContext context, Node node, String output) {
    int[] shape = context.shape(output);
    Value state = context.value(output, Element.BF16, shape);
    context.add(
        new StateOp(
            (int) node.integer("axis", 0),
            context.materialised(node.input(0)),
            context.host(node.input(1)),
            state));
    return Expression.of(state);
  }
}
