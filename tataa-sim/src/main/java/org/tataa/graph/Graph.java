package org.tataa.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.sim.HostThreads;

/**
 * An immutable graph of operators in an order in which every value is made before it is used.
 *
 * <p>Values have names. A value is an input, a constant or an output of exactly one node.
 */
public final class Graph {
  /**
   * An input of the graph.
   *
   * @param name its name
   * @param type element type
   * @param dims dimensions; -1 for one the file leaves open
   * @param symbols names of the dimensions the file leaves open, empty for fixed ones
   */
  public record Input(String name, ElementType type, List<Integer> dims, List<String> symbols) {
    /** Takes copies. */
    public Input {
      dims = List.copyOf(dims);
      symbols = List.copyOf(symbols);
    }

    @Override
    public String toString() {
      List<String> shown = new ArrayList<>();
      for (int i = 0; i < dims.size(); i++) {
        shown.add(dims.get(i) < 0 ? symbols.get(i) : String.valueOf(dims.get(i)));
      }
      return name + ": " + type + shown;
    }
  }

  private final String name;
  private final List<Input> inputs;
  private final Map<String, NdTensor> constants;
  private final List<Node> nodes;
  private final List<String> outputs;
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, List<Node>> consumers = new HashMap<>();

  /**
   * A graph; nodes may come in any order.
   *
   * @throws GraphException if a value is missing or made twice, or nodes form a cycle
   */
  public Graph(
      String name,
      List<Input> inputs,
      Map<String, NdTensor> constants,
      List<Node> nodes,
      List<String> outputs) {
    this.name = name;
    this.inputs = List.copyOf(inputs);
    this.constants = new LinkedHashMap<>(constants);
    this.outputs = List.copyOf(outputs);
    Set<String> known = new LinkedHashSet<>(constants.keySet());
    for (Input input : inputs) {
      known.add(input.name());
    }
    for (Node node : nodes) {
      for (String output : node.outputs()) {
        if (!output.isEmpty()
            && (known.contains(output) || producers.putIfAbsent(output, node) != null)) {
          throw new GraphException(
              name + ": " + node + ": value `" + output + "` is defined more than once");
        }
      }
    }
    this.nodes = sorted(nodes, known);
    for (Node node : this.nodes) {
      for (String input : new LinkedHashSet<>(node.inputs())) {
        if (!input.isEmpty()) {
          consumers.computeIfAbsent(input, key -> new ArrayList<>()).add(node);
        }
      }
    }
    for (String output : outputs) {
      if (!known.contains(output) && !producers.containsKey(output)) {
        throw new GraphException(name + ": output `" + output + "` is made by no node");
      }
    }
  }

  // The order of the file wherever it is possible; otherwise later nodes first make what is needed.
  private List<Node> sorted(List<Node> unsorted, Set<String> known) {
    List<Node> order = new ArrayList<>();
    IdentityHashMap<Node, Integer> state = new IdentityHashMap<>();
    for (Node root : unsorted) {
      Deque<Node> stack = new ArrayDeque<>();
      stack.push(root);
      while (!stack.isEmpty()) {
        Node node = stack.peek();
        int visited = state.getOrDefault(node, 0);
        if (visited == 2) {
          stack.pop();
          continue;
        }
        state.put(node, 1);
        boolean ready = true;
        for (String input : node.inputs()) {
          if (input.isEmpty() || known.contains(input)) {
            continue;
          }
          Node producer = producers.get(input);
          if (producer == null) {
            throw new GraphException(
                name + ": " + node + ": input `" + input + "` is made by no node");
          }
          int other = state.getOrDefault(producer, 0);
          if (other == 1) {
            throw new GraphException(
                name + ": " + node + ": input `" + input + "` depends on its own result");
          }
          if (other == 0) {
            stack.push(producer);
            ready = false;
            break;
          }
        }
        if (ready) {
          state.put(node, 2);
          order.add(node);
          stack.pop();
        }
      }
    }
    return List.copyOf(order);
  }

  /** Name for messages. */
  public String name() {
    return name;
  }

  /** Inputs without those the file gives a value. */
  public List<Input> inputs() {
    return inputs;
  }

  /** The input of a name, or null. */
  public @Nullable Input input(String value) {
    for (Input input : inputs) {
      if (input.name().equals(value)) {
        return input;
      }
    }
    return null;
  }

  /** Nodes in an order of execution. */
  public List<Node> nodes() {
    return nodes;
  }

  /** Values that are the result of the graph. */
  public List<String> outputs() {
    return outputs;
  }

  /** Names of all constants. */
  public Collection<String> constantNames() {
    return Collections.unmodifiableSet(constants.keySet());
  }

  /** The constant of a name, or null. */
  public @Nullable NdTensor constant(String value) {
    return constants.get(value);
  }

  /** The node that makes a value, or null for inputs and constants. */
  public @Nullable Node producer(String value) {
    return producers.get(value);
  }

  /** Nodes that read a value, in order. */
  public List<Node> consumers(String value) {
    return consumers.getOrDefault(value, List.of());
  }

  /** Whether a value is used by exactly one node and is no output of the graph. */
  public boolean isPrivate(String value) {
    return consumers(value).size() == 1 && !outputs.contains(value);
  }

  /** The graph with other nodes; what no output needs is dropped. */
  public Graph with(List<Node> newNodes, Map<String, NdTensor> newConstants) {
    Graph all = new Graph(name, inputs, newConstants, newNodes, outputs);
    Set<String> needed = new LinkedHashSet<>(outputs);
    List<Node> kept = new ArrayList<>();
    for (int i = all.nodes.size() - 1; i >= 0; i--) {
      Node node = all.nodes.get(i);
      if (node.outputs().stream().anyMatch(needed::contains)) {
        needed.addAll(node.inputs());
        kept.add(0, node);
      }
    }
    Map<String, NdTensor> used = new LinkedHashMap<>(newConstants);
    used.keySet().retainAll(needed);
    return new Graph(name, inputs, used, kept, outputs);
  }

  /** The graph reduced to what some outputs need. */
  public Graph withOutputs(List<String> names) {
    return new Graph(name, inputs, constants, nodes, names).with(nodes, constants);
  }

  /**
   * The same with the values of all constants held, also of those its nodes have within. They are
   * made on all host threads.
   */
  public Graph held() {
    List<Map.Entry<String, NdTensor>> entries = List.copyOf(constants.entrySet());
    NdTensor[] made = new NdTensor[entries.size()];
    HostThreads.forEach(made.length, 0, i -> made[i] = entries.get(i).getValue().held());
    Map<String, NdTensor> values = new LinkedHashMap<>();
    for (int i = 0; i < made.length; i++) {
      values.put(entries.get(i).getKey(), made[i]);
    }
    List<Node> same = new ArrayList<>();
    for (Node node : nodes) {
      Map<String, Object> attributes = new LinkedHashMap<>(node.attributes());
      attributes.replaceAll(
          (key, value) -> value instanceof DecoderControl control ? control.held() : value);
      same.add(new Node(node.name(), node.op(), node.inputs(), node.outputs(), attributes));
    }
    return new Graph(name, inputs, values, same, outputs);
  }

  /** A copy of all constants by name. */
  public Map<String, NdTensor> constants() {
    return new LinkedHashMap<>(constants);
  }

  /**
   * Shapes of the inputs when open dimensions are given a size.
   *
   * @param sizes size by symbol or by {@code input.axis}
   * @throws GraphException if an open dimension has no size
   */
  public Map<String, NdTensor> bind(Map<String, Integer> sizes) {
    Map<String, NdTensor> bound = new LinkedHashMap<>();
    for (Input input : inputs) {
      int[] shape = new int[input.dims().size()];
      for (int axis = 0; axis < shape.length; axis++) {
        Integer size = input.dims().get(axis);
        if (size < 0) {
          size = sizes.get(input.symbols().get(axis));
        }
        if (size == null) {
          size = sizes.get(input.name() + "." + axis);
        }
        if (size == null) {
          throw new GraphException(
              name
                  + ": input "
                  + input
                  + ": no size given for dimension "
                  + axis
                  + " `"
                  + input.symbols().get(axis)
                  + "`");
        }
        shape[axis] = size;
      }
      bound.put(input.name(), NdTensor.unknown(input.type(), shape));
    }
    return bound;
  }

  @Override
  public String toString() {
    return name
        + ": "
        + nodes.size()
        + " nodes, inputs "
        + inputs
        + ", outputs "
        + Arrays.toString(outputs.toArray());
  }
}
