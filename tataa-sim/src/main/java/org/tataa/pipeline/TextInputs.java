package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tataa.graph.ElementType;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.onnx.ModelFormatException;
import org.tataa.onnx.OnnxImporter;

/** Inputs of text models by their customary names, and the pooling of their results. */
public final class TextInputs {
  /** Inputs that follow from the number of tokens. */
  public static final Set<String> FIXED =
      Set.of("attention_mask", "token_type_ids", "position_ids");

  private TextInputs() {}

  /**
   * Inputs for one text; without padding, so the mask is all ones.
   *
   * @throws ModelFormatException if the model has other inputs
   */
  public static Map<String, NdTensor> of(Graph graph, long[] ids) {
    Map<String, NdTensor> inputs = new LinkedHashMap<>();
    for (Graph.Input input : graph.inputs()) {
      long[] values = new long[ids.length];
      switch (input.name()) {
        case "input_ids" -> System.arraycopy(ids, 0, values, 0, ids.length);
        case "attention_mask" -> Arrays.fill(values, 1);
        case "token_type_ids" -> {}
        case "position_ids" -> Arrays.setAll(values, i -> i);
        default -> throw unknown(graph, input);
      }
      if (input.type() != ElementType.INT || input.dims().size() != 2) {
        throw unknown(graph, input);
      }
      inputs.put(input.name(), NdTensor.of(values, 1, ids.length));
    }
    return inputs;
  }

  private static ModelFormatException unknown(Graph graph, Graph.Input input) {
    return new ModelFormatException(
        graph.name()
            + ": input "
            + input
            + " is none of a text model, expected integer [batch][tokens] input_ids,"
            + " attention_mask, token_type_ids or position_ids; give arrays instead of text");
  }

  /**
   * A model whose only result is the mean of its first result over the tokens.
   *
   * @param name name of the new result
   */
  public static OnnxImporter.Model meanPooled(OnnxImporter.Model model, String name) {
    Graph graph = model.graph();
    String first = graph.outputs().get(0);
    List<Node> nodes = new ArrayList<>(graph.nodes());
    Map<String, NdTensor> constants = graph.constants();
    boolean byInput = model.opset() >= 18;
    constants.put(name + "/axes", NdTensor.of(new long[] {1}, 1));
    nodes.add(
        new Node(
            name,
            "ReduceMean",
            byInput ? List.of(first, name + "/axes") : List.of(first),
            List.of(name),
            byInput ? Map.of("keepdims", 0L) : Map.of("axes", new long[] {1}, "keepdims", 0L)));
    Graph pooled = new Graph(graph.name(), graph.inputs(), constants, nodes, List.of(name));
    return new OnnxImporter.Model(pooled.with(nodes, constants), model.opset());
  }

  /**
   * A model whose only result is its first result for the first token.
   *
   * @param name name of the new result
   */
  public static OnnxImporter.Model firstPooled(OnnxImporter.Model model, String name) {
    Graph graph = model.graph();
    List<Node> nodes = new ArrayList<>(graph.nodes());
    Map<String, NdTensor> constants = graph.constants();
    constants.put(name + "/first", NdTensor.of(new long[] {0}));
    nodes.add(
        new Node(
            name,
            "Gather",
            List.of(graph.outputs().get(0), name + "/first"),
            List.of(name),
            Map.of("axis", 1L)));
    Graph pooled = new Graph(graph.name(), graph.inputs(), constants, nodes, List.of(name));
    return new OnnxImporter.Model(pooled.with(nodes, constants), model.opset());
  }

  /** The model with its first result only. */
  public static OnnxImporter.Model firstOutput(OnnxImporter.Model model) {
    return new OnnxImporter.Model(
        model.graph().withOutputs(List.of(model.graph().outputs().get(0))), model.opset());
  }
}
