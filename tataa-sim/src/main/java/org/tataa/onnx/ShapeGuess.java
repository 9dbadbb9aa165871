package org.tataa.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.graph.Operators;

/**
 * Shapes of values when every open dimension has the same size; what cannot be inferred so has
 * none. Ranks and fixed dimensions are reliable, open dimensions are not.
 */
final class ShapeGuess {
  /**
   * Size of open dimensions, larger than most kernels, smaller than most tables, and no usual size.
   */
  static final int OPEN = 61;

  /** Constants larger than this are only looked at by their shape. */
  private static final int SMALL = 4096;

  private final Operators operators = new Operators(OnnxImporter.LAST_OPSET);
  private final Map<String, NdTensor> values = new HashMap<>();
  private final List<Node> pending = new ArrayList<>();

  ShapeGuess(List<Graph.Input> inputs) {
    for (Graph.Input input : inputs) {
      int[] shape = input.dims().stream().mapToInt(dim -> dim < 0 ? OPEN : dim).toArray();
      try {
        values.put(input.name(), NdTensor.unknown(input.type(), shape));
      } catch (GraphException e) {
        // An input that is too large for a guess has none.
        values.remove(input.name());
      }
    }
  }

  void constant(String name, NdTensor value) {
    values.put(name, value.size() > SMALL ? value.withoutData() : value);
  }

  void add(Node node) {
    pending.add(node);
  }

  /** The shape of a value, or null. */
  @Nullable NdTensor of(String value) {
    pending.forEach(this::infer);
    pending.clear();
    return values.get(value);
  }

  private void infer(Node node) {
    @Nullable NdTensor[] in = new NdTensor[node.inputs().size()];
    for (int i = 0; i < in.length; i++) {
      in[i] = values.get(node.inputs().get(i));
      if (in[i] == null && !node.inputs().get(i).isEmpty()) {
        return;
      }
    }
    try {
      NdTensor[] out = operators.apply(node, in);
      for (int i = 0; i < Math.min(out.length, node.outputs().size()); i++) {
        values.put(node.outputs().get(i), out[i]);
      }
    } catch (GraphException e) {
      // With these sizes the node cannot be applied: nothing is known about its results.
      node.outputs().forEach(values::remove);
    }
  }
}
