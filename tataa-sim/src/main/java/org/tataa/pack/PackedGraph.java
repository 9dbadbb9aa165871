package org.tataa.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;

/** A graph of several items, and how their values lie in its own. */
public final class PackedGraph {
  /** Where the values of the items are: along an axis, with sizes by item. */
  @SuppressWarnings("ArrayRecordComponent")
  record Sizes(int axis, int[] byItem) {}

  private final Graph graph;
  private final Map<String, Sizes> sizes;
  private final Map<String, Double> useful;

  PackedGraph(Graph graph, Map<String, Sizes> sizes, Map<String, Double> useful) {
    this.graph = graph;
    this.sizes = sizes;
    this.useful = Map.copyOf(useful);
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
      inputs.put(input.name(), joined(input.name(), parts));
    }
    return inputs;
  }

  /** Values of the items as those of the packed graph; those that cannot be are left out. */
  public Map<String, NdTensor> values(List<Map<String, NdTensor>> items) {
    Map<String, NdTensor> values = new LinkedHashMap<>();
    for (String name : sizes.keySet()) {
      if (items.stream().allMatch(item -> item.containsKey(name))) {
        values.put(name, joined(name, items.stream().map(item -> item.get(name)).toList()));
      }
    }
    return values;
  }

  private NdTensor joined(String name, List<NdTensor> parts) {
    Sizes own = of(name);
    for (int item = 0; item < parts.size(); item++) {
      if (parts.get(item).dim(own.axis()) != own.byItem()[item]) {
        throw new IllegalArgumentException(
            "value `" + name + "` of item " + item + " is " + parts.get(item));
      }
    }
    if (!parts.get(0).isKnown()) {
      int[] shape = parts.get(0).shape();
      shape[own.axis()] = Arrays.stream(own.byItem()).sum();
      return NdTensor.unknown(parts.get(0).type(), shape);
    }
    return Tensors.concat(parts, own.axis());
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
        int from = Arrays.stream(by.byItem()).limit(item).sum();
        own.put(
            output.getKey(), Tensors.slice(output.getValue(), by.axis(), from, by.byItem()[item]));
      }
      items.add(own);
    }
    return items;
  }

  /**
   * Share of the products of a step that the items need: less than 1 where the rows of one item
   * meet those of another.
   *
   * @param value name of the value of the graph that the step is made for
   */
  public double usefulShare(String value) {
    return useful.getOrDefault(value, 1.0);
  }
}
