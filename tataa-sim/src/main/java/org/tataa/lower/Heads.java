package org.tataa.lower;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.graph.Operators;

/**
 * An operand of attention, {@code [..][head][token][feature]}, as channels of a value {@code
 * [..][token][channel]} whose elements it shows: every spelling of a split into heads.
 *
 * @param anchor value of the graph that is shown
 * @param channel {@code [head][feature]} channels of the anchor
 * @param first row of the anchor that is the first token; 0 unless part of the rows is shown
 * @param rows rows of the anchor; as many as tokens, or more if part of them is shown
 */
@SuppressWarnings("ArrayRecordComponent")
record Heads(String anchor, int[][] channel, int first, int rows) {
  /**
   * Looks through movements.
   *
   * @param value the operand
   * @param tokenAxis axis of tokens counted from the end: 2, or 1 for a transposed operand
   * @return null if tokens change places, or channels differ from token to token
   */
  static @Nullable Heads find(LoweringContext context, String value, int tokenAxis) {
    int[] shape = context.shape(value);
    int rank = shape.length;
    String anchor = anchor(context, value);
    int[] sources = sources(context, value);
    int[] from = context.shape(anchor);
    if (sources == null || from.length < 1 || context.isHost(anchor)) {
      return null;
    }
    int heads = rank >= 3 ? shape[rank - 3] : 1;
    int tokens = shape[rank - tokenAxis];
    int width = shape[rank - 3 + tokenAxis];
    int channels = from[from.length - 1];
    int groups = sources.length / (heads * tokens * width);
    int rows = NdTensor.elements(from) / Math.max(1, channels);
    boolean isPart = groups == 1 && rows > tokens && isShared(context, value);
    if (rows != groups * tokens && !isPart) {
      return null;
    }
    int first = isPart ? sources[0] / channels : 0;
    int[][] channel = new int[heads][width];
    for (int[] row : channel) {
      Arrays.fill(row, -1);
    }
    for (int i = 0; i < sources.length; i++) {
      int last = i % (tokens * width);
      int token = tokenAxis == 2 ? last / width : last % tokens;
      int feature = tokenAxis == 2 ? last % width : last / tokens;
      int head = i / (tokens * width) % heads;
      int group = i / (tokens * width * heads);
      int own = sources[i] % channels;
      if (sources[i] < 0
          || sources[i] / channels != first + group * tokens + token
          || (channel[head][feature] >= 0 && channel[head][feature] != own)) {
        return null;
      }
      channel[head][feature] = own;
    }
    return new Heads(anchor, channel, first, rows / groups);
  }

  // Whether other readers want what is left out too: else codes of all rows were work for nothing.
  private static boolean isShared(LoweringContext context, String value) {
    String shown = value;
    int size = NdTensor.elements(context.shape(value));
    for (Node node = moving(context, shown); node != null; node = moving(context, shown)) {
      shown = node.input(0);
      if (NdTensor.elements(context.shape(shown)) > size) {
        return context.graph.consumers(shown).size() > 1;
      }
    }
    return false;
  }

  /**
   * What the codes of an operand are named after: the attention, or what it shows if others show it
   * too, since they are the same codes.
   */
  static String name(
      LoweringContext context, @Nullable Heads heads, String value, String output, String suffix) {
    if (heads == null || context.graph.consumers(value).size() < 2 && !isShared(context, value)) {
      return output + suffix;
    }
    return heads.anchor() + suffix;
  }

  /** Whether the anchor has rows that are not shown. */
  boolean isPart(int tokens) {
    return rows > tokens;
  }

  /** The value whose elements a value shows, itself if it is not moved. */
  static String anchor(LoweringContext context, String value) {
    String anchor = value;
    for (Node node = moving(context, anchor); node != null; node = moving(context, anchor)) {
      anchor = node.input(0);
    }
    return anchor;
  }

  /**
   * For each element of a value that of its anchor, -1 for none; null if it is not moved, or moved
   * again after elements of none were put in.
   */
  static int @Nullable [] sources(LoweringContext context, String value) {
    String anchor = value;
    int[] sources = null;
    for (Node node = moving(context, anchor); node != null; node = moving(context, anchor)) {
      int[] step = MovementLowering.sources(context, node, anchor);
      sources = sources == null ? step : compose(sources, step);
      if (sources == null) {
        return null;
      }
      anchor = node.input(0);
    }
    return sources;
  }

  private static @Nullable Node moving(LoweringContext context, String value) {
    Graph graph = context.graph;
    Node node = graph.producer(value);
    if (node == null
        || context.isHost(value)
        || !Operators.MOVEMENT.contains(node.op())
        || node.op().equals("Concat")
        || node.op().equals("Patches")) {
      return null;
    }
    for (String input : node.inputs().subList(1, node.inputs().size())) {
      if (!input.isEmpty() && graph.constant(input) == null) {
        return null;
      }
    }
    return node;
  }

  private static int @Nullable [] compose(int[] outer, int[] inner) {
    int[] result = new int[outer.length];
    for (int i = 0; i < result.length; i++) {
      if (outer[i] < 0) {
        return null;
      }
      result[i] = inner[outer[i]];
    }
    return result;
  }

  /** For each head the number of the first head with the same channels, in dense numbers. */
  int[] slots() {
    int[] slots = new int[channel.length];
    int count = 0;
    for (int head = 0; head < slots.length; head++) {
      slots[head] = -1;
      for (int other = 0; other < head && slots[head] < 0; other++) {
        if (Arrays.equals(channel[head], channel[other])) {
          slots[head] = slots[other];
        }
      }
      slots[head] = slots[head] < 0 ? count++ : slots[head];
    }
    return slots;
  }
}
