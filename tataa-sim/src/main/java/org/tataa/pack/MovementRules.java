package org.tataa.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;

/** Operators that only move elements. */
final class MovementRules {
  private MovementRules() {}

  /** Reshape and Flatten: the packed axis must stay one axis. */
  static void reshape(PackContext context, Node node) {
    if (!context.hasConstantParameters(node)) {
      throw PackContext.cannot(node);
    }
    String x = node.input(0);
    reshaped(context, node, x, context.of(x, 0).shape(), context.axis(node, x));
  }

  /** Squeeze, Unsqueeze: the packed axis keeps its place among those that stay. */
  static void squeeze(PackContext context, Node node) {
    String x = node.input(0);
    int rank = context.rank(x);
    int axis = context.axis(node, x) + rank;
    boolean isMore = node.op().equals("Unsqueeze");
    long[] axes =
        node.input(1).isEmpty()
            ? node.integers("axes")
            : context.isConstant(node.input(1)) ? context.integers(node.input(1), 0) : null;
    if (axes == null) {
      throw PackContext.cannot(node);
    }
    int all = isMore ? context.rank(node.output()) : rank;
    boolean[] one = new boolean[all];
    for (long own : axes) {
      one[(int) (own < 0 ? own + all : own)] = true;
    }
    int kept = 0;
    for (int i = 0; i < all; i++) {
      boolean isIt = isMore ? !one[i] && kept == axis : i == axis;
      if (isIt && !one[i]) {
        int to = isMore ? i : kept;
        reshaped(context, node, x, new Form.Along(to - context.rank(node.output())));
        return;
      }
      kept += one[i] ? 0 : 1;
    }
    throw PackContext.cannot(node);
  }

  /** Expand of other axes than the packed one. */
  static void expand(PackContext context, Node node) {
    int axis = context.axis(node, node.input(0));
    if (!context.isConstant(node.input(1))
        || !Arrays.equals(context.sizes(node.input(0), axis), context.sizes(node.output(), axis))) {
      throw PackContext.cannot(node);
    }
    Form form = new Form.Along(axis);
    String shape =
        context.indices(node.output() + "/packed shape", context.shape(node.output(), form));
    context.add(node, List.of(node.input(0), shape), form);
  }

  // Makes the node's value of one with other axes.
  private static void reshaped(PackContext context, Node node, String x, int[] first, int axis) {
    reshaped(context, node, x, new Form.Along(target(context, node, first, axis)));
  }

  /** Makes the node's value, which has a form, of one with the same elements in the same order. */
  static void reshaped(PackContext context, Node node, String x, Form form) {
    context.add(
        node,
        "Reshape",
        List.of(
            x,
            context.indices(node.output() + "/packed shape", context.shape(node.output(), form))),
        Map.of(),
        form);
  }

  // Before the axis there are as many elements, and it is as long for every item.
  private static int target(PackContext context, Node node, int[] first, int axis) {
    int rank = context.rank(node.output());
    int from = first.length + axis;
    int[] shape = context.of(node.output(), 0).shape();
    int best = -1;
    for (int to = 0; to < rank; to++) {
      boolean fits =
          outer(first, from) == outer(shape, to)
              && first[from] == shape[to]
              && isPacked(context, node.output(), to - rank);
      if (fits && (best < 0 || to <= from)) {
        best = to;
      }
    }
    if (best < 0) {
      throw PackContext.cannot(node);
    }
    return best - rank;
  }

  private static int outer(int[] shape, int axis) {
    return Arrays.stream(shape).limit(axis).reduce(1, (a, b) -> a * b);
  }

  // Whether the items' shapes differ nowhere else.
  private static boolean isPacked(PackContext context, String value, int axis) {
    for (int item = 1; item < context.items(); item++) {
      int[] own = context.of(value, item).shape();
      own[own.length + axis] = context.of(value, 0).dim(axis);
      if (!Arrays.equals(own, context.of(value, 0).shape())) {
        return false;
      }
    }
    return true;
  }

  /** Transpose. */
  static void transpose(PackContext context, Node node) {
    int rank = context.rank(node.input(0));
    int axis = context.axis(node, node.input(0)) + rank;
    long[] given = node.integers("perm");
    for (int to = 0; to < rank; to++) {
      if ((given == null ? rank - 1 - to : given[to]) == axis) {
        context.add(node, List.of(node.input(0)), new Form.Along(to - rank));
      }
    }
  }

  /** Concat along another axis than the packed one. */
  static void concat(PackContext context, Node node) {
    String computed =
        node.inputs().stream().filter(i -> !context.isConstant(i)).findFirst().orElse("");
    int axis = context.axis(node, computed);
    int rank = context.rank(computed);
    int[] sizes = context.sizes(computed, axis);
    long along = node.integer("axis", 0);
    if ((along < 0 ? along : along - rank) == axis) {
      throw PackContext.cannot(node);
    }
    List<String> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      if (!context.isConstant(input)
          && (context.axis(node, input) != axis
              || !Arrays.equals(context.sizes(input, axis), sizes))) {
        throw PackContext.cannot(node);
      }
      inputs.add(context.isConstant(input) ? context.along(node, input, axis, sizes) : input);
    }
    context.add(node, inputs, new Form.Along(axis));
  }

  /** Split along another axis than the packed one. */
  static void split(PackContext context, Node node) {
    int axis = context.axis(node, node.input(0));
    long along = node.integer("axis", 0);
    if ((along < 0 ? along : along - context.rank(node.input(0))) == axis) {
      throw PackContext.cannot(node);
    }
    List<String> inputs = new ArrayList<>(List.of(node.input(0)));
    for (String input : node.inputs().subList(1, node.inputs().size())) {
      inputs.add(context.shared(node, input));
    }
    for (String output : node.outputs()) {
      if (!output.isEmpty()) {
        context.put(node, output, new Form.Along(axis));
      }
    }
    context
        .nodes()
        .add(new Node(node.name(), node.op(), inputs, node.outputs(), node.attributes()));
  }

  /** Slice: rows of an item are picked from their place among all. */
  static void slice(PackContext context, Node node) {
    String x = node.input(0);
    int rank = context.rank(x);
    int axis = context.axis(node, x);
    if (!context.hasConstantParameters(node)) {
      throw PackContext.cannot(node);
    }
    List<Integer> others = new ArrayList<>();
    int[][] picked = new int[context.items()][];
    for (int item = 0; item < picked.length; item++) {
      picked[item] = all(context.of(x, item).dim(axis));
      long[] starts = context.of(node.input(1), item).longs();
      long[] axes = context.integers(node.input(3), item);
      long[] steps = context.integers(node.input(4), item);
      for (int i = 0; i < starts.length; i++) {
        long along = axes == null ? i : axes[i];
        if ((along < 0 ? along : along - rank) == axis) {
          int count = context.of(node.output(), item).dim(axis);
          picked[item] = picks(starts[i], steps == null ? 1 : steps[i], picked[item].length, count);
        } else if (item == 0) {
          others.add(i);
        }
      }
    }
    boolean hasOthers = !others.isEmpty();
    String rows = picked(context, node, x, picked, !hasOthers);
    if (!hasOthers) {
      return;
    }
    List<String> inputs = new ArrayList<>(List.of(rows));
    for (int parameter = 1; parameter <= 4; parameter++) {
      int number = parameter;
      inputs.add(
          context.indices(
              node.output() + "/packed slice " + parameter,
              others.stream().mapToInt(i -> (int) parameter(context, node, number, i)).toArray()));
    }
    context.add(node, inputs, new Form.Along(axis));
  }

  // A number of a slice that all items share.
  private static long parameter(PackContext context, Node node, int number, int i) {
    long[] first = context.integers(node.input(number), 0);
    for (int item = 0; item < context.items(); item++) {
      long[] own = context.integers(node.input(number), item);
      if (own != null && first != null && own[i] != first[i]) {
        throw PackContext.cannot(node);
      }
    }
    // A number that does not fit 32 bits means the end of an axis.
    long clipped =
        first == null
            ? number == 4 ? 1 : i
            : Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, first[i]));
    return clipped;
  }

  private static int[] all(int count) {
    int[] all = new int[count];
    Arrays.setAll(all, i -> i);
    return all;
  }

  private static int[] picks(long start, long step, int size, int count) {
    long from = start < 0 ? Math.max(0, start + size) : Math.min(start, step < 0 ? size - 1 : size);
    int[] picks = new int[count];
    Arrays.setAll(picks, i -> (int) (from + i * step));
    return picks;
  }

  // Rows of the items, by their number in the item; nothing to do if they are all.
  private static String picked(
      PackContext context, Node node, String x, int[][] picked, boolean isLast) {
    int axis = context.axis(node, x);
    int[] sizes = context.sizes(x, axis);
    int[] counts = Arrays.stream(picked).mapToInt(rows -> rows.length).toArray();
    int[] from = context.places().offsets(sizes);
    int[] to = context.places().offsets(counts);
    int[] indices = new int[context.places().total(counts)];
    boolean isAll = true;
    for (int item = 0; item < picked.length; item++) {
      for (int i = 0; i < picked[item].length; i++) {
        indices[to[item] + i] = from[item] + picked[item][i];
      }
      isAll &= Arrays.equals(picked[item], all(sizes[item]));
    }
    if (isAll && !isLast) {
      return x;
    }
    List<String> inputs = List.of(x, context.indices(node.output() + "/packed rows", indices));
    Map<String, Object> attributes = Map.of("axis", (long) axis);
    if (isLast) {
      context.add(node, "Gather", inputs, attributes, new Form.Along(axis));
      return node.output();
    }
    return context.extra(node.output() + "/rows", "Gather", inputs, attributes);
  }

  /** Gather: rows of a table, or elements along an axis. */
  static void gather(PackContext context, Node node) {
    String data = node.input(0);
    String indices = node.input(1);
    int rank = context.rank(data);
    int along = (int) node.integer("axis", 0);
    int axis = along < 0 ? along : along - rank;
    if (context.isConstant(data)) {
      // The axes of the indices come in the place of the axis of the table.
      int after = -1 - axis;
      context.add(
          node,
          List.of(context.shared(node, data), indices),
          new Form.Along(context.axis(node, indices) - after));
      return;
    }
    int packed = context.axis(node, data);
    if (!context.isConstant(indices)) {
      throw PackContext.cannot(node);
    }
    if (axis != packed) {
      int more = axis > packed ? context.rank(indices) - 1 : 0;
      context.add(
          node, List.of(data, context.shared(node, indices)), new Form.Along(packed - more));
      return;
    }
    if (context.rank(indices) > 1) {
      throw PackContext.cannot(node);
    }
    int[][] picked = new int[context.items()][];
    for (int item = 0; item < picked.length; item++) {
      NdTensor own = context.of(indices, item);
      int size = context.of(data, item).dim(axis);
      picked[item] = new int[own.size()];
      for (int i = 0; i < picked[item].length; i++) {
        int at = (int) own.at(i);
        picked[item][i] = at < 0 ? at + size : at;
      }
    }
    if (context.rank(indices) == 1) {
      picked(context, node, data, picked, true);
      return;
    }
    String rows = picked(context, node, data, picked, false);
    int[] kept = context.of(data, 0).shape();
    kept[rank + axis] = 1;
    reshaped(context, node, rows, kept, axis);
  }
}
