package org.tataa.onnx;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;

/** Scaled dot product attention on heads {@code [b][h][s][d]}, in ordinary operators. */
final class Attending {
  private static final float HIDDEN = Float.NEGATIVE_INFINITY;

  private final Rewrite to;
  private final String query;
  private final String key;

  /** {@code Q K^T} times the scale. */
  private String scores;

  /** Starts with products of queries and keys, which have as many heads. */
  Attending(Rewrite to, String query, String key, @Nullable Float scale) {
    this.to = to;
    this.query = query;
    this.key = key;
    String transposed = to.op("Transpose", Map.of("perm", new long[] {0, 1, 3, 2}), key);
    String factor =
        scale != null
            ? to.number(scale)
            : to.op(
                "Reciprocal", to.op("Sqrt", to.op("Cast", Map.of("to", 1L), to.dims(query, 3, 4))));
    scores = to.op("Mul", to.op("MatMul", query, transposed), factor);
  }

  String scores() {
    return scores;
  }

  /** Limits scores to a range. */
  void cap(float limit) {
    if (limit != 0) {
      String quotient = to.op("Div", scores, to.number(limit));
      scores = to.op("Mul", to.op("Tanh", quotient), to.number(limit));
    }
  }

  /** Adds a bias. */
  void bias(String value) {
    if (!value.isEmpty()) {
      scores = to.op("Add", scores, value);
    }
  }

  /** Hides scores where a condition does not hold. */
  void allow(String condition) {
    String fill = to.value(NdTensor.of(new float[] {HIDDEN}));
    scores = to.op("Where", condition, scores, fill);
  }

  /** Adds a penalty where a number is 0. */
  void penalise(String visible, float penalty) {
    String hidden = to.op("Equal", to.op("Cast", Map.of("to", 7L), visible), to.longs(0));
    String amount = to.op("Cast", Map.of("to", 1L), hidden);
    scores = to.op("Add", scores, to.op("Mul", amount, to.number(penalty)));
  }

  /** Numbers of keys, {@code [1][1][1][keys]}. */
  String keyNumbers() {
    return to.op("Unsqueeze", range(to.dims(key, 2, 3)), to.longs(0, 1, 2));
  }

  /** Numbers of queries, {@code [1][1][queries][1]}. */
  String queryNumbers() {
    return to.op("Unsqueeze", range(to.dims(query, 2, 3)), to.longs(0, 1, 3));
  }

  private String range(String length) {
    String limit = to.op("Squeeze", length, to.longs(0));
    return to.op("Range", to.scalar(0), limit, to.scalar(1));
  }

  /**
   * Hides keys behind a query.
   *
   * @param offset number of the key the first query belongs to, that of the last keys by default
   */
  void causal(@Nullable String offset) {
    String first = offset != null ? offset : to.op("Sub", to.dims(key, 2, 3), to.dims(query, 2, 3));
    allow(to.op("LessOrEqual", keyNumbers(), to.op("Add", queryNumbers(), first)));
  }

  /** Hides keys that are a number of keys or more before a query. */
  void window(long size, String offset) {
    if (size > 0) {
      String last = to.op("Add", queryNumbers(), offset);
      allow(to.op("Greater", keyNumbers(), to.op("Sub", last, to.longs(size))));
    }
  }

  /** SoftMax of the scores; rows in which all keys are hidden give 0. */
  String weights() {
    return to.op("Softmax", Map.of("axis", -1L, "zero_hidden", 1L), scores);
  }

  /** Tokens {@code [b][s][h * d]} as heads. */
  static String heads(Rewrite to, String tokens, long heads) {
    String split = to.op("Reshape", tokens, to.longs(0, 0, heads, -1));
    return to.op("Transpose", Map.of("perm", new long[] {0, 2, 1, 3}), split);
  }

  /** Makes an output of tokens from heads. */
  static void tokens(Rewrite to, int output, String heads) {
    String tokens = to.op("Transpose", Map.of("perm", new long[] {0, 2, 1, 3}), heads);
    to.result(output, "Reshape", tokens, to.longs(0, 0, -1));
  }

  /** Keys or values repeated until there is a head for each of the queries. */
  static String shared(Rewrite to, String heads, String query) {
    if (to.isSameDim(heads, query, 1)) {
      return heads;
    }
    String group = to.op("Div", to.dims(query, 1, 2), to.dims(heads, 1, 2));
    String repeats = to.op("Concat", Map.of("axis", 0L), to.longs(1, 1), group, to.longs(1, 1));
    String repeated = to.op("Expand", to.op("Unsqueeze", heads, to.longs(2)), repeats);
    String shape = to.op("Concat", Map.of("axis", 0L), to.dims(query, 0, 2), to.dims(heads, 2, 4));
    return to.op("Reshape", repeated, shape);
  }
}
