package org.tataa.fusion;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.graph.Operators;

/** Rows on which functions are compared, with what the known functions give; each computed once. */
final class SampleRows {
  private static final int ROWS = 6;

  private final int features;
  private final int opset;
  private final float[] rows;
  private final Map<String, float[]> results = new HashMap<>();

  /** Rows of a width. */
  SampleRows(int features, int opset) {
    this.features = features;
    this.opset = opset;
    rows = new float[ROWS * features];
    Random random = new Random(1);
    for (int i = 0; i < rows.length; i++) {
      int row = i / features;
      // Different means, and two rows so small that epsilon matters.
      double scale = row < 4 ? 1 : 3e-3;
      rows[i] = (float) (scale * (random.nextGaussian() + 0.5 * (row % 3)));
    }
  }

  /** The rows, one after the other. Shared, not to be written to. */
  float[] rows() {
    return rows;
  }

  /** SoftMax of each row. Shared, not to be written to. */
  float[] softmax() {
    return results.computeIfAbsent(
        "Softmax",
        op -> single(new Node("candidate", op, List.of("x"), List.of("y"), Map.of()), opset, x()));
  }

  /** Each row normalised by an operator, without gain and bias. Shared, not to be written to. */
  float[] normalised(String op, float epsilon) {
    return results.computeIfAbsent(
        op + epsilon,
        key -> {
          float[] ones = new float[features];
          Arrays.fill(ones, 1);
          List<String> inputs = List.of("x", "one");
          Node node = new Node("candidate", op, inputs, List.of("y"), attributes(epsilon));
          return single(node, opset, x(), NdTensor.of(ones, features));
        });
  }

  /** Attributes of a normalisation of rows. */
  static Map<String, Object> attributes(float epsilon) {
    return Map.of("epsilon", epsilon, "axis", -1L);
  }

  private NdTensor x() {
    return NdTensor.of(rows, ROWS, features);
  }

  /** What an operator gives. */
  static float[] single(Node node, int opset, NdTensor... inputs) {
    @Nullable NdTensor[] in = inputs;
    return new Operators(opset).apply(node, in)[0].floats();
  }
}
