package org.tataa.pack;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;

/**
 * Makes one graph of the graphs several items have of the same model.
 *
 * <p>The graphs have the same nodes; shapes may differ, and constants that depend on them. Every
 * value of the packed graph holds those of the items one after the other along one axis, say the
 * tokens of three sentences. What works on each row alone works on all rows at once. Attention
 * multiplies all queries with all keys and hides those of other items ({@link ProductRules}). So in
 * exact arithmetic every item has the results it has alone, whatever the others are.
 *
 * <pre>{@code
 * PackedGraph packed = Packing.pack(List.of(graph13, graph9), opset, List.of(shapes13, shapes9));
 * Map<String, NdTensor> inputs = packed.inputs(List.of(first, second));
 * List<Map<String, NdTensor>> results = packed.outputs(run(packed.graph(), inputs));
 * }</pre>
 */
public final class Packing {
  private static final Map<String, PackingRule> RULES = rules();

  private Packing() {}

  private static Map<String, PackingRule> rules() {
    Map<String, PackingRule> rules = new HashMap<>();
    ElementwiseRule elementwise = new ElementwiseRule();
    ElementwiseRule.OPERATORS.forEach(op -> rules.put(op, elementwise));
    rules.put("Linear", ProductRules::linear);
    rules.put("MatMul", ProductRules::product);
    rules.put("LayerNormalization", ProductRules::normalisation);
    rules.put("RMSNormalization", ProductRules::normalisation);
    rules.put("Softmax", ProductRules::softmax);
    rules.put("Reshape", MovementRules::reshape);
    rules.put("Flatten", MovementRules::reshape);
    rules.put("Squeeze", MovementRules::squeeze);
    rules.put("Unsqueeze", MovementRules::squeeze);
    rules.put("Expand", MovementRules::expand);
    rules.put("Transpose", MovementRules::transpose);
    rules.put("Concat", MovementRules::concat);
    rules.put("Split", MovementRules::split);
    rules.put("Slice", MovementRules::slice);
    rules.put("Gather", MovementRules::gather);
    ReductionRule reduction = new ReductionRule();
    ReductionRule.OPERATORS.forEach(op -> rules.put(op, reduction));
    return rules;
  }

  /**
   * Packs items side by side.
   *
   * @param graphs graph of each item, constants folded
   * @param opset opset of the model
   * @param shapes shapes of each item's inputs
   * @throws PackingException if an operator or an input stands against it
   */
  public static PackedGraph pack(
      List<Graph> graphs, int opset, List<Map<String, NdTensor>> shapes) {
    return pack(graphs, opset, shapes, Places.SIDE_BY_SIDE);
  }

  /**
   * Packs two items of the same shape that end within a block, so that their ends share one. What
   * an item has before it has rows, as the patches of an image, is done for each by itself.
   *
   * @param graph graph of both items, constants folded
   * @param opset opset of the model
   * @param shapes shapes of an item's inputs
   * @param block rows of a block
   * @param align rows at whose multiples within a block the second item may begin; a divisor of the
   *     block
   * @throws PackingException if an operator, an input or the number of rows stands against it
   */
  public static PackedGraph pair(
      Graph graph, int opset, Map<String, NdTensor> shapes, int block, int align) {
    int length = rows(graph, opset, shapes);
    if (!Places.areMade(length, block, align)) {
      throw new PackingException(
          "two items of " + length + " rows share no block of " + block + " rows");
    }
    return pack(
        List.of(graph, graph), opset, List.of(shapes, shapes), new Places(length, block, align));
  }

  /** Whether two items of as many rows are fewer blocks than each by itself. */
  public static boolean arePair(int rows, int block, int align) {
    return Places.areMade(rows, block, align);
  }

  private static PackedGraph pack(
      List<Graph> graphs, int opset, List<Map<String, NdTensor>> shapes, Places places) {
    Graph first = graphs.get(0);
    List<Map<String, NdTensor>> values = new ArrayList<>();
    for (int item = 0; item < graphs.size(); item++) {
      checkSame(first, graphs.get(item));
      Map<String, NdTensor> unknown = new HashMap<>();
      shapes.get(item).forEach((name, value) -> unknown.put(name, value.withoutData()));
      values.add(new Evaluator(graphs.get(item), opset).all(unknown));
    }
    PackContext context = new PackContext(first, values, places);
    Map<String, PackedGraph.Sizes> sizes = new LinkedHashMap<>();
    List<Graph.Input> inputs = new ArrayList<>();
    for (Graph.Input input : first.inputs()) {
      if (!first.consumers(input.name()).isEmpty() || first.outputs().contains(input.name())) {
        Form.Along form = packed(context, input);
        inputs.add(input(context, input, form));
        sizes.put(input.name(), sizes(context, input.name(), form));
        apart(context, input, form);
      }
    }
    for (Node node : first.nodes()) {
      if (ApartRule.fits(context, node)) {
        ApartRule.pack(context, node);
        continue;
      }
      PackingRule rule = RULES.get(node.op());
      if (rule == null) {
        throw PackContext.cannot(node);
      }
      rule.pack(context, node);
    }
    context
        .forms()
        .forEach(
            (value, form) -> {
              if (form instanceof Form.Along along) {
                sizes.put(value, sizes(context, value, along));
              }
            });
    for (String output : first.outputs()) {
      if (!sizes.containsKey(output)) {
        throw new PackingException("result `" + output + "` is not packed along an axis");
      }
    }
    Graph packed =
        new Graph(first.name(), inputs, context.constants(), context.nodes(), first.outputs());
    return new PackedGraph(packed.with(context.nodes(), context.constants()), sizes, context);
  }

  private static PackedGraph.Sizes sizes(PackContext context, String value, Form.Along along) {
    int[] byItem = context.sizes(value, along.axis());
    return new PackedGraph.Sizes(
        context.rank(value) + along.axis(),
        byItem,
        context.places().offsets(byItem),
        context.places().total(byItem));
  }

  private static void checkSame(Graph a, Graph b) {
    boolean same = a.nodes().size() == b.nodes().size();
    for (int i = 0; same && i < a.nodes().size(); i++) {
      Node one = a.nodes().get(i);
      Node other = b.nodes().get(i);
      same =
          one.op().equals(other.op())
              && one.inputs().equals(other.inputs())
              && one.outputs().equals(other.outputs());
    }
    if (!same) {
      throw new PackingException(a.name() + " has other operators for items of other shapes");
    }
  }

  // Along the rows of a pair; else along the last dimension the file leaves open; if it leaves
  // none, along the first after a batch of one.
  private static Form.Along packed(PackContext context, Graph.Input input) {
    int rank = input.dims().size();
    int axis = input.dims().lastIndexOf(-1);
    for (int own = rank - 1; own >= 0; own--) {
      axis = context.places().isPair(context.sizes(input.name(), own - rank)) ? own : axis;
    }
    if (axis < 0) {
      axis = rank > 1 && input.dims().get(0) == 1 ? 1 : 0;
    }
    if (rank == 0) {
      throw new PackingException("input " + input + " has no axis to be packed along");
    }
    return new Form.Along(axis - rank);
  }

  private static Graph.Input input(PackContext context, Graph.Input input, Form.Along form) {
    context.put(shown(input), input.name(), form);
    List<Integer> dims = new ArrayList<>();
    for (int dim : context.shape(input.name(), form)) {
      dims.add(dim);
    }
    return new Graph.Input(
        input.name(), input.type(), dims, Collections.nCopies(input.dims().size(), ""));
  }

  private static Node shown(Graph.Input input) {
    return new Node(input.name(), "Input", List.of(), List.of(input.name()), Map.of());
  }

  // An input of a pair that has no rows is taken apart again.
  private static void apart(PackContext context, Graph.Input input, Form.Along form) {
    String name = input.name();
    int[] sizes = context.sizes(name, form.axis());
    if (context.places().length() == 0 || context.places().isPair(sizes)) {
      return;
    }
    int[] offsets = context.places().offsets(sizes);
    for (int item = 0; item < sizes.length; item++) {
      context.extra(
          Form.Apart.name(name, item),
          "Slice",
          List.of(
              name,
              context.indices(Form.Apart.name(name, item) + "/from", offsets[item]),
              context.indices(Form.Apart.name(name, item) + "/to", offsets[item] + sizes[item]),
              context.indices(name + "/axis", context.rank(name) + form.axis())),
          Map.of());
    }
    ApartRule.made(context, shown(input), name);
  }

  /**
   * Most rows a product with constant weights has in a graph: what an item takes of a block of the
   * array.
   *
   * @param shapes shapes of the inputs
   */
  public static int rows(Graph graph, int opset, Map<String, NdTensor> shapes) {
    Map<String, NdTensor> unknown = new HashMap<>();
    shapes.forEach((name, value) -> unknown.put(name, value.withoutData()));
    Map<String, NdTensor> values = new Evaluator(graph, opset).all(unknown);
    Set<Integer> rows = new HashSet<>(Set.of(1));
    for (Node node : graph.nodes()) {
      NdTensor x = values.get(node.input(0));
      if (x != null
          && x.rank() > 0
          && Set.of("Linear", "MatMul").contains(node.op())
          && graph.constant(node.input(1)) != null) {
        rows.add(x.size() / Math.max(1, x.dim(-1)));
      }
    }
    return Collections.max(rows);
  }
}
