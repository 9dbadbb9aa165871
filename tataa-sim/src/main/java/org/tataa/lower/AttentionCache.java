package org.tataa.lower;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.graph.Operators;
import org.tataa.tensor.Element;
import org.tataa.tensor.Movement;
import org.tataa.tensor.StateOp;
import org.tataa.tensor.Value;

/**
 * Keys or values of an attention that are kept from run to run, {@code [..][head][slot][feature]}.
 * Their codes are kept, in steps that never change, so a run makes codes of new rows only.
 *
 * @param cache the node that appends rows
 * @param slots for each head of the attention that of the cache
 */
@SuppressWarnings("ArrayRecordComponent")
record AttentionCache(Node cache, int[] slots) {
  /**
   * Looks through movements.
   *
   * @param value keys or values as the attention reads them
   * @param tokenAxis axis of tokens counted from the end: 2, or 1 for a transposed operand
   * @return null if it shows no cache, or not head by head
   */
  static @Nullable AttentionCache find(LoweringContext context, String value, int tokenAxis) {
    String at = Heads.anchor(context, value);
    Node cache = context.graph.producer(at);
    if (cache == null || !cache.op().equals(Operators.CACHE)) {
      return null;
    }
    int[] sources = Heads.sources(context, value);
    if (sources == null && !at.equals(value)) {
      return null;
    }
    int[] from = context.shape(at);
    int[] shape = context.shape(value);
    int rank = shape.length;
    if (from.length != rank || rank < 3 || cache.integer("axis", 0) != rank - 2) {
      return null;
    }
    int heads = shape[rank - 3];
    int tokens = shape[rank - tokenAxis];
    int width = shape[rank - 3 + tokenAxis];
    if (from[rank - 2] != tokens || from[rank - 1] != width) {
      return null;
    }
    int[] slots = new int[heads];
    Arrays.fill(slots, -1);
    for (int i = 0; i < NdTensor.elements(shape); i++) {
      int last = i % (tokens * width);
      int token = tokenAxis == 2 ? last / width : last % tokens;
      int feature = tokenAxis == 2 ? last % width : last / tokens;
      int head = i / (tokens * width) % heads;
      int group = i / (tokens * width * heads);
      int source = sources == null ? i : sources[i];
      int own = source / (tokens * width) - group * from[rank - 3];
      if (source < 0
          || source % (tokens * width) != token * width + feature
          || (slots[head] >= 0 && slots[head] != own)) {
        return null;
      }
      slots[head] = own;
    }
    return new AttentionCache(cache, slots);
  }

  /** Most slots a program may have: steps of codes are chosen for them. */
  int limit() {
    return (int) cache.integer("limit", 0);
  }

  /** Heads that are kept. */
  int heads(LoweringContext context) {
    int[] shape = context.shape(cache.output());
    return shape[shape.length - 3];
  }

  /** Heads of the attention that share one of the cache, side by side; 0 if they are not. */
  int group(LoweringContext context) {
    int group = slots.length / heads(context);
    for (int head = 0; head < slots.length; head++) {
      if (slots[head] != head / group) {
        return 0;
      }
    }
    return group;
  }

  /**
   * Codes of new rows, {@code [..][head][token][feature]} with the heads of the cache.
   *
   * @param steps {@code [head][channel]} by heads of the attention
   * @param centre what is taken away first, by heads of the attention
   */
  Value codes(
      LoweringContext context, double[][] steps, AttentionOperand.Centre centre, String name) {
    int[] first = new int[heads(context)];
    for (int head = slots.length - 1; head >= 0; head--) {
      first[slots[head]] = head;
    }
    double[][] own = new double[first.length][];
    Arrays.setAll(own, head -> steps[first[head]]);
    return rows(context, name).codes(own, (head, channel) -> centre.of(first[head], channel));
  }

  /** New rows. */
  AttentionOperand rows(LoweringContext context, String name) {
    String rows = cache.input(0);
    return new AttentionOperand(context, rows, Heads.find(context, rows, 2), 2, name);
  }

  /** All rows, {@code [..][head][slot][feature]}, with codes of new ones. */
  Value state(LoweringContext context, Value codes, String name) {
    int[] shape = context.shape(cache.output());
    Value state = context.value(name + "/state", Element.INT8, shape);
    context.add(new StateOp(shape.length - 2, codes, context.host(cache.input(1)), state));
    return state;
  }

  /** A value whose heads are those of the cache, for the heads of the attention. */
  Value shown(LoweringContext context, Value value) {
    int[] shape = value.shape();
    int rank = shape.length;
    int group = group(context);
    if (group == 1) {
      return value;
    }
    if (group > 1) {
      return context.reshaped(value, split(shape, shape[rank - 3], 1));
    }
    int count = shape[rank - 3];
    int inner = shape[rank - 1] * shape[rank - 2];
    shape[rank - 3] = slots.length;
    int[] indices = new int[NdTensor.elements(shape)];
    for (int i = 0; i < indices.length; i++) {
      int head = slots[i / inner % slots.length];
      indices[i] = (i / inner / slots.length * count + head) * inner + i % inner;
    }
    return context.viewed(new Movement.Gather("repeat heads", indices), value, shape);
  }

  /**
   * A value with the attention's heads in groups, if heads of the cache are shared side by side.
   */
  Value grouped(LoweringContext context, Value value) {
    int group = group(context);
    int[] shape = value.shape();
    return group > 1
        ? context.reshaped(value, split(shape, shape[shape.length - 3] / group, group))
        : value;
  }

  // Heads as groups of heads.
  private static int[] split(int[] shape, int heads, int group) {
    int rank = shape.length;
    int[] split = new int[rank + 1];
    System.arraycopy(shape, 0, split, 0, rank - 3);
    split[rank - 3] = heads;
    split[rank - 2] = group;
    split[rank - 1] = shape[rank - 2];
    split[rank] = shape[rank - 1];
    return split;
  }
}
