package org.tataa.lower;

import java.util.HashMap;
import java.util.Map;
import org.tataa.graph.ElementType;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.graph.Operators;

/**
 * Which values of a graph the host has: constants, inputs, integers and truth values and what is
 * computed of them alone (masks, positions), embeddings they pick, and all of these moved.
 */
final class HostSide {
  private final Graph graph;
  private final Map<String, NdTensor> shapes;
  private final Map<String, Boolean> control = new HashMap<>();
  private final Map<String, Boolean> host = new HashMap<>();

  HostSide(Graph graph, Map<String, NdTensor> shapes) {
    this.graph = graph;
    this.shapes = shapes;
    for (Node node : graph.nodes()) {
      for (String output : node.outputs()) {
        if (!output.isEmpty()) {
          isControl(output);
          has(output);
        }
      }
    }
  }

  boolean has(String value) {
    Boolean known = host.get(value);
    if (known == null) {
      Node node = graph.producer(value);
      known =
          isControl(value)
              || node == null
              || node.op().equals(Operators.CONTROL)
              || (Operators.MOVEMENT.contains(node.op())
                  && node.inputs().stream().allMatch(input -> input.isEmpty() || has(input)));
      host.put(value, known);
    }
    return known;
  }

  // Depends on integers and constants only, and not through an embedding.
  boolean isControl(String value) {
    Boolean known = control.get(value);
    if (known == null) {
      known = computeControl(value);
      control.put(value, known);
    }
    return known;
  }

  private boolean computeControl(String value) {
    NdTensor shape = shapes.get(value);
    Node node = graph.producer(value);
    if (graph.constant(value) != null) {
      return true;
    }
    if (node == null) {
      return shape != null && shape.type() != ElementType.FLOAT;
    }
    if (node.op().equals("Shape") || node.op().equals("Size")) {
      return true;
    }
    if (node.op().equals(Operators.CONTROL) && node.integer("embedding", 0) != 0) {
      return false;
    }
    boolean isEmbedding =
        node.op().equals("Gather")
            && graph.constant(node.input(0)) != null
            && graph.constant(node.input(1)) == null
            && shape != null
            && shape.type() == ElementType.FLOAT;
    return !isEmbedding
        && node.inputs().stream().allMatch(input -> input.isEmpty() || isControl(input));
  }
}
