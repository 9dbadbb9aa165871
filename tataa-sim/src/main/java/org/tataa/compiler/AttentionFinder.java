package org.tataa.compiler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.kernel.BlockForm;

/** Recognises attention from its last product backwards. */
final class AttentionFinder {
  /**
   * The operands of an attention.
   *
   * @param query value of Q, for calibration
   * @param queryAxes its axes of head and feature
   * @param key value of K transposed
   * @param keyAxes its axes of head and feature
   * @param value value of V
   * @param valueAxes its axes of head and feature
   * @param scores value of the raw scores
   * @param scoreAxes its axis of heads, or none
   * @param queryFeatures where each place of Q comes from
   * @param keyFeatures where each place of K comes from
   * @param valueFeatures where each place of V comes from
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Operands(
      String query,
      int[] queryAxes,
      String key,
      int[] keyAxes,
      String value,
      int[] valueAxes,
      String scores,
      int[] scoreAxes,
      Views.Resolved queryFeatures,
      Views.Resolved keyFeatures,
      Views.Resolved valueFeatures) {}

  private static final Set<String> SAME_ORDER =
      Set.of("Reshape", "Identity", "Dropout", "Cast", "Flatten", "Squeeze", "Unsqueeze");

  private final Graph graph;
  private final Views views;
  private final Predicate<String> isHost;
  private final Views.Placements placements;

  AttentionFinder(Graph graph, Views views, Predicate<String> isHost, Views.Placements placements) {
    this.graph = graph;
    this.views = views;
    this.isHost = isHost;
    this.placements = placements;
  }

  /** A chain from the probabilities to the first product. */
  private static final class Chain {
    final List<Attention.Mask> masks = new ArrayList<>();
    double scale = 1;
    @Nullable Node product;
    String query = "";
    String key = "";
  }

  private record Match(
      Chain chain,
      Placement placement,
      boolean hasHeads,
      Views.Resolved query,
      Views.Resolved key,
      Views.Resolved value) {}

  /** The attention a product completes, or null. */
  @Nullable Attention find(Node node) {
    Match match = match(node);
    if (match == null) {
      return null;
    }
    int[] shape = views.shape(node.output()).shape();
    int heads = match.hasHeads() ? shape[shape.length - 3] : 1;
    int width = shape[shape.length - 1];
    int[] query = views.shape(match.chain().query).shape();
    int depth = query[query.length - 1];
    int[] keyShape = views.shape(match.chain().key).shape();
    int keys = keyShape[keyShape.length - 1];
    Attention attention =
        new Attention(
            node.output(),
            match.placement().groups,
            match.placement().tokens,
            keys,
            heads,
            depth,
            width,
            match.chain().scale,
            slots(match.key(), heads, depth),
            slots(match.value(), heads, width),
            match.placement(),
            new Matrix(
                node.output() + "/context",
                match.placement().groups,
                match.placement().tokens,
                heads * 32 * Matrix.blocks(width),
                BlockForm.TOKENS_EXCHANGED));
    attention.masks.addAll(match.chain().masks);
    return attention;
  }

  /** The operands of an attention that was found. */
  Operands operands(Node node, Attention attention) {
    Match match = match(node);
    if (match == null || match.chain().product == null) {
      throw new IllegalStateException("no attention ends in " + node);
    }
    int rank = views.shape(node.output()).rank();
    boolean heads = match.hasHeads();
    return new Operands(
        match.chain().query,
        heads ? new int[] {rank - 3, rank - 1} : new int[] {rank - 1},
        match.chain().key,
        heads ? new int[] {rank - 3, rank - 2} : new int[] {rank - 2},
        node.input(1),
        heads ? new int[] {rank - 3, rank - 1} : new int[] {rank - 1},
        match.chain().product.output(),
        heads ? new int[] {rank - 3} : new int[0],
        arranged(match.query(), identity(attention.heads), attention.depth, false),
        arranged(match.key(), attention.keyHead, attention.depth, false),
        arranged(match.value(), attention.valueHead, attention.width, true));
  }

  private static int[] identity(int size) {
    int[] result = new int[size];
    Arrays.setAll(result, i -> i);
    return result;
  }

  // Heads one after the other, each padded to whole blocks; shared heads once.
  private static Views.Resolved arranged(
      Views.Resolved resolved, int[] slots, int size, boolean isValue) {
    int width = BlockForm.SIZE * Matrix.blocks(size);
    int count = Arrays.stream(slots).max().orElse(0) + 1;
    int[] source = new int[count * width];
    boolean[] negative = new boolean[source.length];
    Arrays.fill(source, -1);
    for (int head = 0; head < slots.length; head++) {
      for (int i = 0; i < size; i++) {
        int place = slots[head] * width + (isValue ? Attention.valuePlace(i) : i);
        source[place] = resolved.features().source(head * size + i);
        negative[place] = resolved.features().isNegative(head * size + i);
      }
    }
    return new Views.Resolved(resolved.anchor(), new FeatureMap(source, negative));
  }

  // Heads that read the same features share a slot.
  private static int[] slots(Views.Resolved resolved, int heads, int size) {
    int[] slots = new int[heads];
    int count = 0;
    for (int head = 0; head < heads; head++) {
      slots[head] = -1;
      for (int other = 0; other < head && slots[head] < 0; other++) {
        boolean same = true;
        for (int i = 0; i < size; i++) {
          int a = head * size + i;
          int b = other * size + i;
          same &=
              resolved.features().source(a) == resolved.features().source(b)
                  && resolved.features().isNegative(a) == resolved.features().isNegative(b);
        }
        if (same) {
          slots[head] = slots[other];
        }
      }
      if (slots[head] < 0) {
        slots[head] = count++;
      }
    }
    return slots;
  }

  private @Nullable Match match(Node node) {
    if (isHost.test(node.input(0)) || isHost.test(node.input(1))) {
      return null;
    }
    Chain chain = chain(node.input(0));
    if (chain == null) {
      return null;
    }
    int[] shape = views.shape(node.output()).shape();
    int[] query = views.shape(chain.query).shape();
    int[] value = views.shape(node.input(1)).shape();
    NdTensor keyCodes = transposed(views.of(chain.key));
    int rank = shape.length;
    if (query.length != rank || value.length != rank || keyCodes.rank() != rank || rank < 2) {
      return null;
    }
    for (int kind = 0; kind < 2; kind++) {
      boolean heads = kind == 0;
      if (heads && rank < 3) {
        continue;
      }
      Views.Resolved q = resolve(views.of(chain.query), heads);
      Views.Resolved k = resolve(keyCodes, heads);
      Views.Resolved v = resolve(views.of(node.input(1)), heads);
      if (q != null && k != null && v != null) {
        return new Match(
            chain, heads ? Placement.heads(shape) : Placement.last(shape), heads, q, k, v);
      }
    }
    return null;
  }

  private Views.@Nullable Resolved resolve(NdTensor codes, boolean heads) {
    for (long code : codes.longs()) {
      if (code == 0 || isHost.test(views.anchor(code))) {
        return null;
      }
    }
    int[] shape = codes.shape();
    return views.resolve(codes, heads ? Placement.heads(shape) : Placement.last(shape), placements);
  }

  private static NdTensor transposed(NdTensor codes) {
    int[] shape = codes.shape();
    int rank = shape.length;
    if (rank < 2) {
      return codes;
    }
    int rows = shape[rank - 2];
    int columns = shape[rank - 1];
    long[] in = codes.longs();
    long[] out = new long[in.length];
    for (int base = 0; base < in.length; base += rows * columns) {
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          out[base + j * rows + i] = in[base + i * columns + j];
        }
      }
    }
    shape[rank - 2] = columns;
    shape[rank - 1] = rows;
    return NdTensor.of(out, shape);
  }

  private @Nullable Chain chain(String probabilities) {
    Node softmax = behind(probabilities);
    if (softmax == null || !softmax.op().equals("Softmax")) {
      return null;
    }
    int rank = views.shape(softmax.output()).rank();
    long axis = softmax.integer("axis", -1);
    if (axis != -1 && axis != rank - 1) {
      return null;
    }
    Chain chain = new Chain();
    Node node = behind(softmax.input(0));
    while (node != null) {
      switch (node.op()) {
        case "MatMul" -> {
          if (isHost.test(node.input(0)) || isHost.test(node.input(1))) {
            return null;
          }
          chain.product = node;
          chain.query = scaled(node.input(0), chain);
          chain.key = scaled(node.input(1), chain);
          return chain;
        }
        case "Mul", "Div" -> {
          Double factor = factor(node);
          if (factor == null) {
            return null;
          }
          chain.scale *= factor;
          node = behind(computed(node));
        }
        case "Add", "Sub" -> {
          String other = node.input(isHost.test(node.input(0)) ? 0 : 1);
          if (!isHost.test(other) || (node.op().equals("Sub") && !other.equals(node.input(1)))) {
            return null;
          }
          double sign = node.op().equals("Sub") ? -chain.scale : chain.scale;
          int[] shape = views.shape(node.output()).shape();
          chain.masks.add(new Attention.Mask(other, shape, sign, null));
          node = behind(computed(node));
        }
        case "Where" -> {
          boolean firstIsComputed = !isHost.test(node.input(1));
          NdTensor fill = graph.constant(node.input(firstIsComputed ? 2 : 1));
          if (!isHost.test(node.input(0))
              || fill == null
              || fill.size() != 1
              || fill.at(0) > -1000) {
            return null;
          }
          int[] shape = views.shape(node.output()).shape();
          chain.masks.add(new Attention.Mask(node.input(0), shape, 1, !firstIsComputed));
          node = behind(node.input(firstIsComputed ? 1 : 2));
        }
        default -> {
          return null;
        }
      }
    }
    return null;
  }

  // The node that makes a value, looking through nodes that keep the order of elements.
  private @Nullable Node behind(String value) {
    Node node = graph.producer(value);
    while (node != null && SAME_ORDER.contains(node.op())) {
      node = graph.producer(node.input(0));
    }
    return node;
  }

  private String computed(Node node) {
    return isHost.test(node.input(0)) ? node.input(1) : node.input(0);
  }

  private @Nullable Double factor(Node node) {
    NdTensor constant = graph.constant(node.input(1));
    if (constant == null && node.op().equals("Mul")) {
      constant = graph.constant(node.input(0));
    }
    if (constant == null || constant.size() != 1) {
      return null;
    }
    return node.op().equals("Div") ? 1 / constant.at(0) : constant.at(0);
  }

  // An operand without the number it is multiplied by.
  private String scaled(String value, Chain chain) {
    Node node = graph.producer(value);
    while (node != null && (node.op().equals("Mul") || node.op().equals("Div"))) {
      Double factor = factor(node);
      if (factor == null) {
        break;
      }
      chain.scale *= factor;
      value = computed(node);
      node = graph.producer(value);
    }
    return value;
  }
}
