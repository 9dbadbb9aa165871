package org.tataa.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Embedding;
import ai.onnx.proto.OnnxMl.ModelProto;
import java.util.List;
import java.util.Map;

/**
 * A causal decoder: root mean square normalisation before each sublayer, rotary positions, gated
 * perceptrons, no biases; the embedding of tokens is the head's matrix too. The ONNX file has past
 * keys and values as inputs.
 */
final class TextNetwork implements Network {
  /** Size of the vocabulary. */
  static final int VOCABULARY = 1024;

  private static final String NAME = "gpt-small";
  private static final int FEATURES = 64;
  private static final int HEADS = 2;
  private static final int WIDTH = FEATURES / HEADS;
  private static final int LAYERS = 3;
  private static final int INNER = 160;
  private static final int POSITIONS = 1024;
  private static final float EPSILON = 1e-5f;

  private final Parameters p;
  private final NDArray cosines;
  private final NDArray sines;
  private final NDArray hidden;
  private final int length;

  /**
   * A network.
   *
   * @param length tokens of the texts it learns from
   */
  TextNetwork(NDManager manager, long seed, int length) {
    this.length = length;
    p = new Parameters(manager, seed);
    p.drawn("embedding", 0.02, VOCABULARY, FEATURES);
    double into = 1 / Math.sqrt(2.0 * LAYERS);
    for (int layer = 0; layer < LAYERS; layer++) {
      String block = "blocks." + layer + "/";
      p.constant(block + "norm1", 1, FEATURES);
      linear(block + "query", FEATURES, FEATURES, 1);
      linear(block + "key", FEATURES, FEATURES, 1);
      linear(block + "value", FEATURES, FEATURES, 1);
      linear(block + "out", FEATURES, FEATURES, into);
      p.constant(block + "norm2", 1, FEATURES);
      linear(block + "gate", FEATURES, INNER, 1);
      linear(block + "wide", FEATURES, INNER, 1);
      linear(block + "narrow", INNER, FEATURES, into);
    }
    p.constant("norm", 1, FEATURES);
    cosines = manager.create(rotations(length, false), new Shape(length, WIDTH));
    sines = manager.create(rotations(length, true), new Shape(length, WIDTH));
    float[] mask = new float[length * length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % length > i / length ? Float.NEGATIVE_INFINITY : 0;
    }
    hidden = manager.create(mask, new Shape(length, length));
  }

  private void linear(String name, int in, int out, double factor) {
    p.drawn(name, factor / Math.sqrt(in), in, out);
  }

  // Angles of a position's pairs; a pair is a feature and the one half a head behind it.
  private static float[] rotations(int positions, boolean isSine) {
    float[] values = new float[positions * WIDTH];
    for (int i = 0; i < values.length; i++) {
      int position = i / WIDTH;
      double angle = position * Math.pow(10000, -2.0 * (i % (WIDTH / 2)) / WIDTH);
      values[i] = (float) (isSine ? Math.sin(angle) : Math.cos(angle));
    }
    return values;
  }

  @Override
  public Parameters parameters() {
    return p;
  }

  /** Logits {@code [batch][length][vocabulary]} of tokens {@code [batch][length]}. */
  @Override
  public NDArray logits(NDArray tokens) {
    NDArray embedding = p.get("embedding");
    NDArray x = Embedding.embedding(tokens, embedding, SparseFormat.DENSE).singletonOrThrow();
    for (int layer = 0; layer < LAYERS; layer++) {
      String block = "blocks." + layer + "/";
      x = x.add(attention(block, norm(block + "norm1", x)));
      NDArray normal = norm(block + "norm2", x);
      NDArray gate = normal.matMul(p.get(block + "gate"));
      NDArray inner = Activation.swish(gate, 1).mul(normal.matMul(p.get(block + "wide")));
      x = x.add(inner.matMul(p.get(block + "narrow")));
    }
    return norm("norm", x).matMul(embedding.transpose());
  }

  private NDArray norm(String name, NDArray x) {
    NDArray root = x.square().mean(new int[] {2}, true).add(EPSILON).sqrt();
    return x.div(root).mul(p.get(name));
  }

  private NDArray attention(String block, NDArray x) {
    NDArray q = rotated(heads(x.matMul(p.get(block + "query")))).mul(1 / Math.sqrt(WIDTH));
    NDArray k = rotated(heads(x.matMul(p.get(block + "key")))).transpose(0, 1, 3, 2);
    NDArray v = heads(x.matMul(p.get(block + "value")));
    NDArray context = q.matMul(k).add(hidden).softmax(-1).matMul(v).transpose(0, 2, 1, 3);
    return context.reshape(-1, length, FEATURES).matMul(p.get(block + "out"));
  }

  private NDArray heads(NDArray x) {
    return x.reshape(-1, length, HEADS, WIDTH).transpose(0, 2, 1, 3);
  }

  private NDArray rotated(NDArray x) {
    NDList halves = x.split(2, 3);
    NDArray turned = halves.get(1).neg().concat(halves.get(0), 3);
    return x.mul(cosines).add(turned.mul(sines));
  }

  @Override
  public ModelProto onnx() {
    return new Export().model();
  }

  /** The graph as exporters write one with past keys and values. */
  private final class Export {
    private final OnnxFile file = new OnnxFile(NAME);
    private String visible = "";
    private String cos = "";
    private String sin = "";

    ModelProto model() {
      file.intInput("input_ids", "1", "tokens");
      file.intInput("attention_mask", "1", "all");
      file.intInput("position_ids", "1", "tokens");
      for (int layer = 0; layer < LAYERS; layer++) {
        for (String part : List.of("key", "value")) {
          String name = "past_key_values." + layer + "." + part;
          file.input(name, "1", "" + HEADS, "past", "" + WIDTH);
        }
      }
      visible = visible();
      cos = rows("cosines", false);
      sin = rows("sines", true);
      String embedding = file.weights("embedding", p.get("embedding"));
      String x = file.op("Gather", embedding, "input_ids");
      for (int layer = 0; layer < LAYERS; layer++) {
        String block = "blocks." + layer + "/";
        file.scope(block);
        x = file.op("Add", x, attention(layer, block, norm(block + "norm1", x)));
        String normal = norm(block + "norm2", x);
        String gate = linear(block + "gate", normal);
        gate = file.op("Mul", gate, file.op("Sigmoid", gate));
        String inner = file.op("Mul", gate, linear(block + "wide", normal));
        x = file.op("Add", x, linear(block + "narrow", inner));
      }
      file.scope("");
      String head = file.op("Transpose", Map.of("perm", new long[] {1, 0}), embedding);
      String logits = file.op("MatMul", norm("norm", x), head);
      file.firstOutput(logits, "logits", "1", "tokens", "" + VOCABULARY);
      return file.built(
          Map.of(
              "license", "Apache-2.0",
              "data", "King James Bible, public domain",
              "context", String.valueOf(length)));
    }

    private String dim(String value, long axis) {
      return file.op("Gather", file.op("Shape", value), file.scalar(axis));
    }

    // Which keys each token sees: itself and those before it.
    private String visible() {
      String before = dim("past_key_values.0.key", 2);
      String all = file.op("Add", before, dim("input_ids", 1));
      String queries = file.op("Range", before, all, file.scalar(1));
      String keys = file.op("Range", file.scalar(0), all, file.scalar(1));
      return file.op("LessOrEqual", keys, file.op("Unsqueeze", queries, file.longs(1)));
    }

    private String rows(String name, boolean isSine) {
      String table = file.table(name, rotations(POSITIONS, isSine), POSITIONS, WIDTH);
      return file.op("Gather", table, "position_ids");
    }

    private String linear(String name, String x) {
      return file.op("MatMul", x, file.weights(name, p.get(name)));
    }

    private String norm(String name, String x) {
      String square = file.op("Pow", x, file.number(2));
      String mean = file.op("ReduceMean", Map.of("keepdims", 1L), square, file.longs(-1));
      String root = file.op("Sqrt", file.op("Add", mean, file.number(EPSILON)));
      return file.op("Mul", file.op("Div", x, root), file.weights(name, p.get(name)));
    }

    private String heads(String x) {
      String apart = file.op("Reshape", x, file.longs(0, 0, HEADS, WIDTH));
      return file.op("Transpose", Map.of("perm", new long[] {0, 2, 1, 3}), apart);
    }

    private String rotated(String x) {
      String first = file.op("Slice", x, file.longs(0), file.longs(WIDTH / 2), file.longs(3));
      String second = file.op("Slice", x, file.longs(WIDTH / 2), file.longs(WIDTH), file.longs(3));
      String turned = file.op("Concat", Map.of("axis", -1L), file.op("Neg", second), first);
      return file.op("Add", file.op("Mul", x, cos), file.op("Mul", turned, sin));
    }

    private String kept(String rows, int layer, String part) {
      String past = "past_key_values." + layer + "." + part;
      String present = file.op("Concat", Map.of("axis", 2L), past, rows);
      file.output(present, "present." + layer + "." + part, "1", "" + HEADS, "all", "" + WIDTH);
      return present;
    }

    private String attention(int layer, String block, String x) {
      String q = rotated(heads(linear(block + "query", x)));
      String k = kept(rotated(heads(linear(block + "key", x))), layer, "key");
      String v = kept(heads(linear(block + "value", x)), layer, "value");
      k = file.op("Transpose", Map.of("perm", new long[] {0, 1, 3, 2}), k);
      String scale = file.number((float) (1 / Math.sqrt(WIDTH)));
      String scores = file.op("Mul", file.op("MatMul", q, k), scale);
      scores = file.op("Where", visible, scores, file.number(Float.NEGATIVE_INFINITY));
      String shares = file.op("Softmax", Map.of("axis", -1L), scores);
      String context = file.op("MatMul", shares, v);
      context = file.op("Transpose", Map.of("perm", new long[] {0, 2, 1, 3}), context);
      context = file.op("Reshape", context, file.longs(0, 0, FEATURES));
      return linear(block + "out", context);
    }
  }
}
