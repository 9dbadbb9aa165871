package org.tataa.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tataa.graph.ElementType;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;

/** A graph of several items, and how their values lie in its own. */
public final class PackedGraph {
  /** Where the values of the items are: along an axis, with sizes and first index by item. */
  @SuppressWarnings("ArrayRecordComponent")
  record Sizes(int axis, int[] byItem, int[] offsets, int total) {}

  private final Graph graph;
  private final Map<String, Sizes> sizes;
  private final Map<String, Long> useful;
  private final Map<String, Double> rows;
  private final Map<String, String> copies;

  PackedGraph(Graph graph, Map<String, Sizes> sizes, PackContext context) {
    this.graph = graph;
    this.sizes = sizes;
    useful = Map.copyOf(context.useful());
    rows = Map.copyOf(context.rows());
    copies = Map.copyOf(context.copies());
  }

  /** The graph; names of values are those of the items' graphs. */
  public Graph graph() {
    return graph;
  }

  /** Inputs of the packed graph, of which all values are known or none of an input. */
  public Map<String, NdTensor> inputs(List<Map<String, NdTensor>> items) {
    Map<String, NdTensor> inputs = new LinkedHashMap<>();
    for (Graph.Input input : graph.inputs()) {
      List<NdTensor> parts = new ArrayList<>();
      for (Map<String, NdTensor> item : items) {
        NdTensor value = item.get(input.name());
        if (value == null) {
          throw new IllegalArgumentException("an item has no input `" + input.name() + "`");
        }
        parts.add(value);
      }
      inputs.put(input.name(), joined(input.name(), parts, false));
    }
    return inputs;
  }

  /**
   * Values of the items as those of the packed graph; those that cannot be are left out. What is no
   * item's is NaN.
   */
  public Map<String, NdTensor> values(List<Map<String, NdTensor>> items) {
    Map<String, NdTensor> values = new LinkedHashMap<>();
    for (String name : sizes.keySet()) {
      if (items.stream().allMatch(item -> item.containsKey(name))) {
        values.put(name, joined(name, items.stream().map(item -> item.get(name)).toList(), true));
      }
    }
    return values;
  }

  private NdTensor joined(String name, List<NdTensor> parts, boolean marksPadding) {
    Sizes own = of(name);
    for (int item = 0; item < parts.size(); item++) {
      if (parts.get(item).dim(own.axis()) != own.byItem()[item]) {
        throw new IllegalArgumentException(
            "value `" + name + "` of item " + item + " is " + parts.get(item));
      }
    }
    if (!parts.get(0).isKnown()) {
      int[] shape = parts.get(0).shape();
      shape[own.axis()] = own.total();
      return NdTensor.unknown(parts.get(0).type(), shape);
    }
    NdTensor all = Tensors.placed(parts, own.axis(), own.offsets(), own.total(), false);
    if (marksPadding
        && all.type() == ElementType.FLOAT
        && own.total() > Arrays.stream(own.byItem()).sum()) {
      float[] none = new float[all.size()];
      Arrays.fill(none, Float.NaN);
      NdTensor marked = NdTensor.of(none, all.shape());
      for (int item = 0; item < parts.size(); item++) {
        Tensors.put(parts.get(item), marked, own.axis(), own.offsets()[item]);
      }
      return marked;
    }
    return all;
  }

  private Sizes of(String name) {
    Sizes own = sizes.get(name);
    if (own == null) {
      throw new IllegalArgumentException("value `" + name + "` is not packed");
    }
    return own;
  }

  /** Results of each item. */
  public List<Map<String, NdTensor>> outputs(Map<String, NdTensor> packed) {
    List<Map<String, NdTensor>> items = new ArrayList<>();
    Sizes any = of(graph.outputs().get(0));
    for (int item = 0; item < any.byItem().length; item++) {
      Map<String, NdTensor> own = new LinkedHashMap<>();
      for (Map.Entry<String, NdTensor> output : packed.entrySet()) {
        Sizes by = of(output.getKey());
        own.put(
            output.getKey(),
            Tensors.slice(output.getValue(), by.axis(), by.offsets()[item], by.byItem()[item]));
      }
      items.add(own);
    }
    return items;
  }

  /**
   * Values that only the packed graph has, and are like one that the items have too: of one item,
   * or of some of the rows. What is known of the others' ranges holds for them.
   *
   * @return for each of them the name of the other one
   */
  public Map<String, String> copies() {
    return copies;
  }

  /**
   * Multiply-accumulates of a step that the items need: fewer where the rows of one item meet those
   * of another, or where rows are padding.
   *
   * @param step name of the step, which begins with that of a value of the graph
   * @param isOfComputed whether both operands are computed; otherwise one is constant
   * @param macs those of the step
   */
  public long usefulMacs(String step, boolean isOfComputed, long macs) {
    for (int end = step.length(); end > 0; end = step.lastIndexOf('/', end - 1)) {
      String value = step.substring(0, end);
      if (isOfComputed && useful.containsKey(value)) {
        return Math.min(macs, useful.getOrDefault(value, macs));
      }
      if (!isOfComputed && rows.containsKey(value)) {
        return Math.round(macs * rows.getOrDefault(value, 1.0));
      }
    }
    return macs;
  }
}
