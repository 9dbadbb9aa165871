package org.tataa.pipeline;

import java.util.Map;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;

/**
 * A transformer of windows (Swin): attention within windows of 7 x 7 tokens, that every other block
 * shifts by half a window, and between stages four neighbours merged into one token of twice the
 * features.
 */
final class WindowedEncoder {
  private static final int WINDOW = 7;
  private static final int SHIFT = 3;

  /** Features of a head. */
  private static final int HEAD = 32;

  /** Patches of pixels that become tokens. */
  private static final int PATCH = 4;

  /** What is added to scores of tokens that are no neighbours in the image. */
  private static final float APART = -100;

  private final WorkloadBuilder w;
  private int side;
  private int features;

  private WindowedEncoder(WorkloadBuilder w, int side, int features) {
    this.w = w;
    this.side = side;
    this.features = features;
  }

  /**
   * A workload.
   *
   * @param side tokens in a row and a column of the first stage
   * @param features of a token of the first stage
   * @param depths blocks of each stage, even numbers
   */
  static Workloads.Workload of(String name, int side, int features, int[] depths) {
    WindowedEncoder encoder = new WindowedEncoder(new WorkloadBuilder(name), side, features);
    return encoder.built(depths);
  }

  private Workloads.Workload built(int[] depths) {
    int pixels = PATCH * side;
    w.input("image", ElementType.FLOAT, 1, 3, pixels, pixels);
    long[] size = {PATCH, PATCH};
    String patches =
        w.op(
            "Conv",
            Map.of("kernel_shape", size, "strides", size),
            "image",
            w.weights(1 / Math.sqrt(3.0 * PATCH * PATCH), features, 3, PATCH, PATCH),
            w.weights(WorkloadBuilder.SMALL, features));
    String x = w.transposed(w.reshaped(patches, 1, features, (long) side * side), 0, 2, 1);
    x = w.norm(x, features);
    int block = 0;
    for (int stage = 0; stage < depths.length; stage++) {
      if (stage > 0) {
        x = merged(x);
      }
      for (int i = 0; i < depths[stage]; i++) {
        w.block(block++);
        x =
            w.op(
                "Add", x, attention(w.norm(x, features), i % 2 == 0 || side == WINDOW ? 0 : SHIFT));
        x = w.op("Add", x, w.perceptron(w.norm(x, features), features, 4 * features));
      }
      w.block(-1);
    }
    String mean = w.op("ReduceMean", Map.of("keepdims", 0L), w.norm(x, features), w.longs(1));
    return w.built(w.linear(mean, features, 1000), w.image(pixels));
  }

  // Half as many tokens in a row and in a column.
  private String merged(String x) {
    String image = w.reshaped(x, 1, side, side, features);
    String[] parts = new String[4];
    for (int i = 0; i < 4; i++) {
      parts[i] =
          w.op(
              "Slice",
              image,
              w.longs(i % 2, i / 2),
              w.longs(side, side),
              w.longs(1, 2),
              w.longs(2, 2));
    }
    String all = w.op("Concat", Map.of("axis", -1L), parts);
    side /= 2;
    String tokens = w.norm(w.reshaped(all, 1, (long) side * side, 4L * features), 4 * features);
    features *= 2;
    return w.op("MatMul", tokens, w.weights(1 / Math.sqrt(2.0 * features), 2 * features, features));
  }

  private String attention(String x, int shift) {
    int windows = side / WINDOW;
    int count = windows * windows;
    int tokens = WINDOW * WINDOW;
    String image = rolled(w.reshaped(x, 1, side, side, features), shift);
    String cut = w.reshaped(image, windows, WINDOW, windows, WINDOW, features);
    String in = w.reshaped(w.transposed(cut, 0, 2, 1, 3, 4), count, tokens, features);
    int heads = features / HEAD;
    String q = w.transposed(head(in, count, heads), 0, 2, 1, 3);
    String k = w.transposed(head(in, count, heads), 0, 2, 3, 1);
    String v = w.transposed(head(in, count, heads), 0, 2, 1, 3);
    String scale = w.constant(NdTensor.of(new float[] {(float) (1 / Math.sqrt(HEAD))}));
    String scores = w.op("Mul", w.op("MatMul", q, k), scale);
    scores = w.op("Add", scores, w.weights(WorkloadBuilder.SMALL, 1, heads, tokens, tokens));
    if (shift > 0) {
      scores = w.op("Add", scores, apart(shift));
    }
    String p = w.op("Softmax", Map.of("axis", -1L), scores);
    String context = w.transposed(w.op("MatMul", p, v), 0, 2, 1, 3);
    String out = w.linear(w.reshaped(context, count, tokens, features), features, features);
    String back = w.reshaped(out, windows, windows, WINDOW, WINDOW, features);
    image = w.reshaped(w.transposed(back, 0, 2, 1, 3, 4), 1, side, side, features);
    return w.reshaped(rolled(image, side - shift), 1, (long) side * side, features);
  }

  private String head(String x, int count, int heads) {
    String all = w.linear(x, features, features);
    return w.reshaped(all, count, (long) WINDOW * WINDOW, heads, HEAD);
  }

  // Rows and columns from a shift on, then those before it.
  private String rolled(String image, int shift) {
    String x = image;
    for (int axis = 1; axis <= 2 && shift % side > 0; axis++) {
      String behind = w.op("Slice", x, w.longs(shift), w.longs(side), w.longs(axis));
      String before = w.op("Slice", x, w.longs(0), w.longs(shift), w.longs(axis));
      x = w.op("Concat", Map.of("axis", (long) axis), behind, before);
    }
    return x;
  }

  // Addends for the tokens of each window, of which the shift has brought some from the other end.
  private String apart(int shift) {
    int windows = side / WINDOW;
    int tokens = WINDOW * WINDOW;
    float[] addends = new float[windows * windows * tokens * tokens];
    for (int i = 0; i < addends.length; i++) {
      int window = i / (tokens * tokens);
      int from = region(window, i / tokens % tokens, shift);
      addends[i] = from == region(window, i % tokens, shift) ? 0 : APART;
    }
    return w.constant(NdTensor.of(addends, windows * windows, 1, tokens, tokens));
  }

  private int region(int window, int token, int shift) {
    int windows = side / WINDOW;
    int row = window / windows * WINDOW + token / WINDOW;
    int column = window % windows * WINDOW + token % WINDOW;
    return 3 * part(row, shift) + part(column, shift);
  }

  private int part(int place, int shift) {
    return place < side - WINDOW ? 0 : place < side - shift ? 1 : 2;
  }
}
