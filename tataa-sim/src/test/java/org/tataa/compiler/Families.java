package org.tataa.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tataa.onnx.OnnxBuilder;

/** Small models of the architecture families of workloads.md, with random weights. */
final class Families {
  private Families() {}

  /** GELU spelled out with erf. */
  static String gelu(OnnxBuilder b, String x) {
    String erf = b.op("Erf", b.op("Div", x, b.number(Math.sqrt(2))));
    return b.op("Mul", b.op("Mul", x, b.op("Add", erf, b.number(1))), b.number(0.5));
  }

  /** GELU spelled out with tanh. */
  static String geluTanh(OnnxBuilder b, String x) {
    String cube = b.op("Pow", x, b.number(3));
    String inner = b.op("Add", x, b.op("Mul", cube, b.number(0.044715)));
    String tanh = b.op("Tanh", b.op("Mul", inner, b.number(Math.sqrt(2 / Math.PI))));
    return b.op("Mul", b.op("Mul", x, b.op("Add", tanh, b.number(1))), b.number(0.5));
  }

  private static String heads(OnnxBuilder b, String x, int tokens, int heads, int width) {
    return b.transpose(b.reshape(x, 1, tokens, heads, width), 0, 2, 1, 3);
  }

  private static String merged(OnnxBuilder b, String x, int tokens, int features) {
    return b.reshape(b.transpose(x, 0, 2, 1, 3), 1, tokens, features);
  }

  /** Post-norm encoder with a padding mask and mean pooling. */
  static byte[] encoder(int tokens, long seed) {
    OnnxBuilder b = new OnnxBuilder(14, seed);
    int d = 64;
    String ids = b.tokens("input_ids", 1, tokens);
    String mask = b.tokens("attention_mask", 1, tokens);
    String open = b.op("Cast", Map.of("to", 1L), b.op("Unsqueeze", mask, b.longs(1, 2)));
    String addend = b.op("Mul", b.op("Sub", b.number(1), open), b.number(-3.4028235e38));
    String x = b.op("Add", b.op("Gather", b.weight(0, 1, 50, d), ids), b.weight(0, 1, tokens, d));
    x = primitiveNorm(b, x, d);
    for (int layer = 0; layer < 2; layer++) {
      String q = heads(b, b.linear(x, d, d), tokens, 2, 32);
      String k = b.transpose(b.reshape(b.linear(x, d, d), 1, tokens, 2, 32), 0, 2, 3, 1);
      String v = heads(b, b.linear(x, d, d), tokens, 2, 32);
      String scores = b.op("Div", b.op("MatMul", q, k), b.number(Math.sqrt(32)));
      String p = b.op("Softmax", Map.of("axis", -1L), b.op("Add", scores, addend));
      String context = merged(b, b.op("MatMul", p, v), tokens, d);
      x = primitiveNorm(b, b.op("Add", x, b.linear(context, d, d)), d);
      String inner = gelu(b, b.linear(x, d, 128));
      x = primitiveNorm(b, b.op("Add", x, b.linear(inner, 128, d)), d);
    }
    String weights = b.op("Cast", Map.of("to", 1L), b.op("Unsqueeze", mask, b.longs(2)));
    String sum = b.op("ReduceSum", Map.of("keepdims", 0L), b.op("Mul", x, weights), b.longs(1));
    String pooled =
        b.op("Div", sum, b.op("ReduceSum", Map.of("keepdims", 0L), weights, b.longs(1)));
    return b.build(x, pooled);
  }

  /** LayerNorm spelled out. */
  private static String primitiveNorm(OnnxBuilder b, String x, int features) {
    Map<String, Object> last = Map.of("axes", new long[] {-1}, "keepdims", 1L);
    String rest = b.op("Sub", x, b.op("ReduceMean", last, x));
    String variance = b.op("ReduceMean", last, b.op("Pow", rest, b.number(2)));
    String normal = b.op("Div", rest, b.op("Sqrt", b.op("Add", variance, b.number(1e-6))));
    return b.op("Add", b.op("Mul", normal, b.weight(1, 0.2, features)), b.weight(0, 0.2, features));
  }

  /** Pre-norm causal decoder with one matrix for queries, keys and values. */
  static byte[] decoder(int tokens, long seed) {
    OnnxBuilder b = new OnnxBuilder(17, seed);
    int d = 96;
    String x =
        b.op(
            "Add",
            b.op("Gather", b.weight(0, 1, 40, d), b.tokens("ids", 1, tokens)),
            b.weight(0, 1, tokens, d));
    boolean[] keep = new boolean[tokens * tokens];
    for (int i = 0; i < keep.length; i++) {
      keep[i] = i % tokens <= i / tokens;
    }
    String causal = b.booleans(keep, 1, 1, tokens, tokens);
    for (int layer = 0; layer < 2; layer++) {
      String all = b.linear(b.layerNorm(x, d), d, 3 * d);
      List<String> parts = b.ops("Split", 3, Map.of("axis", 2L), all, b.longs(d, d, d));
      String q = heads(b, parts.get(0), tokens, 3, 32);
      String k = heads(b, parts.get(1), tokens, 3, 32);
      String v = heads(b, parts.get(2), tokens, 3, 32);
      String scores =
          b.op("Mul", b.op("MatMul", q, b.transpose(k, 0, 1, 3, 2)), b.number(1 / Math.sqrt(32)));
      String hidden = b.op("Where", causal, scores, b.number(-1e9));
      String p = b.op("Softmax", Map.of("axis", -1L), hidden);
      String context = merged(b, b.op("MatMul", p, v), tokens, d);
      x = b.op("Add", x, b.linear(context, d, d));
      String inner = geluTanh(b, b.linear(b.layerNorm(x, d), d, 2 * d));
      x = b.op("Add", x, b.linear(inner, 2 * d, d));
    }
    return b.build(b.product(b.layerNorm(x, d), d, 40));
  }

  /** RMSNorm, rotary embedding, grouped-query attention and SwiGLU. */
  static byte[] llama(int tokens, int groups, boolean isRotated, long seed) {
    OnnxBuilder b = new OnnxBuilder(17, seed);
    int d = 128;
    int heads = 4;
    String x = b.op("Gather", b.weight(0, 1, 40, d), b.tokens("ids", 1, tokens));
    float[] mask = new float[tokens * tokens];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % tokens <= i / tokens ? 0 : -1e9f;
    }
    String causal = b.floats(mask, 1, 1, tokens, tokens);
    float[] cos = new float[tokens * 32];
    float[] sin = new float[tokens * 32];
    for (int t = 0; t < tokens; t++) {
      for (int i = 0; i < 32; i++) {
        double angle = t * Math.pow(10000, -(i % 16) / 16.0);
        cos[t * 32 + i] = (float) Math.cos(angle);
        sin[t * 32 + i] = (float) Math.sin(angle);
      }
    }
    for (int layer = 0; layer < 2; layer++) {
      String normal = b.rmsNorm(x, d);
      String q = heads(b, b.product(normal, d, d), tokens, heads, 32);
      String k = heads(b, b.product(normal, d, 32 * groups), tokens, groups, 32);
      if (isRotated) {
        q = rotary(b, q, cos, sin, tokens);
        k = rotary(b, k, cos, sin, tokens);
      }
      String v = heads(b, b.product(normal, d, 32 * groups), tokens, groups, 32);
      String scores =
          b.op(
              "Mul",
              b.op("MatMul", q, b.transpose(repeated(b, k, tokens, groups, heads), 0, 1, 3, 2)),
              b.number(1 / Math.sqrt(32)));
      String p = b.op("Softmax", Map.of("axis", -1L), b.op("Add", scores, causal));
      String context =
          merged(b, b.op("MatMul", p, repeated(b, v, tokens, groups, heads)), tokens, d);
      x = b.op("Add", x, b.product(context, d, d));
      normal = b.rmsNorm(x, d);
      String gate = b.product(normal, d, 160);
      String silu = b.op("Mul", gate, b.op("Sigmoid", gate));
      x = b.op("Add", x, b.product(b.op("Mul", silu, b.product(normal, d, 160)), 160, d));
    }
    return b.build(b.rmsNorm(x, d));
  }

  private static String rotary(OnnxBuilder b, String x, float[] cos, float[] sin, int tokens) {
    String half =
        b.op(
            "Concat",
            Map.of("axis", -1L),
            b.op("Neg", b.slice(x, 3, 16, 32)),
            b.slice(x, 3, 0, 16));
    return b.op(
        "Add",
        b.op("Mul", x, b.floats(cos, 1, 1, tokens, 32)),
        b.op("Mul", half, b.floats(sin, 1, 1, tokens, 32)));
  }

  private static String repeated(OnnxBuilder b, String x, int tokens, int groups, int heads) {
    String wide =
        b.op(
            "Expand",
            b.op("Unsqueeze", x, b.longs(2)),
            b.longs(1, groups, heads / groups, tokens, 32));
    return b.reshape(wide, 1, heads, tokens, 32);
  }

  /** Patch embedding by a convolution, a class token, attention and a head on the class token. */
  static byte[] vision(long seed) {
    OnnxBuilder b = new OnnxBuilder(17, seed);
    int d = 64;
    int tokens = 17;
    String image = b.input("image", 1, 3, 16, 16);
    String patches =
        b.op(
            "Conv",
            Map.of("kernel_shape", new long[] {4, 4}, "strides", new long[] {4, 4}),
            image,
            b.weight(0, 0.15, d, 3, 4, 4),
            b.weight(0, 0.2, d));
    String x = b.transpose(b.reshape(patches, 1, d, 16), 0, 2, 1);
    x = b.op("Concat", Map.of("axis", 1L), b.weight(0, 1, 1, 1, d), x);
    x = b.op("Add", x, b.weight(0, 0.3, 1, tokens, d));
    for (int layer = 0; layer < 2; layer++) {
      String all = b.linear(b.layerNorm(x, d), d, 3 * d);
      String turned = b.transpose(b.reshape(all, 1, tokens, 3, 2, 32), 2, 0, 3, 1, 4);
      List<String> parts = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        parts.add(b.op("Gather", Map.of("axis", 0L), turned, scalar(b, i)));
      }
      String scores =
          b.op(
              "Mul",
              b.op("MatMul", parts.get(0), b.transpose(parts.get(1), 0, 1, 3, 2)),
              b.number(1 / Math.sqrt(32)));
      String p = b.op("Softmax", Map.of("axis", -1L), scores);
      String context = merged(b, b.op("MatMul", p, parts.get(2)), tokens, d);
      x = b.op("Add", x, b.linear(context, d, d));
      x = b.op("Add", x, b.linear(gelu(b, b.linear(b.layerNorm(x, d), d, 128)), 128, d));
    }
    String first = b.reshape(b.slice(b.layerNorm(x, d), 1, 0, 1), 1, d);
    return b.build(b.linear(first, d, 10));
  }

  private static String scalar(OnnxBuilder b, long value) {
    return b.op("Squeeze", b.longs(value), b.longs(0));
  }

  /** Two blocks of windows, the second one shifted, and a patch merge. */
  static byte[] windowed(long seed) {
    OnnxBuilder b = new OnnxBuilder(17, seed);
    int d = 32;
    int side = 8;
    int window = 4;
    String image = b.input("image", 1, 3, 16, 16);
    String patches =
        b.op(
            "Conv",
            Map.of("kernel_shape", new long[] {2, 2}, "strides", new long[] {2, 2}),
            image,
            b.weight(0, 0.3, d, 3, 2, 2),
            b.weight(0, 0.2, d));
    String x = b.transpose(b.reshape(patches, 1, d, side * side), 0, 2, 1);
    x = b.layerNorm(x, d);
    for (int block = 0; block < 2; block++) {
      int shift = block * window / 2;
      String grid = b.reshape(b.layerNorm(x, d), 1, side, side, d);
      if (shift > 0) {
        grid = roll(b, roll(b, grid, 1, shift, side), 2, shift, side);
      }
      String windows =
          b.reshape(
              b.transpose(
                  b.reshape(grid, 1, side / window, window, side / window, window, d),
                  0,
                  1,
                  3,
                  2,
                  4,
                  5),
              4,
              window * window,
              d);
      String attended = windowAttention(b, windows, d, shift > 0);
      String back =
          b.reshape(
              b.transpose(
                  b.reshape(attended, 1, side / window, side / window, window, window, d),
                  0,
                  1,
                  3,
                  2,
                  4,
                  5),
              1,
              side,
              side,
              d);
      if (shift > 0) {
        back = roll(b, roll(b, back, 1, side - shift, side), 2, side - shift, side);
      }
      x = b.op("Add", x, b.reshape(back, 1, side * side, d));
      x = b.op("Add", x, b.linear(gelu(b, b.linear(b.layerNorm(x, d), d, 64)), 64, d));
    }
    String grid = b.reshape(x, 1, side, side, d);
    List<String> quarters = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      quarters.add(
          b.op(
              "Slice",
              grid,
              b.longs(i % 2, i / 2),
              b.longs(side, side),
              b.longs(1, 2),
              b.longs(2, 2)));
    }
    String wide = b.op("Concat", Map.of("axis", -1L), quarters.toArray(String[]::new));
    String merged = b.layerNorm(b.reshape(wide, 1, side * side / 4, 4 * d), 4 * d);
    return b.build(b.product(merged, 4 * d, 2 * d));
  }

  private static String roll(OnnxBuilder b, String x, int axis, int by, int size) {
    return b.op(
        "Concat", Map.of("axis", (long) axis), b.slice(x, axis, by, size), b.slice(x, axis, 0, by));
  }

  private static String windowAttention(OnnxBuilder b, String x, int d, boolean masked) {
    int tokens = 16;
    String all = b.reshape(b.linear(x, d, 3 * d), 4, tokens, 3, 2, d / 2);
    String turned = b.transpose(all, 2, 0, 3, 1, 4);
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      parts.add(b.op("Gather", Map.of("axis", 0L), turned, scalar(b, i)));
    }
    String q = b.op("Mul", parts.get(0), b.number(1 / Math.sqrt(d / 2.0)));
    String scores = b.op("MatMul", q, b.transpose(parts.get(1), 0, 1, 3, 2));
    scores = b.op("Add", scores, b.weight(0, 0.5, 1, 2, tokens, tokens));
    if (masked) {
      float[] mask = new float[4 * tokens * tokens];
      for (int i = 0; i < mask.length; i++) {
        int w = i / (tokens * tokens);
        boolean same = w == 0 || i / tokens % tokens / 8 == i % tokens / 8;
        mask[i] = same ? 0 : -100;
      }
      scores = b.op("Add", scores, b.floats(mask, 4, 1, tokens, tokens));
    }
    String p = b.op("Softmax", Map.of("axis", -1L), scores);
    String context =
        b.reshape(b.transpose(b.op("MatMul", p, parts.get(2)), 0, 2, 1, 3), 4, tokens, d);
    return b.linear(context, d, d);
  }
}
