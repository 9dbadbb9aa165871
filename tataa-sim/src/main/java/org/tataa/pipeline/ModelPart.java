package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphException;
import org.tataa.graph.GraphPart;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.onnx.OnnxImporter;

/**
 * A module of a model as a model of its own, as one layer's attention. What it reads is computed in
 * float32 by the rest of the model.
 *
 * <pre>{@code
 * ModelPart attention = ModelPart.of(model, "/encoder/layer.0/attention/self", item);
 * ModelSession session =
 *     new ModelSession(config, attention.model(), attention.fixed(TextInputs.FIXED), options);
 * session.calibrate(List.of(attention.inputs(item)), (done, of) -> {});
 * }</pre>
 */
public final class ModelPart {
  private final OnnxImporter.Model model;
  private final Graph before;
  private final int opset;

  private ModelPart(OnnxImporter.Model model, Graph before) {
    this.model = model;
    this.before = before;
    opset = model.opset();
  }

  /**
   * A module.
   *
   * @param scope what names of its values begin with, as {@code /encoder/layer.0/attention/self}
   * @param sample inputs of the whole model; the types of the module's inputs follow from it
   * @throws GraphException if there is no such module
   */
  public static ModelPart of(OnnxImporter.Model whole, String scope, Map<String, NdTensor> sample) {
    Graph graph = whole.graph();
    List<Node> nodes = GraphPart.module(graph, scope);
    List<String> names = GraphPart.inputs(graph, nodes);
    List<String> outputs = GraphPart.outputs(graph, nodes);
    Graph before = GraphPart.between(graph, graph.name(), List.of(), made(graph, names));
    Map<String, NdTensor> values = values(before, whole.opset(), sample, names);
    List<Graph.Input> inputs = new ArrayList<>();
    for (String name : names) {
      NdTensor value = Objects.requireNonNull(values.get(name));
      List<String> symbols = new ArrayList<>();
      for (int axis = 0; axis < value.rank(); axis++) {
        symbols.add(name + "." + axis);
      }
      List<Integer> open = Collections.nCopies(value.rank(), -1);
      inputs.add(new Graph.Input(name, value.type(), open, symbols));
    }
    Graph part = GraphPart.between(graph, graph.name() + " " + scope, inputs, outputs);
    return new ModelPart(new OnnxImporter.Model(part, whole.opset()), before);
  }

  private static List<String> made(Graph graph, List<String> names) {
    return names.stream().filter(name -> graph.producer(name) != null).toList();
  }

  private static Map<String, NdTensor> values(
      Graph before, int opset, Map<String, NdTensor> item, List<String> names) {
    Map<String, NdTensor> computed = new Evaluator(before, opset).run(item, null);
    Map<String, NdTensor> values = new LinkedHashMap<>();
    for (String name : names) {
      NdTensor value = computed.containsKey(name) ? computed.get(name) : item.get(name);
      if (value == null) {
        throw new GraphException(before.name() + ": input `" + name + "` has no value");
      }
      values.put(name, value);
    }
    return values;
  }

  /** The module. */
  public OnnxImporter.Model model() {
    return model;
  }

  /** Inputs of the module for inputs of the whole model. */
  public Map<String, NdTensor> inputs(Map<String, NdTensor> item) {
    return values(
        before, opset, item, model.graph().inputs().stream().map(Graph.Input::name).toList());
  }

  /**
   * Inputs of the module that have the same values in every run of a shape.
   *
   * @param whole inputs of the whole model that do
   */
  public Set<String> fixed(Set<String> whole) {
    Set<String> varying = new HashSet<>();
    for (Graph.Input input : before.inputs()) {
      if (!whole.contains(input.name())) {
        varying.add(input.name());
      }
    }
    for (Node node : before.nodes()) {
      if (node.inputs().stream().anyMatch(varying::contains)) {
        varying.addAll(node.outputs());
      }
    }
    Set<String> fixed = new HashSet<>();
    for (Graph.Input input : model.graph().inputs()) {
      if (!varying.contains(input.name())
          && (whole.contains(input.name()) || before.producer(input.name()) != null)) {
        fixed.add(input.name());
      }
    }
    return fixed;
  }
}
