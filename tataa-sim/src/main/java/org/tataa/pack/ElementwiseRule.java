package org.tataa.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.Node;

/** Operators that work element by element, operands broadcast. */
final class ElementwiseRule implements PackingRule {
  /** The operators. */
  static final Set<String> OPERATORS =
      Set.of(
          "Abs",
          "Add",
          "And",
          "Cast",
          "Ceil",
          "Celu",
          "Clip",
          "Cos",
          "Div",
          "Elu",
          "Equal",
          "Erf",
          "Exp",
          "Floor",
          "Gelu",
          "Greater",
          "GreaterOrEqual",
          "HardSigmoid",
          "HardSwish",
          "Identity",
          "LeakyRelu",
          "Less",
          "LessOrEqual",
          "Log",
          "Max",
          "Min",
          "Mish",
          "Mul",
          "Neg",
          "Not",
          "Or",
          "Pow",
          "QuickGelu",
          "Reciprocal",
          "Relu",
          "Round",
          "Sigmoid",
          "Silu",
          "Sin",
          "Softplus",
          "Softsign",
          "Sqrt",
          "Sub",
          "Sum",
          "Tanh",
          "Where");

  /** Those that leave finite what belongs to nobody, if it was finite. */
  private static final Set<String> FINITE =
      Set.of("Add", "Sub", "Mul", "Div", "Neg", "Min", "Max", "Where", "Identity", "Cast");

  @Override
  public void pack(PackContext context, Node node) {
    Form form = null;
    for (String input : node.inputs()) {
      if (!input.isEmpty() && !context.isConstant(input)) {
        form = joined(node, form, context.form(input));
      }
    }
    if (form == null || !(form instanceof Form.Along) && !FINITE.contains(node.op())) {
      throw PackContext.cannot(node);
    }
    if (form instanceof Form.Parts) {
      PartRules.elementwise(context, node);
      return;
    }
    if (form instanceof Form.Diagonal diagonal) {
      // What is beside the diagonal need not be zero any more.
      form = new Form.Diagonal(diagonal.rows(), diagonal.columns(), false);
    }
    List<String> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      if (input.isEmpty()) {
        inputs.add(input);
      } else if (context.isConstant(input)) {
        int axis = form instanceof Form.Along along ? along.axis() : -1;
        inputs.add(context.constant(node, input, form, context.sizes(node.output(), axis)));
      } else {
        check(context, node, input, form);
        inputs.add(input);
      }
    }
    context.add(node, inputs, form);
  }

  private static Form joined(Node node, @Nullable Form known, Form form) {
    if (known == null || isSame(known, form) || crosses(known, form)) {
      return known == null || form instanceof Form.Diagonal ? form : known;
    }
    if (crosses(form, known)) {
      return known;
    }
    throw PackContext.cannot(node);
  }

  private static boolean isSame(Form a, Form b) {
    return a instanceof Form.Diagonal one && b instanceof Form.Diagonal other
        ? one.rows() == other.rows() && one.columns() == other.columns()
        : a.equals(b);
  }

  // Whether a value along one of its axes can be combined with a diagonal.
  private static boolean crosses(Form form, Form of) {
    return form instanceof Form.Along along
        && of instanceof Form.Diagonal d
        && (along.axis() == d.rows() || along.axis() == d.columns());
  }

  // An operand has the sizes of the result along what is packed; across a diagonal it has one.
  private static void check(PackContext context, Node node, String input, Form form) {
    Form own = context.form(input);
    boolean fits;
    if (own instanceof Form.Along along) {
      fits = sameSizes(context, node, input, along.axis());
      if (form instanceof Form.Diagonal d) {
        int other = along.axis() == d.rows() ? d.columns() : d.rows();
        fits &= Arrays.stream(context.sizes(input, other)).allMatch(size -> size == 1);
      }
    } else {
      Form.Diagonal d = (Form.Diagonal) own;
      fits =
          sameSizes(context, node, input, d.rows()) && sameSizes(context, node, input, d.columns());
    }
    if (!fits) {
      throw PackContext.cannot(node);
    }
  }

  private static boolean sameSizes(PackContext context, Node node, String input, int axis) {
    return Arrays.equals(context.sizes(input, axis), context.sizes(node.output(), axis));
  }
}
