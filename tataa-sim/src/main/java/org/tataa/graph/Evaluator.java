package org.tataa.graph;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.sim.HostThreads;

/**
 * Executes a graph in float32. With inputs of unknown value it infers the shapes of all values and
 * folds what depends on constants only.
 */
public final class Evaluator {
  /** Looks at values while a graph is executed. */
  public interface Observer {
    /** A value was computed. */
    void value(String name, NdTensor value);
  }

  private final Graph graph;
  private final Operators operators;

  /** An evaluator of a graph of ONNX operators of an opset. */
  public Evaluator(Graph graph, int opset) {
    this.graph = graph;
    operators = new Operators(opset);
  }

  /**
   * Executes the graph and keeps every value.
   *
   * @throws GraphException naming the node if an operator cannot be applied
   */
  public Map<String, NdTensor> all(Map<String, NdTensor> inputs) {
    Map<String, NdTensor> values = start(inputs);
    for (Node node : graph.nodes()) {
      apply(node, values);
    }
    return values;
  }

  /**
   * Executes the graph; values nobody needs any more are dropped.
   *
   * @param observer is shown every value
   * @return the outputs of the graph
   * @throws GraphException naming the node if an operator cannot be applied
   */
  public Map<String, NdTensor> run(Map<String, NdTensor> inputs, @Nullable Observer observer) {
    Map<String, NdTensor> values = start(inputs);
    Map<String, Integer> uses = new HashMap<>();
    for (Node node : graph.nodes()) {
      for (String input : node.inputs()) {
        uses.merge(input, 1, Integer::sum);
      }
    }
    for (String output : graph.outputs()) {
      uses.merge(output, 1, Integer::sum);
    }
    if (observer != null) {
      inputs.forEach(observer::value);
    }
    for (Node node : graph.nodes()) {
      apply(node, values);
      if (observer != null) {
        for (String output : node.outputs()) {
          NdTensor value = values.get(output);
          if (value != null) {
            observer.value(output, value);
          }
        }
      }
      for (String input : node.inputs()) {
        if (uses.merge(input, -1, Integer::sum) == 0) {
          values.remove(input);
        }
      }
    }
    Map<String, NdTensor> outputs = new LinkedHashMap<>();
    for (String output : graph.outputs()) {
      NdTensor value = values.get(output);
      if (value == null) {
        throw new GraphException(graph.name() + ": output `" + output + "` has no value");
      }
      outputs.put(output, value);
    }
    return outputs;
  }

  /** Executes only what some values need. */
  public Map<String, NdTensor> some(Map<String, NdTensor> inputs, Set<String> wanted) {
    Graph part = graph.withOutputs(List.copyOf(wanted));
    Map<String, NdTensor> all = start(part, inputs);
    for (Node node : part.nodes()) {
      apply(node, all);
    }
    all.keySet().retainAll(wanted);
    return all;
  }

  private Map<String, NdTensor> start(Map<String, NdTensor> inputs) {
    return start(graph, inputs);
  }

  private static Map<String, NdTensor> start(Graph graph, Map<String, NdTensor> inputs) {
    Map<String, NdTensor> values = graph.constants();
    for (Graph.Input input : graph.inputs()) {
      NdTensor value = inputs.get(input.name());
      if (value == null) {
        throw new GraphException(graph.name() + ": input " + input + " has no value");
      }
      if (value.type() != input.type() || value.rank() != input.dims().size()) {
        throw new GraphException(graph.name() + ": input " + input + ": found a value " + value);
      }
      for (int axis = 0; axis < value.rank(); axis++) {
        int dim = input.dims().get(axis);
        if (dim >= 0 && dim != value.dim(axis)) {
          throw new GraphException(graph.name() + ": input " + input + ": found a value " + value);
        }
      }
      values.put(input.name(), value);
    }
    return values;
  }

  private void apply(Node node, Map<String, NdTensor> values) {
    HostThreads.check();
    @Nullable NdTensor[] in = new NdTensor[node.inputs().size()];
    for (int i = 0; i < in.length; i++) {
      String name = node.inputs().get(i);
      in[i] = name.isEmpty() ? null : values.get(name);
      if (in[i] == null && !name.isEmpty()) {
        throw new GraphException(node + ": nothing gives its input `" + name + "`");
      }
    }
    NdTensor[] out = operators.apply(node, in);
    for (int i = 0; i < Math.min(out.length, node.outputs().size()); i++) {
      if (!node.outputs().get(i).isEmpty()) {
        values.put(node.outputs().get(i), out[i]);
      }
    }
  }

  /** Graph with everything folded that depends on constants and shapes only. */
  public Graph folded(Map<String, NdTensor> inputShapes) {
    Map<String, NdTensor> values = all(inputShapes);
    Map<String, NdTensor> constants = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          if (value.isKnown() && graph.input(name) == null) {
            constants.put(name, value);
          }
        });
    List<Node> rest =
        graph.nodes().stream()
            .filter(
                node ->
                    node.outputs().stream()
                        .anyMatch(o -> !o.isEmpty() && !constants.containsKey(o)))
            .toList();
    for (Node node : rest) {
      node.outputs().forEach(constants::remove);
    }
    return graph.with(rest, constants);
  }
}
