package org.tataa.lower;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tataa.function.LaneProgram;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.tensor.Movement;
import org.tataa.tensor.Value;

/** Q, K or V on its way to codes. */
final class AttentionOperand {
  /** Mean of a channel. */
  interface Centre {
    float of(int head, int channel);
  }

  private final LinearLowering linear = new LinearLowering();
  private final LoweringContext context;
  private final String value;
  private final @Nullable Heads heads;
  private final int tokenAxis;
  private final String name;
  private final int block;

  AttentionOperand(
      LoweringContext context, String value, @Nullable Heads heads, int tokenAxis, String name) {
    this(context, value, heads, tokenAxis, name, 1);
  }

  private AttentionOperand(
      LoweringContext context,
      String value,
      @Nullable Heads heads,
      int tokenAxis,
      String name,
      int block) {
    this.context = context;
    this.value = value;
    this.heads = heads;
    this.tokenAxis = tokenAxis;
    this.name = name;
    this.block = block;
  }

  /** The same with tokens before its first one, down to a multiple of a block. */
  AttentionOperand fromBlock(int rows) {
    return new AttentionOperand(context, value, heads, tokenAxis, name, rows);
  }

  /** Tokens before its first one. */
  int before() {
    Heads found = heads;
    return found == null || projection() == null ? 0 : found.first() % block;
  }

  /**
   * Codes of the operand in its own shape.
   *
   * @param steps {@code [head][channel]}
   * @param centre what is taken away first, or null
   */
  Value codes(double[][] steps, @Nullable Centre centre) {
    Node producer = projection();
    return producer == null ? ofView(steps, centre) : ofLinear(producer, steps, centre);
  }

  /**
   * Codes straight from the sums of the operand's projection.
   *
   * @param direct how, as {@link DirectKeys} found
   */
  Value codes(DirectKeys direct) {
    Node producer = Objects.requireNonNull(projection());
    return split(
        linear.codes(
            context, producer, channels(), name + "/direct", direct.least(), direct.scale()));
  }

  /** The product with constant weights that makes the operand; null if none does. */
  @Nullable Node projection() {
    Node producer = heads == null ? null : context.graph.producer(heads.anchor());
    return producer != null && producer.op().equals("Linear") && linear.fits(context, producer)
        ? producer
        : null;
  }

  String name() {
    return name;
  }

  /** Results of the projection that are wanted, {@code [set of channels][channel]}. */
  int[] channels() {
    Heads found = Objects.requireNonNull(heads);
    int[] slots = found.slots();
    int width = found.channel()[0].length;
    int[] channels = new int[(Arrays.stream(slots).max().orElse(0) + 1) * width];
    for (int head = slots.length - 1; head >= 0; head--) {
      System.arraycopy(found.channel()[head], 0, channels, slots[head] * width, width);
    }
    return channels;
  }

  // The channels that are wanted, head by head, each set of channels once.
  private Value ofLinear(Node producer, double[][] steps, @Nullable Centre centre) {
    int[] slots = Objects.requireNonNull(heads).slots();
    int width = steps[0].length;
    int[] channels = channels();
    float[] inverses = new float[channels.length];
    float[] centres = new float[channels.length];
    for (int head = slots.length - 1; head >= 0; head--) {
      for (int i = 0; i < width; i++) {
        int at = slots[head] * width + i;
        inverses[at] = Codes.inverse(steps[head][i]);
        centres[at] = centre == null ? 0 : -centre.of(head, i);
      }
    }
    Expression selected = linear.select(context, producer, channels, name);
    if (centre != null) {
      selected = selected.plus(centres);
    }
    return split(Codes.quantise(context, name, selected.times(inverses)));
  }

  // Channels as heads, and of all rows those that are shown.
  private Value split(Value codes) {
    Heads found = Objects.requireNonNull(heads);
    int[] slots = found.slots();
    int count = Arrays.stream(slots).max().orElse(0) + 1;
    int width = codes.dim(-1) / count;
    int[] shape = context.shape(value);
    int rank = shape.length;
    int tokens = shape[rank - tokenAxis];
    boolean isPart = found.isPart(tokens);
    int rows = isPart ? found.rows() : tokens;
    int[] all = shape.clone();
    all[rank - tokenAxis] = rows;
    Value view;
    if (rank == 2) {
      view = context.reshaped(codes, rows, width);
      if (tokenAxis == 1) {
        view = context.viewed(new Movement.Transpose(new int[] {1, 0}), view, all);
      }
    } else {
      int[] split = shape.clone();
      split[rank - 3] = rows;
      split[rank - 2] = count;
      split[rank - 1] = width;
      int[] axes = new int[rank];
      Arrays.setAll(axes, i -> i);
      axes[rank - 3] = rank - 2;
      axes[rank - 2] = tokenAxis == 2 ? rank - 3 : rank - 1;
      axes[rank - 1] = tokenAxis == 2 ? rank - 1 : rank - 3;
      all[rank - 3] = count;
      view = context.viewed(new Movement.Transpose(axes), context.reshaped(codes, split), all);
    }
    if (isPart) {
      all[rank - tokenAxis] = before() + tokens;
      view = context.sliced(view, rank - tokenAxis, found.first() - before(), all);
    }
    if (rank == 2 || count == slots.length) {
      return view;
    }
    int[] shown = shape.clone();
    shown[rank - tokenAxis] = all[rank - tokenAxis];
    return repeated(view, slots, shown);
  }

  // Heads that share channels.
  private Value repeated(Value view, int[] slots, int[] shape) {
    int rank = shape.length;
    int inner = shape[rank - 1] * shape[rank - 2];
    int count = view.dim(rank - 3);
    int[] indices = new int[NdTensor.elements(shape)];
    for (int i = 0; i < indices.length; i++) {
      int head = i / inner % slots.length;
      int group = i / inner / slots.length;
      indices[i] = (group * count + slots[head]) * inner + i % inner;
    }
    return context.viewed(new Movement.Gather("repeat heads", indices), view, shape);
  }

  // Steps and centres as constants per head and channel.
  private Value ofView(double[][] steps, @Nullable Centre centre) {
    int[] shape = context.shape(value);
    int rank = shape.length;
    int width = steps[0].length;
    int[] perHead = new int[rank];
    Arrays.fill(perHead, 1);
    perHead[rank - 3 + tokenAxis] = width;
    if (rank >= 3) {
      perHead[rank - 3] = steps.length;
    }
    float[] inverses = new float[steps.length * width];
    float[] centres = new float[inverses.length];
    for (int head = 0; head < steps.length; head++) {
      for (int i = 0; i < width; i++) {
        inverses[head * width + i] = Codes.inverse(steps[head][i]);
        centres[head * width + i] =
            centre == null ? 0 : -centre.of(head, i) * inverses[head * width + i];
      }
    }
    LaneProgram.Builder p = LaneProgram.builder("scale", centre == null ? 2 : 3);
    LaneProgram.Value scaled = p.mul(p.input(0), p.input(1));
    List<Expression> arguments = new ArrayList<>();
    arguments.add(context.aligned(value, context.expression(value), rank));
    arguments.add(Expression.of(context.constant(name + "/inverse", inverses, perHead)));
    if (centre != null) {
      scaled = p.add(scaled, p.input(2));
      arguments.add(Expression.of(context.constant(name + "/centre", centres, perHead)));
    }
    return Codes.quantise(context, name, Expression.apply(p.build(scaled), shape, arguments));
  }
}
