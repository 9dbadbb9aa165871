package org.tataa.fusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.ElementType;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.graph.OnnxTypes;
import org.tataa.graph.Operators;

/**
 * Rewrites a graph of ONNX operators to transformer operators.
 *
 * <ul>
 *   <li>MatMul, Gemm and Conv with constant weights become Linear (x, weights {@code [in][out]},
 *       bias {@code [out]}); a Conv is preceded by Patches, which only moves data.
 *   <li>Row functions (normalisations, SoftMax) and scalar functions (GELU, SiLU, ...) are found by
 *       what they compute, see {@link Recognition}, so that the way they are spelled does not
 *       matter.
 * </ul>
 *
 * <p>Names of values stay: a fused node makes the value its last node made.
 */
public final class Fusion {
  /** The type of codes where a file says none, by its number in ONNX. */
  private static final long UINT8 = 2;

  private static final String PAIRS = "quantised-pairs";
  private static final String LINEAR = "linear";
  private static final String BIAS = "bias";
  private static final String FUNCTIONS = "functions";

  /** Most channels of a convolution in groups that becomes one product: most of it is zeros. */
  private static final int MAX_GROUPED_CHANNELS = 128;

  /** Passes that can be left out, with what they do, in order. */
  public static final Map<String, String> PASSES = passes();

  private final Graph graph;
  private final int opset;
  private final Map<String, NdTensor> values;
  private final Map<String, NdTensor> constants;
  private final Map<String, Node> rewritten = new LinkedHashMap<>();
  private final List<Node> added = new ArrayList<>();

  private Fusion(Graph graph, int opset, Map<String, NdTensor> values) {
    this.graph = graph;
    this.opset = opset;
    this.values = values;
    constants = graph.constants();
  }

  private static Map<String, String> passes() {
    Map<String, String> passes = new LinkedHashMap<>();
    passes.put(
        PAIRS, "takes QuantizeLinear and DequantizeLinear after it as a limit to their range");
    passes.put(LINEAR, "takes MatMul, Gemm and Conv with constant weights as products by channel");
    passes.put(BIAS, "joins products with the biases that follow");
    passes.put(FUNCTIONS, "finds normalisations, SoftMax, GELU, SiLU by what they compute");
    return Collections.unmodifiableMap(passes);
  }

  /**
   * Folds constants and fuses operators.
   *
   * @param inputs shapes of the inputs, with values for those that are fixed
   * @param disabled names of {@link #PASSES} to leave out
   * @return an equivalent graph; inputs that were fixed are still listed
   */
  public static Graph fuse(
      Graph graph, int opset, Map<String, NdTensor> inputs, Set<String> disabled) {
    Graph current = new Evaluator(graph, opset).folded(inputs);
    for (String pass : PASSES.keySet()) {
      if (!disabled.contains(pass)) {
        Fusion fusion = new Fusion(current, opset, shapes(current, opset, inputs));
        current =
            switch (pass) {
              case PAIRS -> fusion.quantisedPairs();
              case LINEAR -> fusion.linear();
              case BIAS -> fusion.biases();
              default -> fusion.functions();
            };
      }
    }
    return new Fusion(current, opset, Map.of()).divisions();
  }

  private static Map<String, NdTensor> shapes(
      Graph graph, int opset, Map<String, NdTensor> inputs) {
    Map<String, NdTensor> unknown = new HashMap<>();
    inputs.forEach((name, value) -> unknown.put(name, value.withoutData()));
    return new Evaluator(graph, opset).all(unknown);
  }

  private Graph result() {
    List<Node> nodes = new ArrayList<>(added);
    for (Node node : graph.nodes()) {
      nodes.add(rewritten.getOrDefault(node.output(), node));
    }
    return graph.with(nodes, constants);
  }

  private NdTensor shape(String value) {
    NdTensor shape = values.get(value);
    if (shape == null) {
      throw new IllegalStateException("value " + value + " has no shape");
    }
    return shape;
  }

  private String constant(String name, NdTensor value) {
    constants.put(name, value);
    return name;
  }

  // The machine rounds to codes where products need them; of a pair in a file the range is used.
  private Graph quantisedPairs() {
    for (Node node : graph.nodes()) {
      Node codes = node.op().equals("DequantizeLinear") ? graph.producer(node.input(0)) : null;
      if (codes == null
          || !codes.op().equals("QuantizeLinear")
          || !codes.input(1).equals(node.input(1)) && !isSame(codes.input(1), node.input(1))
          || !codes.input(2).equals(node.input(2)) && !isSame(codes.input(2), node.input(2))) {
        continue;
      }
      NdTensor scale = graph.constant(node.input(1));
      NdTensor zero = graph.constant(node.input(2));
      if (scale == null || scale.size() != 1 || (zero == null && !node.input(2).isEmpty())) {
        continue;
      }
      long type = codes.integer(Operators.ELEMENT_TYPE, UINT8);
      double middle = zero == null ? 0 : zero.at(0);
      float low = (float) ((OnnxTypes.low(type) - middle) * scale.at(0));
      float high = (float) ((OnnxTypes.high(type) - middle) * scale.at(0));
      String least = constant(node.output() + "/least", NdTensor.of(new float[] {low}));
      String most = constant(node.output() + "/most", NdTensor.of(new float[] {high}));
      replace(node, "Clip", List.of(codes.input(0), least, most), Map.of());
    }
    return result();
  }

  private boolean isSame(String a, String b) {
    NdTensor first = graph.constant(a);
    NdTensor second = graph.constant(b);
    return first != null
        && second != null
        && first.size() == 1
        && second.size() == 1
        && first.at(0) == second.at(0);
  }

  private Graph linear() {
    for (Node node : graph.nodes()) {
      switch (node.op()) {
        case "MatMul" -> matmul(node);
        case "Gemm" -> gemm(node);
        case "Conv" -> conv(node);
        default -> {}
      }
    }
    return result();
  }

  private void matmul(Node node) {
    NdTensor weights = graph.constant(node.input(1));
    if (weights != null
        && weights.rank() == 2
        && weights.type() == ElementType.FLOAT
        && graph.constant(node.input(0)) == null) {
      replace(node, "Linear", node.inputs(), Map.of());
    }
  }

  private void gemm(Node node) {
    NdTensor weights = graph.constant(node.input(1));
    String bias = node.input(2);
    if (weights == null
        || node.integer("transA", 0) != 0
        || graph.constant(node.input(0)) != null
        || (!bias.isEmpty() && graph.constant(bias) == null)) {
      return;
    }
    float alpha = node.number("alpha", 1);
    boolean transposed = node.integer("transB", 0) != 0;
    int in = weights.dim(transposed ? 1 : 0);
    int out = weights.dim(transposed ? 0 : 1);
    float[] source = weights.floats();
    float[] target = new float[source.length];
    for (int i = 0; i < in; i++) {
      for (int j = 0; j < out; j++) {
        target[i * out + j] = alpha * source[transposed ? j * in + i : i * out + j];
      }
    }
    List<String> inputs = new ArrayList<>();
    inputs.add(node.input(0));
    inputs.add(constant(node.output() + "/weights", NdTensor.of(target, in, out)));
    if (!bias.isEmpty()) {
      float[] row = featureVector(bias, out);
      if (row == null) {
        return;
      }
      float beta = node.number("beta", 1);
      float[] scaled = new float[out];
      for (int j = 0; j < out; j++) {
        scaled[j] = beta * row[j];
      }
      inputs.add(constant(node.output() + "/bias", NdTensor.of(scaled, out)));
    }
    replace(node, "Linear", inputs, Map.of());
  }

  private void conv(Node node) {
    NdTensor weights = graph.constant(node.input(1));
    String bias = node.input(2);
    if (weights == null
        || weights.rank() < 3
        || weights.type() != ElementType.FLOAT
        || (!bias.isEmpty() && graph.constant(bias) == null)) {
      return;
    }
    int groups = (int) node.integer("group", 1);
    int out = weights.dim(0);
    int each = weights.size() / out;
    if (groups > 1 && groups * weights.dim(1) > MAX_GROUPED_CHANNELS) {
      return;
    }
    int depth = groups * each;
    float[] target = diagonal(weights.floats(), groups, each, out);
    String name = node.output();
    Map<String, Object> attributes = new HashMap<>(node.attributes());
    int[] kernel = Arrays.copyOfRange(weights.shape(), 2, weights.rank());
    attributes.put("kernel", Arrays.stream(kernel).asLongStream().toArray());
    added.add(
        new Node(
            node.name() + "/patches",
            "Patches",
            List.of(node.input(0)),
            List.of(name + "/patches"),
            attributes));
    List<String> inputs = new ArrayList<>();
    inputs.add(name + "/patches");
    inputs.add(constant(name + "/weights", NdTensor.of(target, depth, out)));
    if (!bias.isEmpty()) {
      inputs.add(bias);
    }
    added.add(new Node(node.name(), "Linear", inputs, List.of(name + "/rows"), Map.of()));
    added.add(
        new Node(
            node.name() + "/channels",
            "Transpose",
            List.of(name + "/rows"),
            List.of(name + "/channels"),
            Map.of("perm", new long[] {0, 2, 1})));
    int[] shape = shape(name).shape();
    long[] dims = Arrays.stream(shape).asLongStream().toArray();
    String target4 = constant(name + "/shape", NdTensor.of(dims, dims.length));
    replace(node, "Reshape", List.of(name + "/channels", target4), Map.of());
  }

  // Weights [out][each] as [groups * each][out]: groups are blocks on the diagonal.
  private static float[] diagonal(float[] source, int groups, int each, int out) {
    float[] target = new float[groups * each * out];
    for (int o = 0; o < out; o++) {
      int from = o / (out / groups) * each;
      for (int i = 0; i < each; i++) {
        target[(from + i) * out + o] = source[o * each + i];
      }
    }
    return target;
  }

  private void replace(Node node, String op, List<String> inputs, Map<String, Object> attributes) {
    rewritten.put(
        node.output(), new Node(node.name(), op, inputs, List.of(node.output()), attributes));
  }

  /** A constant as one value per feature, or null if it is something else. */
  private float @Nullable [] featureVector(String value, int features) {
    NdTensor tensor = graph.constant(value);
    if (tensor == null || tensor.type() != ElementType.FLOAT) {
      return null;
    }
    if (tensor.size() == 1) {
      float[] all = new float[features];
      Arrays.fill(all, tensor.floats()[0]);
      return all;
    }
    boolean isRow = tensor.size() == features && tensor.dim(-1) == features;
    return isRow ? tensor.floats() : null;
  }

  // Linear without bias followed by the sum with a row.
  private Graph biases() {
    for (Node node : graph.nodes()) {
      if (!node.op().equals("Add")) {
        continue;
      }
      for (int side = 0; side < 2; side++) {
        Node product = graph.producer(node.input(side));
        if (product == null
            || !product.op().equals("Linear")
            || !product.input(2).isEmpty()
            || !graph.isPrivate(product.output())) {
          continue;
        }
        int features = shape(product.output()).dim(-1);
        float[] bias = featureVector(node.input(1 - side), features);
        NdTensor other = shape(node.input(1 - side));
        if (bias == null || other.rank() > shape(product.output()).rank()) {
          continue;
        }
        String name = constant(node.output() + "/bias", NdTensor.of(bias, features));
        replace(node, "Linear", List.of(product.input(0), product.input(1), name), Map.of());
        break;
      }
    }
    return result();
  }

  // From the end, so that the largest match is found first.
  private Graph functions() {
    Recognition recognition = new Recognition(graph, opset, values);
    for (int i = graph.nodes().size() - 1; i >= 0; i--) {
      Node node = graph.nodes().get(i);
      Recognition.Match match = recognition.match(node);
      if (match != null) {
        List<String> inputs = new ArrayList<>();
        inputs.add(match.source());
        match.parameters().forEach((name, value) -> inputs.add(constant(name, value)));
        replace(node, match.op(), inputs, match.attributes());
      }
    }
    return result();
  }

  // Division by a computed value is a product with its reciprocal, as the machine has it.
  private Graph divisions() {
    for (Node node : graph.nodes()) {
      if (node.op().equals("Div") && graph.constant(node.input(1)) == null) {
        String inverse = node.output() + "/reciprocal";
        added.add(
            new Node(inverse, "Reciprocal", List.of(node.input(1)), List.of(inverse), Map.of()));
        replace(node, "Mul", List.of(node.input(0), inverse), Map.of());
      }
    }
    return result();
  }
}
