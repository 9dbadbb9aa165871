package org.tataa.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;

/**
 * Reductions. Those across the rows of an item are reductions of all rows, once for every item: the
 * rows of the others are multiplied by zero first, or moved away from the extreme.
 */
final class ReductionRule implements PackingRule {
  /** The operators. */
  static final List<String> OPERATORS =
      List.of("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin");

  @Override
  public void pack(PackContext context, Node node) {
    String x = node.input(0);
    int rank = context.rank(x);
    int axis = context.axis(node, x);
    if (!context.hasConstantParameters(node)) {
      throw PackContext.cannot(node);
    }
    long[] given =
        node.input(1).isEmpty() ? node.integers("axes") : context.integers(node.input(1), 0);
    if (given == null || given.length == 0) {
      throw PackContext.cannot(node);
    }
    int[] axes =
        Arrays.stream(given).mapToInt(a -> (int) (a < 0 ? a : a - rank)).sorted().toArray();
    if (Arrays.stream(axes).anyMatch(own -> own == axis)) {
      across(context, node, axis + rank, axes);
      return;
    }
    boolean keeps = node.integer("keepdims", 1) != 0;
    int removed = keeps ? 0 : (int) Arrays.stream(axes).filter(own -> own > axis).count();
    List<String> inputs = new ArrayList<>(List.of(x));
    if (!node.input(1).isEmpty()) {
      inputs.add(context.shared(node, node.input(1)));
    }
    context.add(node, inputs, new Form.Along(axis + removed));
  }

  // Of rows [1][all rows][rest], with an item in the place of the first axis.
  private static void across(PackContext context, Node node, int before, int[] axes) {
    String x = node.input(0);
    int rank = context.rank(x);
    boolean keeps = node.integer("keepdims", 1) != 0;
    int[] first = context.of(x, 0).shape();
    int outer = Arrays.stream(first).limit(before).reduce(1, (a, b) -> a * b);
    if (outer != 1 || (before == 0 && !keeps)) {
      throw PackContext.cannot(node);
    }
    int[] sizes = context.sizes(x, before - rank);
    int items = sizes.length;
    int[] shape = new int[1 + rank - before];
    shape[0] = 1;
    shape[1] = context.places().total(sizes);
    System.arraycopy(first, before + 1, shape, 2, rank - before - 1);
    String name = node.output();
    String rows =
        before == 1
            ? x
            : context.extra(
                name + "/rows",
                "Reshape",
                List.of(x, context.indices(name + "/rows/shape", shape)),
                Map.of());
    boolean isSum = node.op().equals("ReduceSum") || node.op().equals("ReduceMean");
    float other =
        node.op().equals("ReduceMax")
            ? Float.NEGATIVE_INFINITY
            : isSum ? 0 : Float.POSITIVE_INFINITY;
    String own =
        context.extra(
            name + "/own rows",
            isSum ? "Mul" : "Add",
            List.of(
                rows,
                context.constant(name + "/own", own(context, sizes, isSum ? 1 : 0, other, shape))),
            Map.of());
    Map<String, Object> attributes = new HashMap<>(Map.of("keepdims", 1L));
    String reduced =
        context.extra(
            name + "/by item",
            isSum ? "ReduceSum" : node.op(),
            List.of(own, context.indices(name + "/axes", axes)),
            attributes);
    if (node.op().equals("ReduceMean")) {
      float[] inverses = new float[items];
      for (int item = 0; item < items; item++) {
        inverses[item] = (float) context.of(name, item).size() / context.of(x, item).size();
      }
      int[] perItem = new int[shape.length];
      Arrays.fill(perItem, 1);
      perItem[0] = items;
      reduced =
          context.extra(
              name + "/mean",
              "Mul",
              List.of(
                  reduced, context.constant(name + "/inverses", NdTensor.of(inverses, perItem))),
              Map.of());
    }
    int to = keeps ? before : before - 1;
    MovementRules.reshaped(context, node, reduced, new Form.Along(to - context.rank(name)));
  }

  // One number for the rows of an item, another one for those of the others.
  private static NdTensor own(
      PackContext context, int[] sizes, float own, float other, int[] rows) {
    float[] values = new float[sizes.length * rows[1]];
    Arrays.fill(values, other);
    int[] offsets = context.places().offsets(sizes);
    for (int item = 0; item < sizes.length; item++) {
      int from = item * rows[1] + offsets[item];
      Arrays.fill(values, from, from + sizes[item], own);
    }
    int[] shape = new int[rows.length];
    Arrays.fill(shape, 1);
    shape[0] = sizes.length;
    shape[1] = rows[1];
    return NdTensor.of(values, shape);
  }
}
