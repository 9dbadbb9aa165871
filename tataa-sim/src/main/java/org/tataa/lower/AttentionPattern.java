package org.tataa.lower;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;

/**
 * {@code softmax(scale * Q K^T + masks) V} found from its last product backwards, however scale and
 * masks are spelled.
 */
final class AttentionPattern {
  /**
   * A mask or bias.
   *
   * @param value host value, broadcast to the scores
   * @param factor what it is multiplied by
   * @param hidesWhere for a condition: the truth value of hidden scores; null for an addend
   */
  record Mask(String value, double factor, @Nullable Boolean hidesWhere) {}

  private static final Set<String> SAME_ORDER =
      Set.of("Reshape", "Identity", "Dropout", "Cast", "Flatten", "Squeeze", "Unsqueeze");

  /** Scores scaled by more than this do not fit the requantiser; nor do infinite ones. */
  private static final double LARGEST_SCALE = 1000;

  private final LoweringContext context;
  final List<Mask> masks = new ArrayList<>();
  double scale = 1;
  String query = "";
  String key = "";
  String scores = "";

  private AttentionPattern(LoweringContext context) {
    this.context = context;
  }

  /** The attention whose probabilities are a value, or null. */
  static @Nullable AttentionPattern find(LoweringContext context, String probabilities) {
    AttentionPattern pattern = new AttentionPattern(context);
    return pattern.match(probabilities) ? pattern : null;
  }

  private boolean match(String probabilities) {
    Node softmax = behind(probabilities);
    if (softmax == null || !softmax.op().equals("Softmax")) {
      return false;
    }
    int rank = context.shape(softmax.output()).length;
    long axis = softmax.integer("axis", -1);
    if (rank < 2
        || (axis != -1 && axis != rank - 1)
        || !Arrays.equals(context.shape(softmax.output()), context.shape(probabilities))) {
      return false;
    }
    Node node = behind(softmax.input(0));
    while (node != null && node.outputs().size() == 1) {
      if (!Arrays.equals(context.shape(node.output()), context.shape(probabilities))) {
        return false;
      }
      switch (node.op()) {
        case "MatMul" -> {
          return product(node);
        }
        case "Mul", "Div" -> {
          Double factor = factor(node);
          if (factor == null) {
            return false;
          }
          scale *= factor;
          node = behind(computed(node));
        }
        case "Add", "Sub" -> {
          String other = node.input(context.isHost(node.input(0)) ? 0 : 1);
          if (!context.isHost(other) || (node.op().equals("Sub") && !other.equals(node.input(1)))) {
            return false;
          }
          masks.add(new Mask(other, node.op().equals("Sub") ? -scale : scale, null));
          node = behind(computed(node));
        }
        case "Where" -> {
          boolean firstIsComputed = !context.isHost(node.input(1));
          NdTensor fill = context.graph.constant(node.input(firstIsComputed ? 2 : 1));
          if (!context.isHost(node.input(0))
              || fill == null
              || fill.size() != 1
              || fill.at(0) > AttentionMask.HIDDEN_BELOW) {
            return false;
          }
          masks.add(new Mask(node.input(0), 1, !firstIsComputed));
          node = behind(node.input(firstIsComputed ? 1 : 2));
        }
        default -> {
          return false;
        }
      }
    }
    return false;
  }

  private boolean product(Node node) {
    if (context.isHost(node.input(0)) || context.isHost(node.input(1))) {
      return false;
    }
    scores = node.output();
    query = scaled(node.input(0));
    key = scaled(node.input(1));
    int rank = context.shape(scores).length;
    return Math.abs(scale) <= LARGEST_SCALE
        && context.shape(query).length == rank
        && context.shape(key).length == rank;
  }

  /** The product that makes the scores. */
  Node product() {
    return Objects.requireNonNull(context.graph.producer(scores), scores);
  }

  // The node that makes a value, looking through nodes that keep the order of elements.
  private @Nullable Node behind(String value) {
    Node node = context.graph.producer(value);
    while (node != null && SAME_ORDER.contains(node.op())) {
      node = context.graph.producer(node.input(0));
    }
    return node;
  }

  private String computed(Node node) {
    return context.isHost(node.input(0)) ? node.input(1) : node.input(0);
  }

  private @Nullable Double factor(Node node) {
    NdTensor constant = context.graph.constant(node.input(1));
    if (constant == null && node.op().equals("Mul")) {
      constant = context.graph.constant(node.input(0));
    }
    if (constant == null || constant.size() != 1) {
      return null;
    }
    return node.op().equals("Div") ? 1 / constant.at(0) : constant.at(0);
  }

  // An operand without the number it is multiplied by.
  private String scaled(String value) {
    String result = value;
    Node node = context.graph.producer(result);
    while (node != null && (node.op().equals("Mul") || node.op().equals("Div"))) {
      Double factor = factor(node);
      if (factor == null) {
        break;
      }
      scale *= factor;
      result = computed(node);
      node = context.graph.producer(result);
    }
    return result;
  }
}
