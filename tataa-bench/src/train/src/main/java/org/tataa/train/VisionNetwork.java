package org.tataa.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.norm.LayerNorm;
import ai.onnx.proto.OnnxMl.ModelProto;
import java.util.Map;

/**
 * A vision transformer on greyscale images, normalised before each sublayer. Its patches come from
 * two convolutions, with which small ones learn sooner (Xiao et al., Early Convolutions Help
 * Transformers See Better, 2021); its class comes from the mean over them.
 */
final class VisionNetwork implements Network {
  private static final String NAME = "vit-fashion";
  private static final int SIDE = 28;
  private static final int PATCHES = 49;
  private static final int STEM = 32;
  private static final int KERNEL = 3;
  private static final int FEATURES = 64;
  private static final int HEADS = 2;
  private static final int LAYERS = 2;
  private static final int INNER = 128;
  private static final int CLASSES = 10;
  private static final float EPSILON = 1e-6f;

  /** What a sublayer adds at first, so that learning begins with the convolutions. */
  private static final double FIRST_SHARE = 0.1;

  private final Parameters p;

  VisionNetwork(NDManager manager, long seed) {
    p = new Parameters(manager, seed);
    p.drawn("stem1.weight", Math.sqrt(2.0 / (KERNEL * KERNEL)), STEM, 1, KERNEL, KERNEL);
    p.constant("stem1.bias", 0, STEM);
    double deviation = Math.sqrt(1.0 / (STEM * KERNEL * KERNEL));
    p.drawn("stem2.weight", deviation, FEATURES, STEM, KERNEL, KERNEL);
    p.constant("stem2.bias", 0, FEATURES);
    p.drawn("positions", 0.02, 1, PATCHES, FEATURES);
    for (int layer = 0; layer < LAYERS; layer++) {
      String block = "blocks." + layer + "/";
      norm(block + "norm1");
      linear(block + "query", FEATURES, FEATURES);
      linear(block + "key", FEATURES, FEATURES);
      linear(block + "value", FEATURES, FEATURES);
      linear(block + "out", FEATURES, FEATURES, FIRST_SHARE);
      norm(block + "norm2");
      linear(block + "wide", FEATURES, INNER);
      linear(block + "narrow", INNER, FEATURES, FIRST_SHARE);
    }
    norm("norm");
    linear("head", FEATURES, CLASSES);
  }

  private void linear(String name, int in, int out) {
    linear(name, in, out, 1);
  }

  private void linear(String name, int in, int out, double factor) {
    p.drawn(name + ".weight", factor / Math.sqrt(in), in, out);
    p.constant(name + ".bias", 0, out);
  }

  private void norm(String name) {
    p.constant(name + ".gamma", 1, FEATURES);
    p.constant(name + ".beta", 0, FEATURES);
  }

  @Override
  public Parameters parameters() {
    return p;
  }

  /** Logits {@code [batch][10]} of images {@code [batch][1][28][28]}. */
  @Override
  public NDArray logits(NDArray images) {
    NDArray maps = conv("stem2", conv("stem1", images).getNDArrayInternal().gelu());
    NDArray x = maps.reshape(-1, FEATURES, PATCHES).transpose(0, 2, 1).add(p.get("positions"));
    for (int layer = 0; layer < LAYERS; layer++) {
      String block = "blocks." + layer + "/";
      x = x.add(attention(block, norm(block + "norm1", x)));
      NDArray wide = linear(block + "wide", norm(block + "norm2", x));
      x = x.add(linear(block + "narrow", wide.getNDArrayInternal().gelu()));
    }
    return linear("head", norm("norm", x.mean(new int[] {1})));
  }

  private NDArray conv(String name, NDArray x) {
    Shape two = new Shape(2, 2);
    Shape one = new Shape(1, 1);
    return Conv2d.conv2d(x, p.get(name + ".weight"), p.get(name + ".bias"), two, one, one, 1)
        .singletonOrThrow();
  }

  private NDArray linear(String name, NDArray x) {
    return x.matMul(p.get(name + ".weight")).add(p.get(name + ".bias"));
  }

  private NDArray norm(String name, NDArray x) {
    NDArray gamma = p.get(name + ".gamma");
    return LayerNorm.layerNorm(x, new Shape(FEATURES), gamma, p.get(name + ".beta"), EPSILON)
        .singletonOrThrow();
  }

  private NDArray attention(String block, NDArray x) {
    NDArray q = heads(linear(block + "query", x)).mul(1 / Math.sqrt(FEATURES / HEADS));
    NDArray k = heads(linear(block + "key", x)).transpose(0, 1, 3, 2);
    NDArray v = heads(linear(block + "value", x));
    NDArray context = q.matMul(k).softmax(-1).matMul(v).transpose(0, 2, 1, 3);
    return linear(block + "out", context.reshape(-1, PATCHES, FEATURES));
  }

  private static NDArray heads(NDArray x) {
    return x.reshape(-1, PATCHES, HEADS, FEATURES / HEADS).transpose(0, 2, 1, 3);
  }

  @Override
  public ModelProto onnx() {
    OnnxFile file = new OnnxFile(NAME);
    file.input("image", "1", "1", "" + SIDE, "" + SIDE);
    String x = conv(file, "stem2", file.op("Gelu", conv(file, "stem1", "image")));
    x = file.op("Reshape", x, file.longs(1, FEATURES, PATCHES));
    x = file.op("Transpose", Map.of("perm", new long[] {0, 2, 1}), x);
    x = file.op("Add", x, weights(file, "positions"));
    for (int layer = 0; layer < LAYERS; layer++) {
      String block = "blocks." + layer + "/";
      file.scope(block);
      x = file.op("Add", x, attention(file, block, norm(file, block + "norm1", x)));
      String wide = linear(file, block + "wide", norm(file, block + "norm2", x));
      x = file.op("Add", x, linear(file, block + "narrow", file.op("Gelu", wide)));
    }
    file.scope("");
    x = file.op("ReduceMean", Map.of("keepdims", 0L), x, file.longs(1));
    file.output(linear(file, "head", norm(file, "norm", x)), "logits", "1", "" + CLASSES);
    return file.built(
        Map.of(
            "license",
            "Apache-2.0",
            "data",
            "fashion-mnist, Copyright 2017 Zalando SE, MIT",
            "mean",
            String.valueOf(FashionImages.MEAN),
            "deviation",
            String.valueOf(FashionImages.DEVIATION)));
  }

  private String conv(OnnxFile file, String name, String x) {
    return file.op(
        "Conv",
        Map.of(
            "kernel_shape", new long[] {KERNEL, KERNEL},
            "strides", new long[] {2, 2},
            "pads", new long[] {1, 1, 1, 1}),
        x,
        weights(file, name + ".weight"),
        weights(file, name + ".bias"));
  }

  private String weights(OnnxFile file, String name) {
    return file.weights(name, p.get(name));
  }

  private String linear(OnnxFile file, String name, String x) {
    String product = file.op("MatMul", x, weights(file, name + ".weight"));
    return file.op("Add", product, weights(file, name + ".bias"));
  }

  private String norm(OnnxFile file, String name, String x) {
    return file.op(
        "LayerNormalization",
        Map.of("axis", -1L, "epsilon", EPSILON),
        x,
        weights(file, name + ".gamma"),
        weights(file, name + ".beta"));
  }

  private String attention(OnnxFile file, String block, String x) {
    String q = heads(file, linear(file, block + "query", x), 0, 2, 1, 3);
    String k = heads(file, linear(file, block + "key", x), 0, 2, 3, 1);
    String v = heads(file, linear(file, block + "value", x), 0, 2, 1, 3);
    String scale = file.number((float) (1 / Math.sqrt(FEATURES / HEADS)));
    String scores = file.op("Mul", file.op("MatMul", q, k), scale);
    String shares = file.op("Softmax", Map.of("axis", -1L), scores);
    String context = file.op("MatMul", shares, v);
    context = file.op("Transpose", Map.of("perm", new long[] {0, 2, 1, 3}), context);
    context = file.op("Reshape", context, file.longs(1, PATCHES, FEATURES));
    return linear(file, block + "out", context);
  }

  private static String heads(OnnxFile file, String x, long... axes) {
    String apart = file.op("Reshape", x, file.longs(1, PATCHES, HEADS, FEATURES / HEADS));
    return file.op("Transpose", Map.of("perm", axes), apart);
  }
}
