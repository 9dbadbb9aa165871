package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.tataa.graph.ElementType;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.onnx.OnnxImporter;

/**
 * Transformers with the dimensions of known ones and random weights (workloads.md): for timing, and
 * for the error of quantisation as such, not for what they say.
 */
public final class Workloads {
  private static final Map<String, Supplier<Workload>> ALL = new LinkedHashMap<>();

  static {
    ALL.put("deit-s", () -> vision("deit-s", 384, 6, 12));
    ALL.put("deit-b", () -> vision("deit-b", 768, 12, 12));
    ALL.put("bert-base", () -> bert("bert-base", 768, 12, 12, 128));
    ALL.put("deit-tiny-2", () -> vision("deit-tiny-2", 192, 3, 2));
  }

  /**
   * A model with an input.
   *
   * @param model the model
   * @param inputs one item
   */
  public record Workload(OnnxImporter.Model model, Map<String, NdTensor> inputs) {}

  private final String name;
  private final Random random = new Random(1);
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, NdTensor> constants = new LinkedHashMap<>();
  private Graph.Input input = new Graph.Input("", ElementType.FLOAT, List.of(), List.of());

  private Workloads(String name) {
    this.name = name;
  }

  /** Names of the workloads. */
  public static List<String> names() {
    return List.copyOf(ALL.keySet());
  }

  /** Whether there is a workload of this name. */
  public static boolean contains(String name) {
    return ALL.containsKey(name);
  }

  /**
   * Builds a workload.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public static Workload of(String name) {
    Supplier<Workload> workload = ALL.get(name);
    if (workload == null) {
      throw new IllegalArgumentException("no workload " + name + ", expected one of " + names());
    }
    return workload.get();
  }

  /** A SoftMax alone, on seeded scores that bfloat16 represents exactly. */
  public static Workload softmax(int rows, int features) {
    Workloads w = new Workloads("softmax");
    w.input("scores", ElementType.FLOAT, rows, features);
    float[] scores = new float[rows * features];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = w.random.nextInt(200) / 8f - 12;
    }
    String p = w.op("Softmax", Map.of("axis", -1L), "scores");
    return w.built(p, NdTensor.of(scores, rows, features));
  }

  // A vision transformer on 224 x 224 pixels in patches of 16 x 16, with a class token.
  private static Workload vision(String name, int features, int heads, int layers) {
    Workloads w = new Workloads(name);
    int side = 224;
    int patch = 16;
    int patches = side / patch * (side / patch);
    w.input("image", ElementType.FLOAT, 1, 3, side, side);
    long[] size = {patch, patch};
    String x =
        w.op(
            "Conv",
            Map.of("kernel_shape", size, "strides", size),
            "image",
            w.weights(1.0 / Math.sqrt(3.0 * patch * patch), features, 3, patch, patch),
            w.weights(0.02, features));
    x = w.transposed(w.reshaped(x, 1, features, patches), 0, 2, 1);
    x = w.op("Concat", Map.of("axis", 1L), w.weights(1, 1, 1, features), x);
    x = w.op("Add", x, w.weights(0.3, 1, patches + 1, features));
    for (int layer = 0; layer < layers; layer++) {
      String normal = w.norm(x, features);
      x = w.op("Add", x, w.attention(normal, patches + 1, features, heads));
      x = w.op("Add", x, w.perceptron(w.norm(x, features), features, 4 * features));
    }
    String first = w.op("Slice", w.norm(x, features), w.longs(0), w.longs(1), w.longs(1));
    return w.built(w.linear(w.reshaped(first, 1, features), features, 1000), w.image(side));
  }

  // An encoder of embedded tokens, normalised after each residual, with a tanh pooler.
  private static Workload bert(String name, int features, int heads, int layers, int tokens) {
    Workloads w = new Workloads(name);
    int vocabulary = 1000;
    w.input("input_ids", ElementType.INT, 1, tokens);
    String x = w.op("Gather", w.weights(1, vocabulary, features), "input_ids");
    x = w.norm(w.op("Add", x, w.weights(0.3, tokens, features)), features);
    for (int layer = 0; layer < layers; layer++) {
      x = w.norm(w.op("Add", x, w.attention(x, tokens, features, heads)), features);
      x = w.norm(w.op("Add", x, w.perceptron(x, features, 4 * features)), features);
    }
    String first = w.op("Slice", x, w.longs(0), w.longs(1), w.longs(1));
    String pooled = w.op("Tanh", w.linear(w.reshaped(first, 1, features), features, features));
    long[] ids = w.random.longs(tokens, 0, vocabulary).toArray();
    return w.built(pooled, NdTensor.of(ids, 1, tokens));
  }

  private NdTensor image(int side) {
    float[] values = new float[3 * side * side];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return NdTensor.of(values, 1, 3, side, side);
  }

  private void input(String value, ElementType type, Integer... dims) {
    List<String> symbols = new ArrayList<>();
    for (int i = 0; i < dims.length; i++) {
      symbols.add("");
    }
    input = new Graph.Input(value, type, List.of(dims), symbols);
  }

  private Workload built(String output, NdTensor item) {
    Graph graph = new Graph(name, List.of(input), constants, nodes, List.of(output));
    return new Workload(new OnnxImporter.Model(graph, 20), Map.of(input.name(), item));
  }

  private String op(String type, String... inputs) {
    return op(type, Map.of(), inputs);
  }

  private String op(String type, Map<String, Object> attributes, String... inputs) {
    String result = type + "_" + nodes.size();
    nodes.add(new Node(result, type, List.of(inputs), List.of(result), attributes));
    return result;
  }

  private String constant(NdTensor value) {
    String constant = "constant_" + constants.size();
    constants.put(constant, value);
    return constant;
  }

  private String longs(long... values) {
    return constant(NdTensor.of(values, values.length));
  }

  private String weights(double deviation, int... shape) {
    float[] values = new float[NdTensor.elements(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return constant(NdTensor.of(values, shape));
  }

  private String reshaped(String x, long... shape) {
    return op("Reshape", x, longs(shape));
  }

  private String transposed(String x, long... axes) {
    return op("Transpose", Map.of("perm", axes), x);
  }

  private String linear(String x, int in, int out) {
    return op("Add", op("MatMul", x, weights(1 / Math.sqrt(in), in, out)), weights(0.02, out));
  }

  private String norm(String x, int features) {
    float[] ones = new float[features];
    java.util.Arrays.fill(ones, 1);
    return op(
        "LayerNormalization",
        Map.of("axis", -1L, "epsilon", 1e-6f),
        x,
        constant(NdTensor.of(ones, features)),
        weights(0.02, features));
  }

  private String perceptron(String x, int features, int inner) {
    return linear(op("Gelu", linear(x, features, inner)), inner, features);
  }

  private String attention(String x, int tokens, int features, int heads) {
    int width = features / heads;
    String q = transposed(head(x, tokens, features, heads), 0, 2, 1, 3);
    String k = transposed(head(x, tokens, features, heads), 0, 2, 3, 1);
    String v = transposed(head(x, tokens, features, heads), 0, 2, 1, 3);
    String scale = constant(NdTensor.of(new float[] {(float) (1 / Math.sqrt(width))}));
    String p = op("Softmax", Map.of("axis", -1L), op("Mul", op("MatMul", q, k), scale));
    String context = transposed(op("MatMul", p, v), 0, 2, 1, 3);
    return linear(reshaped(context, 1, tokens, features), features, features);
  }

  private String head(String x, int tokens, int features, int heads) {
    return reshaped(linear(x, features, features), 1, tokens, heads, features / heads);
  }
}
