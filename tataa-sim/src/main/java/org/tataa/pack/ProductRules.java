package org.tataa.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;

/**
 * Products, and what works along whole axes: normalisations and SoftMax. The products of all rows
 * of one operand with all of another hold those of each item on their diagonal; SoftMax along them
 * sees the others as hidden keys, which enter neither its maximum nor its sum, and a product with
 * its result adds zeros.
 */
final class ProductRules {
  private ProductRules() {}

  /** Linear: rows times constant weights. */
  static void linear(PackContext context, Node node) {
    int axis = context.axis(node, node.input(0));
    if (axis == -1) {
      throw PackContext.cannot(node);
    }
    List<String> inputs = new ArrayList<>(List.of(node.input(0)));
    for (String input : node.inputs().subList(1, node.inputs().size())) {
      inputs.add(context.shared(node, input));
    }
    context.add(node, inputs, new Form.Along(axis));
    context.noteRows(node.output());
  }

  /** MatMul. */
  static void product(PackContext context, Node node) {
    String a = node.input(0);
    String b = node.input(1);
    if (context.rank(a) < 2 || context.rank(b) < 2 || context.isConstant(a)) {
      throw PackContext.cannot(node);
    }
    if (context.isConstant(b)) {
      linear(context, node);
      return;
    }
    Form rows = context.form(a);
    Form columns = context.form(b);
    Form form;
    boolean isPair = context.places().length() > 0;
    if (isPair && rows.equals(new Form.Along(-2)) && columns.equals(new Form.Along(-1))) {
      PartRules.scores(context, node);
      return;
    }
    if (rows.equals(new Form.Parts(true)) && columns.equals(new Form.Along(-2))) {
      PartRules.mean(context, node);
      return;
    }
    if (rows.equals(new Form.Along(-2)) && columns.equals(new Form.Along(-1))) {
      form = new Form.Diagonal(-2, -1, false);
      context.useful().put(node.output(), products(context, a, node.output()));
    } else if (rows.equals(new Form.Diagonal(-2, -1, true))
        && columns.equals(new Form.Along(-2))
        && Arrays.equals(context.sizes(a, -1), context.sizes(b, -2))) {
      form = new Form.Along(-2);
      context.useful().put(node.output(), products(context, node.output(), a));
    } else {
      throw PackContext.cannot(node);
    }
    context.add(node, List.of(a, b), form);
  }

  // Multiply-accumulates of each item with itself: on the diagonal of one value, for each feature
  // of another.
  private static long products(PackContext context, String features, String scores) {
    int[] rows = context.sizes(scores, -2);
    int[] columns = context.sizes(scores, -1);
    long own = 0;
    for (int item = 0; item < rows.length; item++) {
      own += (long) rows[item] * columns[item];
    }
    long heads = (long) context.of(scores, 0).size() / rows[0] / columns[0];
    return own * heads * context.of(features, 0).dim(-1);
  }

  /** LayerNormalization and RMSNormalization. */
  static void normalisation(PackContext context, Node node) {
    int axis = context.axis(node, node.input(0));
    int rank = context.rank(node.input(0));
    long along = node.integer("axis", -1);
    if (axis >= (along < 0 ? along : along - rank)) {
      throw PackContext.cannot(node);
    }
    List<String> inputs = new ArrayList<>(List.of(node.input(0)));
    for (String input : node.inputs().subList(1, node.inputs().size())) {
      inputs.add(context.shared(node, input));
    }
    context.add(node, inputs, new Form.Along(axis));
  }

  /** SoftMax. */
  static void softmax(PackContext context, Node node) {
    String x = node.input(0);
    long along = node.integer("axis", -1);
    int axis = (int) (along < 0 ? along : along - context.rank(x));
    Form form = context.isConstant(x) ? null : context.form(x);
    if (form instanceof Form.Along packed && packed.axis() != axis) {
      context.add(node, List.of(x), packed);
      return;
    }
    if (form instanceof Form.Parts && axis == -1) {
      PartRules.softmax(context, node);
      return;
    }
    if (!(form instanceof Form.Diagonal d) || d.columns() != axis || d.rows() != -2) {
      throw PackContext.cannot(node);
    }
    String apart = context.constant("packed items apart/" + x, apart(context, x));
    String masked = context.extra(x + "/apart", "Add", List.of(x, apart), Map.of());
    context.add(node, List.of(masked), new Form.Diagonal(d.rows(), d.columns(), true));
  }

  // Hides the keys of other items, also from a query whose own keys are all far below zero.
  private static NdTensor apart(PackContext context, String value) {
    int[] rows = context.sizes(value, -2);
    int[] columns = context.sizes(value, -1);
    int width = Arrays.stream(columns).sum();
    float[] addends = new float[Arrays.stream(rows).sum() * width];
    Arrays.fill(addends, Float.NEGATIVE_INFINITY);
    int row = 0;
    int left = 0;
    for (int item = 0; item < rows.length; item++) {
      for (int i = 0; i < rows[item]; i++, row++) {
        Arrays.fill(addends, row * width + left, row * width + left + columns[item], 0);
      }
      left += columns[item];
    }
    return NdTensor.of(addends, row, width);
  }
}
