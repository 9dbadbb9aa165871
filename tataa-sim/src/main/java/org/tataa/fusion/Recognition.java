package org.tataa.fusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.ElementType;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;

/**
 * Finds functions by what they compute. Behind a node, the smallest sets of nodes that depend on a
 * single value x are cut out and executed on sample rows; the results are compared with those of
 * the functions the machine offers. A spelling therefore matches exactly if it is the function.
 */
final class Recognition {
  /**
   * A function that was found.
   *
   * @param op its operator
   * @param source x
   * @param parameters constants after x, in order
   * @param attributes of the operator
   */
  record Match(
      String op, String source, Map<String, NdTensor> parameters, Map<String, Object> attributes) {}

  private static final int MAX_NODES = 24;
  private static final double TOLERANCE = 2e-4;

  private static final Set<String> ELEMENTWISE =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Pow",
          "Neg",
          "Abs",
          "Sqrt",
          "Reciprocal",
          "Exp",
          "Erf",
          "Tanh",
          "Sigmoid",
          "Relu",
          "Clip",
          "Min",
          "Max",
          "Identity",
          "Cast",
          "Softplus");
  private static final Set<String> REDUCTIONS =
      Set.of("ReduceMean", "ReduceSum", "ReduceMax", "ReduceSumSquare", "ReduceL2");
  private static final Set<String> NAMED = Set.of("Gelu", "Silu", "Softmax");

  private final Graph graph;
  private final int opset;
  private final Map<String, NdTensor> shapes;
  private final Map<String, Integer> position = new HashMap<>();

  /** Rows to compare on, by their width. */
  private final Map<Integer, SampleRows> rows = new HashMap<>();

  Recognition(Graph graph, int opset, Map<String, NdTensor> shapes) {
    this.graph = graph;
    this.opset = opset;
    this.shapes = shapes;
    for (int i = 0; i < graph.nodes().size(); i++) {
      for (String output : graph.nodes().get(i).outputs()) {
        position.put(output, i);
      }
    }
  }

  /** The function a node completes, or null. */
  @Nullable Match match(Node last) {
    NdTensor result = shapes.get(last.output());
    if (!isPart(last)
        || NAMED.contains(last.op())
        || result == null
        || result.type() != ElementType.FLOAT
        || result.rank() < 1) {
      return null;
    }
    Set<Node> cone = new LinkedHashSet<>();
    TreeSet<String> frontier =
        new TreeSet<>(
            Comparator.<String>comparingInt(v -> position.getOrDefault(v, -1))
                .reversed()
                .thenComparing(Comparator.naturalOrder()));
    Node next = last;
    while (next != null && cone.size() < MAX_NODES) {
      cone.add(next);
      for (String input : next.inputs()) {
        if (!input.isEmpty() && graph.constant(input) == null) {
          frontier.add(input);
        }
      }
      if (frontier.isEmpty()) {
        return null;
      }
      String latest = frontier.first();
      if (frontier.size() == 1 && cone.size() > 1) {
        Match match = compare(cone, latest, last.output());
        if (match != null) {
          return match;
        }
      }
      next = graph.producer(latest);
      if (next == null || !isPart(next)) {
        return null;
      }
      frontier.remove(latest);
    }
    return null;
  }

  private static boolean isPart(Node node) {
    return node.outputs().size() == 1
        && (ELEMENTWISE.contains(node.op()) || REDUCTIONS.contains(node.op()));
  }

  private @Nullable Match compare(Set<Node> cone, String source, String target) {
    NdTensor x = shapes.get(source);
    NdTensor y = shapes.get(target);
    if (x == null
        || y == null
        || x.type() != ElementType.FLOAT
        || !Arrays.equals(x.shape(), y.shape())
        || x.rank() < 1) {
      return null;
    }
    boolean rows = cone.stream().anyMatch(node -> REDUCTIONS.contains(node.op()));
    try {
      Probe probe = new Probe(cone, source, target, x.rank());
      if (rows) {
        return x.dim(-1) < 2 ? null : rowFunction(probe, cone, x.dim(-1), target);
      }
      return scalarFunction(probe);
    } catch (GraphException e) {
      // The cone cannot be applied to rows of its own, so it is no row function.
      return null;
    }
  }

  /** The cut-out graph, ready to run on rows. */
  private final class Probe {
    private final Graph part;
    private final String source;
    private final String target;
    private final int rank;

    Probe(Set<Node> cone, String source, String target, int rank) {
      this.source = source;
      this.target = target;
      this.rank = rank;
      List<Integer> dims = new ArrayList<>();
      List<String> symbols = new ArrayList<>();
      for (int i = 0; i < rank; i++) {
        dims.add(-1);
        symbols.add("d" + i);
      }
      part =
          new Graph(
              "probe",
              List.of(new Graph.Input(source, ElementType.FLOAT, dims, symbols)),
              constants(cone),
              List.copyOf(cone),
              List.of(target));
    }

    // Those of the graph are many, and most nodes are looked at.
    private Map<String, NdTensor> constants(Set<Node> cone) {
      Map<String, NdTensor> constants = new LinkedHashMap<>();
      for (Node node : cone) {
        for (String input : node.inputs()) {
          NdTensor constant = graph.constant(input);
          if (constant != null) {
            constants.put(input, constant);
          }
        }
      }
      return constants;
    }

    float[] run(float[] rows, int features) {
      int[] shape = new int[rank];
      Arrays.fill(shape, 1);
      shape[rank - 1] = features;
      if (rank > 1) {
        shape[rank - 2] = rows.length / features;
      }
      NdTensor result =
          new Evaluator(part, opset)
              .run(Map.of(source, NdTensor.of(rows, shape)), null)
              .get(target);
      if (result == null || result.size() != rows.length) {
        throw new GraphException("a result of another size");
      }
      return result.floats();
    }
  }

  private static final Map<String, Map<String, Object>> SCALAR = new LinkedHashMap<>();

  static {
    SCALAR.put("Gelu", Map.of());
    SCALAR.put("Gelu/tanh", Map.of("approximate", "tanh"));
    SCALAR.put("Silu", Map.of());
    SCALAR.put("Sigmoid", Map.of());
    SCALAR.put("Tanh", Map.of());
    SCALAR.put("Relu", Map.of());
  }

  private @Nullable Match scalarFunction(Probe probe) {
    float[] samples = new float[241];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (i - 120) / 15f;
    }
    float[] actual = probe.run(samples, samples.length);
    for (Map.Entry<String, Map<String, Object>> candidate : SCALAR.entrySet()) {
      String op = candidate.getKey().replaceAll("/.*", "");
      Node node = new Node("candidate", op, List.of("x"), List.of("y"), candidate.getValue());
      NdTensor x = NdTensor.of(samples, samples.length);
      if (agree(actual, SampleRows.single(node, Math.max(opset, 20), x), 2e-5)) {
        return new Match(op, probe.source, Map.of(), candidate.getValue());
      }
    }
    return null;
  }

  private static boolean agree(float[] actual, float[] expected, double tolerance) {
    for (int i = 0; i < actual.length; i++) {
      double limit = tolerance * (1 + Math.abs(expected[i]));
      if (!(Math.abs(actual[i] - expected[i]) <= limit)) {
        return false;
      }
    }
    return true;
  }

  private @Nullable Match rowFunction(Probe probe, Set<Node> cone, int features, String target) {
    if (probe.rank < 2) {
      return null;
    }
    SampleRows samples =
        rows.computeIfAbsent(features, width -> new SampleRows(width, Math.max(opset, 20)));
    float[] actual = probe.run(samples.rows(), features);
    if (agree(actual, samples.softmax(), 1e-5)) {
      return new Match("Softmax", probe.source, Map.of(), Map.of("axis", -1L));
    }
    for (String op : new String[] {"LayerNormalization", "RMSNormalization"}) {
      for (float epsilon : epsilons(cone)) {
        float[][] affine = affine(samples.normalised(op, epsilon), actual, features);
        if (affine.length == 2) {
          Map<String, NdTensor> parameters = new LinkedHashMap<>();
          parameters.put(target + "/gamma", NdTensor.of(affine[0], features));
          if (op.equals("LayerNormalization")) {
            parameters.put(target + "/beta", NdTensor.of(affine[1], features));
          } else if (!isZero(affine[1])) {
            continue;
          }
          return new Match(op, probe.source, parameters, SampleRows.attributes(epsilon));
        }
      }
    }
    return null;
  }

  private static boolean isZero(float[] values) {
    for (float value : values) {
      if (Math.abs(value) > 1e-4) {
        return false;
      }
    }
    return true;
  }

  private List<Float> epsilons(Set<Node> cone) {
    List<Float> found = new ArrayList<>();
    for (Node node : cone) {
      for (String input : node.inputs()) {
        NdTensor constant = graph.constant(input);
        if (constant != null && constant.type() == ElementType.FLOAT && constant.size() == 1) {
          float value = constant.floats()[0];
          if (value >= 0 && value <= 0.1f) {
            found.add(value);
          }
        }
      }
    }
    found.add(0f);
    return found;
  }

  // actual = gamma * unit + beta for every feature, or nothing. Gamma and beta come from the two
  // rows in which a feature differs most.
  private static float[][] affine(float[] unit, float[] actual, int features) {
    float[] gamma = new float[features];
    float[] beta = new float[features];
    for (int f = 0; f < features; f++) {
      int low = f;
      int high = f;
      for (int i = f; i < unit.length; i += features) {
        low = unit[i] < unit[low] ? i : low;
        high = unit[i] > unit[high] ? i : high;
      }
      if (unit[high] - unit[low] < 1e-3) {
        return new float[0][];
      }
      double slope = ((double) actual[high] - actual[low]) / ((double) unit[high] - unit[low]);
      gamma[f] = (float) slope;
      beta[f] = (float) (actual[low] - slope * unit[low]);
      for (int i = f; i < unit.length; i += features) {
        double expected = slope * unit[i] + beta[f];
        double limit = TOLERANCE * (1 + Math.abs(expected) + Math.abs(slope));
        if (!(Math.abs(actual[i] - expected) <= limit)) {
          return new float[0][];
        }
      }
    }
    return new float[][] {gamma, beta};
  }
}
