package org.tataa.graph;

import org.jspecify.annotations.Nullable;

/**
 * Operator LinearAttention: for each head a matrix of keys times values that decays, is corrected
 * by new pairs of them, and is read by queries, token after token.
 */
final class LinearAttention {
  private final boolean isDecaying;
  private final boolean isCorrecting;
  private final int keyHeads;
  private final int heads;
  private final int keyWidth;
  private final int valueWidth;
  private final double scale;

  private LinearAttention(Node node, NdTensor query, NdTensor value) {
    String rule = node.text("update_rule", "gated_delta");
    switch (rule) {
      case "linear", "gated", "delta", "gated_delta" -> {}
      default -> throw new GraphException("update_rule " + rule + " is not supported");
    }
    isDecaying = rule.startsWith("gated");
    isCorrecting = rule.endsWith("delta");
    heads = DataMovement.checked(node.integer("q_num_heads", 0));
    keyHeads = DataMovement.checked(node.integer("kv_num_heads", 0));
    if (keyHeads == 0 || heads % keyHeads != 0 || query.rank() != 3 || value.rank() != 3) {
      throw new GraphException(
          heads + " and " + keyHeads + " heads do not fit " + query + " and " + value);
    }
    keyWidth = query.dim(2) / heads;
    valueWidth = value.dim(2) / keyHeads;
    float given = node.number("scale", 0);
    scale = given == 0 ? 1 / Math.sqrt(keyWidth) : given;
  }

  static NdTensor[] apply(Node node, Arguments in) {
    return new LinearAttention(node, in.get(0), in.get(2)).run(in);
  }

  private NdTensor[] run(Arguments in) {
    NdTensor query = in.get(0);
    int items = query.dim(0);
    int tokens = query.dim(1);
    int[] shape = {items, tokens, heads * valueWidth};
    int[] stateShape = {items, keyHeads, keyWidth, valueWidth};
    NdTensor decay = isDecaying ? in.get(4) : null;
    NdTensor rate = isCorrecting ? in.get(5) : null;
    if (!in.areKnown()) {
      return new NdTensor[] {
        NdTensor.unknown(ElementType.FLOAT, shape), NdTensor.unknown(ElementType.FLOAT, stateShape)
      };
    }
    NdTensor past = in.orNull(3);
    float[] states = past == null ? new float[NdTensor.resultElements(stateShape)] : past.floats();
    float[] result = new float[NdTensor.resultElements(shape)];
    float[] present = new float[states.length];
    for (int lane = 0; lane < items * keyHeads; lane++) {
      double[] state = new double[keyWidth * valueWidth];
      for (int i = 0; i < state.length; i++) {
        state[i] = states[lane * state.length + i];
      }
      for (int t = 0; t < tokens; t++) {
        int row = lane / keyHeads * tokens + t;
        int head = lane % keyHeads;
        update(state, in.get(1), in.get(2), decay, rate, row, head);
        read(state, query.floats(), result, row, head);
      }
      for (int i = 0; i < state.length; i++) {
        present[lane * state.length + i] = (float) state[i];
      }
    }
    return new NdTensor[] {NdTensor.of(result, shape), NdTensor.of(present, stateShape)};
  }

  private void update(
      double[] state,
      NdTensor keys,
      NdTensor values,
      @Nullable NdTensor decay,
      @Nullable NdTensor rate,
      int row,
      int head) {
    if (decay != null) {
      // One factor per head, or one per feature of its keys.
      int each = decay.dim(2) / keyHeads;
      for (int i = 0; i < state.length; i++) {
        int feature = each == 1 ? 0 : i / valueWidth;
        state[i] *= Math.exp(decay.floats()[(row * keyHeads + head) * each + feature]);
      }
    }
    double beta = rate == null ? 1 : rate.floats()[rate.dim(2) == 1 ? row : row * keyHeads + head];
    int key = (row * keyHeads + head) * keyWidth;
    int value = (row * keyHeads + head) * valueWidth;
    for (int j = 0; j < valueWidth; j++) {
      double known = 0;
      for (int i = 0; isCorrecting && i < keyWidth; i++) {
        known += state[i * valueWidth + j] * keys.floats()[key + i];
      }
      double news = beta * (values.floats()[value + j] - known);
      for (int i = 0; i < keyWidth; i++) {
        state[i * valueWidth + j] += keys.floats()[key + i] * news;
      }
    }
  }

  private void read(double[] state, float[] queries, float[] result, int row, int head) {
    int group = heads / keyHeads;
    for (int h = head * group; h < (head + 1) * group; h++) {
      int query = (row * heads + h) * keyWidth;
      for (int j = 0; j < valueWidth; j++) {
        double sum = 0;
        for (int i = 0; i < keyWidth; i++) {
          sum += state[i * valueWidth + j] * queries[query + i];
        }
        result[(row * heads + h) * valueWidth + j] = (float) (scale * sum);
      }
    }
  }
}
