package org.tataa.lower;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.graph.Operators;
import org.tataa.tensor.HostFunction;

/** What the host computes: operators of the graph, and constants. */
final class HostWork {
  private HostWork() {}

  /**
   * A constant.
   *
   * @param value the constant
   */
  record Constant(NdTensor value) implements HostFunction {
    @Override
    public List<NdTensor> apply(List<NdTensor> operands) {
      return List.of(value);
    }

    @Override
    public String name() {
      return "constant";
    }
  }

  /**
   * A node.
   *
   * @param node the node
   * @param opset version of its operator
   * @param given for each operand the number of the node's input
   * @param wanted for each result the number of the node's output
   */
  record Operator(Node node, int opset, List<Integer> given, List<Integer> wanted)
      implements HostFunction {
    @Override
    public List<NdTensor> apply(List<NdTensor> operands) {
      @Nullable NdTensor[] in = new NdTensor[node.inputs().size()];
      for (int i = 0; i < operands.size(); i++) {
        in[given.get(i)] = operands.get(i);
      }
      NdTensor[] out = new Operators(opset).apply(node, in);
      List<NdTensor> results = new ArrayList<>();
      wanted.forEach(number -> results.add(out[number]));
      return results;
    }

    @Override
    public String name() {
      return node.op();
    }
  }
}
