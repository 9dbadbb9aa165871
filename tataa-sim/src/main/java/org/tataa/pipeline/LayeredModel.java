package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.tataa.graph.ElementType;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphPart;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.graph.Operators;
import org.tataa.onnx.OnnxImporter;

/**
 * A model whose layers can be run one after the other: all that a layer reads of those before it is
 * one value, the hidden state.
 *
 * @param model the whole model; its weights need not be held
 * @param borders hidden states, {@code [1][tokens][features]}: what the first layer reads, what the
 *     second one reads, and so on, and last what the last one makes
 */
public record LayeredModel(OnnxImporter.Model model, List<String> borders) {
  // Bytes of a weight while its layer is compiled and run, and of everything else.
  private static final int PER_WEIGHT = 16;
  private static final long WORKING = 512L << 20;

  // Behind the name of a hidden state as a part is given it.
  private static final String BEFORE = "/before";

  /** Takes a copy. */
  public LayeredModel {
    borders = List.copyOf(borders);
    if (borders.isEmpty()) {
      throw new IllegalArgumentException(model.graph().name() + " has no layers");
    }
  }

  /** The whole graph. */
  public Graph graph() {
    return model.graph();
  }

  /** Number of parts: the layers, and what is before and behind them. */
  public int parts() {
    return borders.size() + 1;
  }

  /**
   * The name of the hidden state a part reads; empty for the first.
   *
   * @param number 0 for what makes the first hidden state, then the layers, then what makes results
   */
  public String input(int number) {
    return number == 0 ? "" : borders.get(number - 1);
  }

  /** Names of the values a part makes. */
  public List<String> outputs(int number) {
    return number == borders.size() ? graph().outputs() : List.of(borders.get(number));
  }

  /** Name of a part for people. */
  public String name(int number) {
    return number == 0 ? "embedding" : number == borders.size() ? "head" : "layer " + (number - 1);
  }

  /**
   * Bytes of host memory a run needs, about: a part's weights in float32, as codes, as operand
   * words and in the machine's memory, and what is computed with them.
   *
   * @param keepsWords whether the operand words of all parts are kept
   */
  public long memoryBytes(boolean keepsWords) {
    long largest = 0;
    long all = 0;
    for (int number = 0; number < parts(); number++) {
      long weights = 0;
      long embeddings = 0;
      Graph part = part(number).graph();
      for (String name : part.constantNames()) {
        NdTensor constant = Objects.requireNonNull(part.constant(name));
        boolean isProduct =
            part.consumers(name).stream().allMatch(node -> node.op().equals("MatMul"));
        weights += isProduct ? constant.size() : 0;
        embeddings += isProduct ? 0 : 4L * constant.size();
      }
      largest = Math.max(largest, PER_WEIGHT * weights + embeddings);
      all += weights + embeddings;
    }
    return WORKING + largest + (keepsWords ? all : 0);
  }

  /** A part with its weights held, as long as it is needed. */
  public OnnxImporter.Model heldPart(int number) {
    OnnxImporter.Model part = part(number);
    return new OnnxImporter.Model(part.graph().held(), part.opset());
  }

  /**
   * Inputs of a part.
   *
   * @param item inputs of the whole model
   * @param before what the part before has made; not read for the first
   */
  public Map<String, NdTensor> inputs(
      int number, Map<String, NdTensor> item, Map<String, NdTensor> before) {
    Map<String, NdTensor> inputs = new LinkedHashMap<>(item);
    if (number > 0) {
      String hidden = input(number);
      NdTensor value = Objects.requireNonNull(before.get(hidden), hidden);
      inputs.put(hidden, value);
      inputs.put(hidden + BEFORE, value);
    }
    return inputs;
  }

  /** A part, its weights not held. */
  public OnnxImporter.Model part(int number) {
    String hidden = input(number);
    List<Graph.Input> from = new ArrayList<>();
    if (number > 0) {
      from.add(
          new Graph.Input(
              hidden, ElementType.FLOAT, List.of(1, -1, -1), List.of("", "rows", "width")));
    }
    Graph part = GraphPart.between(graph(), graph().name(), from, outputs(number));
    Node maker = graph().producer(hidden);
    // Embeddings are the host's.
    boolean isComputed =
        maker != null
            && !Operators.MOVEMENT.contains(maker.op())
            && !maker.op().equals(Operators.CONTROL);
    return new OnnxImporter.Model(isComputed ? resident(part, hidden) : part, model.opset());
  }

  // What the device has computed before is stored there as if it was computed now.
  private static Graph resident(Graph part, String hidden) {
    List<Graph.Input> inputs = new ArrayList<>();
    for (Graph.Input input : part.inputs()) {
      inputs.add(
          input.name().equals(hidden)
              ? new Graph.Input(hidden + BEFORE, input.type(), input.dims(), input.symbols())
              : input);
    }
    List<Node> nodes = new ArrayList<>(part.nodes());
    nodes.add(
        new Node(hidden, Operators.RESIDENT, List.of(hidden + BEFORE), List.of(hidden), Map.of()));
    return new Graph(part.name(), inputs, part.constants(), nodes, part.outputs());
  }
}
