package org.tataa.pipeline;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.DecoderWorkload.Family;

/**
 * Transformers with the dimensions of known ones and random weights (workloads.md): for timing, and
 * for the error of quantisation as such, not for what they say.
 */
public final class Workloads {
  private static final Map<String, Supplier<Workload>> ALL = new LinkedHashMap<>();
  private static final Map<String, DecoderWorkload> DECODERS = new LinkedHashMap<>();

  /** Tokens of a decoder's item. */
  public static final int DECODER_TOKENS = 128;

  private static final int SMALL_TOKENS = 16;

  /** Bytes of host memory of a weight of a model that is compiled as a whole, about. */
  private static final long WHOLE_BYTES = 12;

  /** Most tokens of a text of the large decoders. */
  private static final int POSITIONS = 2048;

  static {
    ALL.put("deit-s", () -> vision("deit-s", 384, 6, 12));
    ALL.put("deit-b", () -> vision("deit-b", 768, 12, 12));
    ALL.put("bert-base", () -> bert("bert-base", 768, 12, 12, 128));
    ALL.put("swin-t", () -> WindowedEncoder.of("swin-t", 56, 96, new int[] {2, 2, 6, 2}));
    for (DecoderWorkload decoder :
        List.of(
            new DecoderWorkload("gpt2-medium", 1024, 16, 16, 24, 4096, 1000, 1024, false, 0),
            new DecoderWorkload(
                "opt-1.3b", 2048, 32, 32, 24, 8192, 50272, POSITIONS, 0, 0, Family.OPT),
            new DecoderWorkload(
                "llama-7b", 4096, 32, 32, 32, 11008, 32000, POSITIONS, 128, 0, Family.LLAMA),
            new DecoderWorkload(
                "chatglm2-6b", 4096, 32, 2, 28, 13696, 65024, POSITIONS, 64, 0, Family.GLM),
            new DecoderWorkload("decoder-tiny-2", 64, 4, 2, 2, 128, 50, 1024, true, 64))) {
      DECODERS.put(decoder.name(), decoder);
      ALL.put(decoder.name(), () -> text(decoder, DECODER_TOKENS));
    }
    ALL.put("deit-tiny-2", () -> vision("deit-tiny-2", 192, 3, 2));
    ALL.put("deit-s-layer", () -> visionLayer("deit-s-layer", 384, 6, 197));
  }

  /**
   * A model with an input.
   *
   * @param model the model
   * @param inputs one item
   */
  public record Workload(OnnxImporter.Model model, Map<String, NdTensor> inputs) {}

  private Workloads() {}

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

  /**
   * Whether a name is of a decoder that is too large to be compiled as a whole: its layers are run
   * one by one, also if only the first ones are asked for.
   */
  public static boolean isLarge(String name) {
    DecoderWorkload decoder = DECODERS.get(name);
    return decoder != null && decoder.isLarge();
  }

  /** The decoder of a name, or null if the workload is none. */
  public static @Nullable DecoderWorkload decoder(String name) {
    return DECODERS.get(name);
  }

  /**
   * A decoder on a seeded text, compiled as a whole.
   *
   * @throws IllegalArgumentException if it is too large for that
   */
  public static Workload text(DecoderWorkload decoder, int tokens) {
    decoder.requireMemory(WHOLE_BYTES * decoder.weights(), "as a whole");
    OnnxImporter.Model model = decoder.whole();
    return new Workload(model, decoder.item(tokens));
  }

  /**
   * A layer of every family of models that {@link #of} has, by name: narrow, and of short items, so
   * that all of them can be compared in seconds.
   */
  public static Map<String, Supplier<Workload>> small() {
    Map<String, Supplier<Workload>> small = new LinkedHashMap<>();
    small.put("vision-small-1", () -> vision("vision-small-1", 32, 2, 1));
    small.put("bert-small-1", () -> bert("bert-small-1", 64, 2, 1, 16));
    small.put("swin-small-1", () -> WindowedEncoder.of("swin-small-1", 14, 32, new int[] {1, 1}));
    for (DecoderWorkload decoder :
        List.of(
            new DecoderWorkload("gpt-small-1", 64, 4, 4, 1, 128, 50, 64, false, 0),
            new DecoderWorkload("opt-small-1", 64, 4, 4, 1, 128, 50, 64, 0, 0, Family.OPT),
            new DecoderWorkload("llama-small-1", 64, 4, 4, 1, 96, 50, 64, 16, 0, Family.LLAMA),
            new DecoderWorkload("glm-small-1", 64, 4, 2, 1, 96, 50, 64, 8, 0, Family.GLM))) {
      small.put(decoder.name(), () -> text(decoder, SMALL_TOKENS));
    }
    return small;
  }

  /** A SoftMax alone, on seeded scores that bfloat16 represents exactly. */
  public static Workload softmax(int rows, int features) {
    WorkloadBuilder w = new WorkloadBuilder("softmax");
    w.input("scores", ElementType.FLOAT, rows, features);
    float[] scores = new float[rows * features];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = w.random().nextInt(200) / 8f - 12;
    }
    String p = w.op("Softmax", Map.of("axis", -1L), "scores");
    return w.built(p, NdTensor.of(scores, rows, features));
  }

  /** A linear layer alone, with random weights: {@code [1][rows][depth]} to {@code outputs}. */
  public static Workload linear(int rows, int depth, int outputs) {
    WorkloadBuilder w = new WorkloadBuilder("linear");
    w.input("x", ElementType.FLOAT, 1, rows, depth);
    float[] values = new float[rows * depth];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) w.random().nextGaussian();
    }
    return w.built(w.linear("x", depth, outputs), NdTensor.of(values, 1, rows, depth));
  }

  // A vision transformer on 224 x 224 pixels in patches of 16 x 16, with a class token.
  private static Workload vision(String name, int features, int heads, int layers) {
    WorkloadBuilder w = new WorkloadBuilder(name);
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
      x = w.layer(x, layer, patches + 1, features, heads);
    }
    w.block(-1);
    String first = w.op("Slice", w.norm(x, features), w.longs(0), w.longs(1), w.longs(1));
    return w.built(w.linear(w.reshaped(first, 1, features), features, 1000), w.image(side));
  }

  // One of a vision transformer's layers, on random tokens.
  private static Workload visionLayer(String name, int features, int heads, int tokens) {
    WorkloadBuilder w = new WorkloadBuilder(name);
    w.input("tokens", ElementType.FLOAT, 1, tokens, features);
    float[] values = new float[tokens * features];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) w.random().nextGaussian();
    }
    return w.built(
        w.layer("tokens", 0, tokens, features, heads), NdTensor.of(values, 1, tokens, features));
  }

  // An encoder of embedded tokens, normalised after each residual, with a tanh pooler.
  private static Workload bert(String name, int features, int heads, int layers, int tokens) {
    WorkloadBuilder w = new WorkloadBuilder(name);
    int vocabulary = 1000;
    w.input("input_ids", ElementType.INT, 1, tokens);
    String x = w.op("Gather", w.weights(1, vocabulary, features), "input_ids");
    x = w.norm(w.op("Add", x, w.weights(0.3, tokens, features)), features);
    for (int layer = 0; layer < layers; layer++) {
      w.block(layer);
      x = w.norm(w.op("Add", x, w.attention(x, tokens, features, heads)), features);
      x = w.norm(w.op("Add", x, w.perceptron(x, features, 4 * features)), features);
    }
    w.block(-1);
    String first = w.op("Slice", x, w.longs(0), w.longs(1), w.longs(1));
    String pooled = w.op("Tanh", w.linear(w.reshaped(first, 1, features), features, features));
    long[] ids = w.random().longs(tokens, 0, vocabulary).toArray();
    return w.built(pooled, NdTensor.of(ids, 1, tokens));
  }
}
