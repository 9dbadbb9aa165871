package org.tataa.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parts of a graph. */
public final class GraphPart {
  private GraphPart() {}

  /**
   * The part of a graph that computes some values from others. Inputs of the graph that the part
   * needs besides stay inputs.
   *
   * @param name of the part
   * @param from values that become inputs
   * @param to values that become outputs
   * @throws GraphException if an output is made by no node of the part
   */
  public static Graph between(Graph whole, String name, List<Graph.Input> from, List<String> to) {
    Set<String> given = new LinkedHashSet<>();
    from.forEach(input -> given.add(input.name()));
    Set<String> needed = new LinkedHashSet<>(to);
    List<Node> nodes = new ArrayList<>();
    for (int i = whole.nodes().size() - 1; i >= 0; i--) {
      Node node = whole.nodes().get(i);
      if (node.outputs().stream().anyMatch(v -> needed.contains(v) && !given.contains(v))) {
        nodes.add(0, node);
        needed.addAll(node.inputs());
      }
    }
    List<Graph.Input> inputs = new ArrayList<>(from);
    for (Graph.Input input : whole.inputs()) {
      if (needed.contains(input.name()) && !given.contains(input.name())) {
        inputs.add(input);
      }
    }
    Map<String, NdTensor> constants = new LinkedHashMap<>(whole.constants());
    constants.keySet().retainAll(needed);
    constants.keySet().removeAll(given);
    return new Graph(name, inputs, constants, nodes, to);
  }

  /**
   * The nodes of a module, by the names exporters give: those that begin with the module's name;
   * with them the constants they read.
   *
   * @param scope name of the module, as {@code /encoder/layer.0/attention/self}
   * @throws GraphException if there are none
   */
  public static List<Node> module(Graph graph, String scope) {
    String prefix = scope.endsWith("/") ? scope : scope + "/";
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.outputs().stream().anyMatch(value -> value.startsWith(prefix))) {
        nodes.add(node);
      }
    }
    if (nodes.isEmpty()) {
      throw new GraphException(
          graph.name() + ": no value begins with `" + prefix + "`, expected the name of a module");
    }
    Set<Node> all = new LinkedHashSet<>(nodes);
    for (Node node : nodes) {
      for (String input : node.inputs()) {
        Node producer = graph.producer(input);
        if (producer != null && producer.inputs().isEmpty()) {
          all.add(producer);
        }
      }
    }
    return List.copyOf(all);
  }

  /** Values that nodes read and others make, constants left out. */
  public static List<String> inputs(Graph graph, Collection<Node> nodes) {
    Set<Node> inside = new LinkedHashSet<>(nodes);
    Set<String> inputs = new LinkedHashSet<>();
    for (Node node : nodes) {
      for (String input : node.inputs()) {
        Node producer = graph.producer(input);
        boolean isMade = producer != null ? !inside.contains(producer) : graph.input(input) != null;
        if (isMade) {
          inputs.add(input);
        }
      }
    }
    return List.copyOf(inputs);
  }

  /** Values that nodes make and others read, or that are results of the graph. */
  public static List<String> outputs(Graph graph, Collection<Node> nodes) {
    Set<Node> inside = new LinkedHashSet<>(nodes);
    List<String> outputs = new ArrayList<>();
    for (Node node : graph.nodes()) {
      for (String output : inside.contains(node) ? node.outputs() : List.<String>of()) {
        if (graph.outputs().contains(output) || !inside.containsAll(graph.consumers(output))) {
          outputs.add(output);
        }
      }
    }
    return outputs;
  }
}
