package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.tataa.graph.ElementType;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.onnx.OnnxImporter;

/**
 * Builds the graph of a transformer with seeded weights; values are named by the block they are in.
 */
final class WorkloadBuilder {
  /** Version of the operators. */
  static final int OPSET = 20;

  /** Deviation of biases and other small parameters. */
  static final double SMALL = 0.02;

  private final String name;
  private final Random random = new Random(1);
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, NdTensor> constants = new LinkedHashMap<>();
  private final List<Graph.Input> inputs = new ArrayList<>();
  private String scope = "";

  WorkloadBuilder(String name) {
    this.name = name;
  }

  /** Numbers for inputs and weights. */
  Random random() {
    return random;
  }

  /** What follows belongs to a block of the model; to none if it is negative. */
  void block(int number) {
    scope = number < 0 ? "" : "blocks." + number + "/";
  }

  NdTensor image(int side) {
    float[] values = new float[3 * side * side];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return NdTensor.of(values, 1, 3, side, side);
  }

  void input(String value, ElementType type, Integer... dims) {
    List<String> symbols = new ArrayList<>();
    for (int i = 0; i < dims.length; i++) {
      symbols.add("");
    }
    inputs.add(new Graph.Input(value, type, List.of(dims), symbols));
  }

  /** An input whose dimensions are numbers or names. */
  void addInput(String value, ElementType type, String... dims) {
    List<Integer> sizes = new ArrayList<>();
    List<String> symbols = new ArrayList<>();
    for (String dim : dims) {
      boolean isOpen = !Character.isDigit(dim.charAt(0));
      sizes.add(isOpen ? -1 : Integer.parseInt(dim));
      symbols.add(isOpen ? dim : "");
    }
    inputs.add(new Graph.Input(value, type, sizes, symbols));
  }

  OnnxImporter.Model model(List<String> outputs) {
    return new OnnxImporter.Model(new Graph(name, inputs, constants, nodes, outputs), OPSET);
  }

  Workloads.Workload built(String output, NdTensor item) {
    return new Workloads.Workload(model(List.of(output)), Map.of(inputs.get(0).name(), item));
  }

  String op(String type, String... inputs) {
    return op(type, Map.of(), inputs);
  }

  String op(String type, Map<String, Object> attributes, String... inputs) {
    String result = scope + type + "_" + nodes.size();
    nodes.add(new Node(result, type, List.of(inputs), List.of(result), attributes));
    return result;
  }

  String constant(NdTensor value) {
    String constant = "constant_" + constants.size();
    constants.put(constant, value);
    return constant;
  }

  String longs(long... values) {
    return constant(NdTensor.of(values, values.length));
  }

  String weights(double deviation, int... shape) {
    float[] values = new float[NdTensor.elements(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return constant(NdTensor.of(values, shape));
  }

  /**
   * Weights of about a normal distribution, the sum of four uniform numbers, in a tenth of the
   * time: for models of hundreds of millions. They are not held, but made whenever they are asked
   * for.
   */
  String manyWeights(double deviation, int... shape) {
    long seed = random.nextLong();
    return constant(NdTensor.made(() -> many(seed, deviation, NdTensor.elements(shape)), shape));
  }

  private static float[] many(long seed, double deviation, int count) {
    float[] values = new float[count];
    SplittableRandom fast = new SplittableRandom(seed);
    // Four numbers of 16 bits, each of deviation 2^16 / sqrt(12).
    float factor = (float) (deviation * Math.sqrt(3) / (1 << 16));
    for (int i = 0; i < values.length; i++) {
      long bits = fast.nextLong();
      long sum = (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
      values[i] = factor * (sum - 2 * 0xffff);
    }
    return values;
  }

  String reshaped(String x, long... shape) {
    return op("Reshape", x, longs(shape));
  }

  String transposed(String x, long... axes) {
    return op("Transpose", Map.of("perm", axes), x);
  }

  String linear(String x, int in, int out) {
    return op("Add", op("MatMul", x, weights(1 / Math.sqrt(in), in, out)), weights(0.02, out));
  }

  String norm(String x, int features) {
    float[] ones = new float[features];
    Arrays.fill(ones, 1);
    return op(
        "LayerNormalization",
        Map.of("axis", -1L, "epsilon", 1e-6f),
        x,
        constant(NdTensor.of(ones, features)),
        weights(0.02, features));
  }

  /** RMSNorm, spelled out as exporters do. */
  String rootMeanSquareNorm(String x, int features) {
    float[] scale = new float[features];
    for (int i = 0; i < features; i++) {
      scale[i] = (float) (1 + SMALL * random.nextGaussian());
    }
    String square = op("Pow", x, constant(NdTensor.of(new float[] {2})));
    String mean = op("ReduceMean", Map.of("keepdims", 1L), square, longs(-1));
    String moved = op("Add", mean, constant(NdTensor.of(new float[] {1e-5f})));
    String normal = op("Div", x, op("Sqrt", moved));
    return op("Mul", normal, constant(NdTensor.of(scale, features)));
  }

  /** A layer that normalises before attention and before the perceptron, as those of ViT do. */
  String layer(String x, int number, int tokens, int features, int heads) {
    block(number);
    String attended = op("Add", x, attention(norm(x, features), tokens, features, heads));
    return op("Add", attended, perceptron(norm(attended, features), features, 4 * features));
  }

  String perceptron(String x, int features, int inner) {
    return linear(op("Gelu", linear(x, features, inner)), inner, features);
  }

  String attention(String x, int tokens, int features, int heads) {
    int width = features / heads;
    String q = transposed(head(x, tokens, features, heads), 0, 2, 1, 3);
    String k = transposed(head(x, tokens, features, heads), 0, 2, 3, 1);
    String v = transposed(head(x, tokens, features, heads), 0, 2, 1, 3);
    String scale = constant(NdTensor.of(new float[] {(float) (1 / Math.sqrt(width))}));
    String p = op("Softmax", Map.of("axis", -1L), op("Mul", op("MatMul", q, k), scale));
    String context = transposed(op("MatMul", p, v), 0, 2, 1, 3);
    return linear(reshaped(context, 1, tokens, features), features, features);
  }

  String head(String x, int tokens, int features, int heads) {
    return reshaped(linear(x, features, features), 1, tokens, heads, features / heads);
  }
}
