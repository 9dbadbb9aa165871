package org.tataa.compiler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tataa.graph.Graph;
import org.tataa.graph.Node;
import org.tataa.tile.FusedNest;
import org.tataa.tile.TileStep;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.Work;

/**
 * Which function of the model vector work belongs to: values are named after the operator they are
 * made for, with what they are to it behind a slash.
 */
final class StepFunctions {
  /** Codes that are made of what another step has computed. */
  private static final String CODES = "codes";

  private static final String OTHER = "other";

  private static final Map<String, String> NAMES =
      Map.of(
          "Gelu",
          "GELU",
          "Softmax",
          "SoftMax",
          "LayerNormalization",
          "LayerNorm",
          "RMSNormalization",
          "RMSNorm",
          "Silu",
          "SiLU",
          "Tanh",
          "tanh",
          "Sigmoid",
          "sigmoid",
          "Relu",
          "ReLU");

  /** What attention makes of scores (AttentionLowering) is named after its result. */
  private static final List<String> OF_SCORES =
      List.of("/masked", "/maximum", "/shift", "/exponentials", "/sum/", "/factor", "/weights");

  private final Map<String, String> operators = new HashMap<>();

  /** Functions of the operators of a graph. */
  StepFunctions(Graph graph) {
    for (Node node : graph.nodes()) {
      node.outputs().forEach(output -> operators.put(output, node.op()));
    }
  }

  /**
   * Function of a step, as {@code GELU}, or the operator it is part of, as {@code Add}; empty if it
   * is no vector work. Products fused with vector work count to its function.
   */
  String of(TileStep step) {
    if (step instanceof FusedNest nest) {
      return of(nest.lanes());
    }
    if (!(step instanceof VectorNest nest)) {
      return "";
    }
    if (step.work().kind() == Work.Kind.CODES && !computes(nest)) {
      return CODES;
    }
    String value = step.work().value();
    int end = value.length();
    while (end > 0 && !operators.containsKey(value.substring(0, end))) {
      end = value.lastIndexOf('/', end - 1);
    }
    if (end <= 0) {
      return OTHER;
    }
    String operator = operators.getOrDefault(value.substring(0, end), "");
    String part = value.substring(end);
    if (operator.equals("MatMul") && OF_SCORES.stream().anyMatch(part::startsWith)) {
      return "SoftMax";
    }
    return NAMES.getOrDefault(operator, operator);
  }

  // Whether there is more than the one operation that brings a vector to a dual-mode buffer.
  private static boolean computes(VectorNest nest) {
    int operations = 0;
    int stored = 0;
    for (VectorStep step : nest.body()) {
      operations += step instanceof VectorStep.Operate ? 1 : 0;
      stored += step instanceof VectorStep.Store store ? store.registers().length : 0;
    }
    return operations > stored;
  }
}
