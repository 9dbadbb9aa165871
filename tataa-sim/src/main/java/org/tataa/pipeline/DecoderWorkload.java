package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;

/**
 * A causal decoder with seeded weights, normalised before each sublayer, as exporters write them:
 * for whole sequences, or with past keys and values as inputs and present ones as outputs.
 *
 * @param name of the model
 * @param features width of a token
 * @param heads heads of queries
 * @param keyHeads heads of keys and values, a divisor of {@code heads}
 * @param layers number of layers
 * @param inner width of the perceptrons
 * @param vocabulary number of tokens it knows
 * @param positions most tokens of a text
 * @param rotary elements of a head that are rotated by its position, an even number; if 0,
 *     positions are learnt
 * @param window number of keys a query sees, itself included; 0 for all before it
 * @param family what its layers are made of
 */
public record DecoderWorkload(
    String name,
    int features,
    int heads,
    int keyHeads,
    int layers,
    int inner,
    int vocabulary,
    int positions,
    int rotary,
    int window,
    Family family) {
  private static final String IDS = "input_ids";

  /** Weights beyond which layers are run one by one. */
  private static final long LARGE = 1_000_000_000;

  /** What layers are made of. */
  public enum Family {
    /** LayerNorm, GELU, a bias for every product. */
    GPT(false, true),
    /** LayerNorm, ReLU, a bias for every product. */
    OPT(false, true),
    /** RMSNorm, SwiGLU, no biases. */
    LLAMA(true, false),
    /** RMSNorm, SwiGLU, biases of queries, keys and values alone. */
    GLM(true, true);

    private final boolean isGated;
    private final boolean hasBias;

    Family(boolean isGated, boolean hasBias) {
      this.isGated = isGated;
      this.hasBias = hasBias;
    }
  }

  /** A decoder of the {@link Family#GPT} family, all of a head rotated or nothing. */
  public DecoderWorkload(
      String name,
      int features,
      int heads,
      int keyHeads,
      int layers,
      int inner,
      int vocabulary,
      int positions,
      boolean isRotary,
      int window) {
    this(
        name,
        features,
        heads,
        keyHeads,
        layers,
        inner,
        vocabulary,
        positions,
        isRotary ? features / heads : 0,
        window,
        Family.GPT);
  }

  /** The same with its first layers only. */
  public DecoderWorkload withLayers(int first) {
    return new DecoderWorkload(
        name,
        features,
        heads,
        keyHeads,
        first,
        inner,
        vocabulary,
        positions,
        rotary,
        window,
        family);
  }

  /** Weights of its products, those of embeddings left out. */
  public long weights() {
    long perHead = features / heads;
    long attention = 2L * features * features + 2 * perHead * keyHeads * features;
    return layers * (attention + (family.isGated ? 3L : 2L) * features * inner)
        + (long) vocabulary * features;
  }

  /**
   * The model for whole sequences, {@code [1][tokens]} to logits {@code [1][tokens][vocabulary]}.
   */
  public OnnxImporter.Model whole() {
    return new OnnxImporter.Model(layered(false).graph().held(), WorkloadBuilder.OPSET);
  }

  /** The same model with the past as inputs; weights are equal. */
  public OnnxImporter.Model withPast() {
    return new OnnxImporter.Model(layered(true).graph().held(), WorkloadBuilder.OPSET);
  }

  /**
   * The same model in layers, its weights not held.
   *
   * @param hasPast whether the past is among its inputs
   */
  public LayeredModel layered(boolean hasPast) {
    return new Build(this, hasPast).model();
  }

  /** Whether it is too large to be compiled as a whole, so that its layers are run one by one. */
  public boolean isLarge() {
    return weights() > LARGE;
  }

  /**
   * Checks that the JVM may use some memory.
   *
   * @param bytes that are needed, about
   * @param how the model is run
   * @throws IllegalArgumentException if it may not
   */
  public void requireMemory(long bytes, String how) {
    long most = Runtime.getRuntime().maxMemory();
    if (bytes > most) {
      throw new IllegalArgumentException(
          name
              + " "
              + how
              + " needs about "
              + gibibytes(bytes)
              + " GiB of memory, Java may use "
              + most / (1 << 30)
              + " GiB; start it with -Xmx"
              + gibibytes(bytes)
              + "g, or take fewer layers with --blocks");
    }
  }

  private static long gibibytes(long bytes) {
    return (bytes + (1 << 30) - 1) / (1 << 30);
  }

  /** The item of a run: seeded tokens. */
  public Map<String, NdTensor> item(int tokens) {
    return Map.of(IDS, NdTensor.of(text(tokens, 1), 1, tokens));
  }

  /** Seeded tokens. */
  public long[] text(int tokens, long seed) {
    return new Random(seed).longs(tokens, 0, vocabulary).toArray();
  }

  private static final class Build {
    private final DecoderWorkload of;
    private final boolean hasPast;
    private final WorkloadBuilder w;
    private final List<String> outputs = new ArrayList<>();
    private final List<String> borders = new ArrayList<>();
    private final int width;
    private String numbers = "";
    private String visible = "";
    private String cos = "";
    private String sin = "";

    Build(DecoderWorkload of, boolean hasPast) {
      this.of = of;
      this.hasPast = hasPast;
      w = new WorkloadBuilder(of.name());
      width = of.features() / of.heads();
    }

    LayeredModel model() {
      w.addInput(IDS, ElementType.INT, "1", "tokens");
      if (hasPast) {
        w.addInput("attention_mask", ElementType.INT, "1", "all");
        w.addInput("position_ids", ElementType.INT, "1", "tokens");
        for (int layer = 0; layer < of.layers(); layer++) {
          for (String part : List.of("key", "value")) {
            String past = "past_key_values." + layer + "." + part;
            String heads = String.valueOf(of.keyHeads());
            w.addInput(past, ElementType.FLOAT, "1", heads, "past", String.valueOf(width));
          }
        }
      }
      lengths();
      String x = w.op("Gather", w.manyWeights(1, of.vocabulary(), of.features()), IDS);
      if (of.rotary() > 0) {
        rotations();
      } else {
        x =
            w.op(
                "Add",
                x,
                w.op("Gather", w.manyWeights(0.3, of.positions(), of.features()), numbers));
      }
      for (int layer = 0; layer < of.layers(); layer++) {
        borders.add(x);
        w.block(layer);
        x = w.op("Add", x, attention(layer, norm(x)));
        x = w.op("Add", x, perceptron(norm(x)));
      }
      borders.add(x);
      w.block(-1);
      double deviation = 1 / Math.sqrt(of.features());
      String head = w.manyWeights(deviation, of.features(), of.vocabulary());
      outputs.add(0, w.op("MatMul", norm(x), head));
      return new LayeredModel(w.model(outputs), borders);
    }

    private String norm(String x) {
      return of.family().isGated
          ? w.rootMeanSquareNorm(x, of.features())
          : w.norm(x, of.features());
    }

    private String perceptron(String x) {
      boolean hasBias = !of.family().isGated;
      String inner = linear(x, of.features(), of.inner(), hasBias);
      String active =
          switch (of.family()) {
            case GPT -> w.op("Gelu", Map.of("approximate", "tanh"), inner);
            case OPT -> w.op("Relu", inner);
            case LLAMA, GLM ->
                w.op(
                    "Mul",
                    w.op("Mul", inner, w.op("Sigmoid", inner)),
                    linear(x, of.features(), of.inner(), hasBias));
          };
      return linear(active, of.inner(), of.features(), hasBias);
    }

    private String linear(String x, int in, int out, boolean hasBias) {
      String product = w.op("MatMul", x, w.manyWeights(1 / Math.sqrt(in), in, out));
      return hasBias ? w.op("Add", product, w.weights(WorkloadBuilder.SMALL, out)) : product;
    }

    private String dim(String value, long axis) {
      return w.op("Gather", w.op("Shape", value), w.constant(NdTensor.of(new long[] {axis})));
    }

    private String scalar(long value) {
      return w.constant(NdTensor.of(new long[] {value}));
    }

    // Numbers of the tokens, and which keys each sees.
    private void lengths() {
      String tokens = dim(IDS, 1);
      String before = hasPast ? dim("past_key_values.0.key", 2) : scalar(0);
      String all = w.op("Add", before, tokens);
      String queries = w.op("Range", before, all, scalar(1));
      numbers = hasPast ? "position_ids" : queries;
      String column = w.op("Unsqueeze", queries, w.longs(1));
      String keys = w.op("Range", scalar(0), all, scalar(1));
      visible = w.op("LessOrEqual", keys, column);
      if (of.window() > 0) {
        String last = w.op("Sub", column, scalar(of.window()));
        visible = w.op("And", visible, w.op("Greater", keys, last));
      }
    }

    private void rotations() {
      int turned = of.rotary();
      float[] cosines = new float[of.positions() * turned];
      float[] sines = new float[cosines.length];
      for (int i = 0; i < cosines.length; i++) {
        int pair = i % (turned / 2);
        int position = i / turned;
        double angle = position * Math.pow(10000, -2.0 * pair / turned);
        cosines[i] = (float) Math.cos(angle);
        sines[i] = (float) Math.sin(angle);
      }
      cos = w.op("Gather", w.constant(NdTensor.of(cosines, of.positions(), turned)), numbers);
      sin = w.op("Gather", w.constant(NdTensor.of(sines, of.positions(), turned)), numbers);
    }

    // x cos + (second half negated before the first) sin, positions one after the other.
    private String rotated(String x) {
      int turned = of.rotary();
      if (turned == 0) {
        return x;
      }
      if (turned < width) {
        String rest = slice(x, turned, width);
        return w.op("Concat", Map.of("axis", -1L), turned(slice(x, 0, turned), turned), rest);
      }
      return turned(x, width);
    }

    private String turned(String x, int length) {
      String first = slice(x, 0, length / 2);
      String second = slice(x, length / 2, length);
      String turned = w.op("Concat", Map.of("axis", -1L), w.op("Neg", second), first);
      return w.op("Add", w.op("Mul", x, cos), w.op("Mul", turned, sin));
    }

    private String slice(String x, long from, long to) {
      return w.op("Slice", x, w.longs(from), w.longs(to), w.longs(3));
    }

    private String heads(String x, int count) {
      String projected = linear(x, of.features(), count * width, of.family().hasBias);
      return w.transposed(w.reshaped(projected, 0, 0, count, width), 0, 2, 1, 3);
    }

    private String kept(String rows, int layer, String part) {
      if (!hasPast) {
        return rows;
      }
      String past = "past_key_values." + layer + "." + part;
      String present = w.op("Concat", Map.of("axis", 2L), past, rows);
      outputs.add(present);
      return present;
    }

    private String shared(String x) {
      long group = of.heads() / of.keyHeads();
      if (group == 1) {
        return x;
      }
      String apart = w.op("Unsqueeze", x, w.longs(2));
      String repeated = w.op("Expand", apart, w.longs(1, 1, group, 1, 1));
      return w.reshaped(repeated, 1, of.heads(), -1, width);
    }

    private String attention(int layer, String x) {
      String q = rotated(heads(x, of.heads()));
      String k = shared(kept(rotated(heads(x, of.keyHeads())), layer, "key"));
      String v = shared(kept(heads(x, of.keyHeads()), layer, "value"));
      String scale = w.constant(NdTensor.of(new float[] {(float) (1 / Math.sqrt(width))}));
      String scores = w.op("Mul", w.op("MatMul", q, w.transposed(k, 0, 1, 3, 2)), scale);
      String hidden = w.constant(NdTensor.of(new float[] {Float.NEGATIVE_INFINITY}));
      String p = w.op("Softmax", Map.of("axis", -1L), w.op("Where", visible, scores, hidden));
      String context = w.transposed(w.op("MatMul", p, v), 0, 2, 1, 3);
      return linear(
          w.reshaped(context, 0, 0, of.features()),
          of.features(),
          of.features(),
          !of.family().isGated);
    }
  }
}
