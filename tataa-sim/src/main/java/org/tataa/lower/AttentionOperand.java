package org.tataa.lower;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

  AttentionOperand(
      LoweringContext context, String value, @Nullable Heads heads, int tokenAxis, String name) {
    this.context = context;
    this.value = value;
    this.heads = heads;
    this.tokenAxis = tokenAxis;
    this.name = name;
  }

  /**
   * Codes of the operand in its own shape.
   *
   * @param steps {@code [head][channel]}
   * @param centre what is taken away first, or null
   */
  Value codes(double[][] steps, @Nullable Centre centre) {
    Heads found = heads;
    Node producer = found == null ? null : context.graph.producer(found.anchor());
    if (found != null
        && producer != null
        && producer.op().equals("Linear")
        && linear.fits(context, producer)) {
      return ofLinear(found, producer, steps, centre);
    }
    return ofView(steps, centre);
  }

  // The channels that are wanted, head by head, each set of channels once.
  private Value ofLinear(Heads found, Node producer, double[][] steps, @Nullable Centre centre) {
    int[] slots = found.slots();
    int count = Arrays.stream(slots).max().orElse(0) + 1;
    int width = steps[0].length;
    int[] channels = new int[count * width];
    float[] inverses = new float[channels.length];
    float[] centres = new float[channels.length];
    for (int head = slots.length - 1; head >= 0; head--) {
      for (int i = 0; i < width; i++) {
        int at = slots[head] * width + i;
        channels[at] = found.channel()[head][i];
        inverses[at] = Codes.inverse(steps[head][i]);
        centres[at] = centre == null ? 0 : -centre.of(head, i);
      }
    }
    Expression selected = linear.select(context, producer, channels, name);
    if (centre != null) {
      selected = selected.plus(centres);
    }
    Value codes = Codes.quantise(context, name, selected.times(inverses));
    int[] shape = context.shape(value);
    int rank = shape.length;
    int tokens = shape[rank - tokenAxis];
    int[] split = shape.clone();
    if (rank == 2) {
      return tokenAxis == 2
          ? context.reshaped(codes, shape)
          : context.viewed(
              new Movement.Transpose(new int[] {1, 0}),
              context.reshaped(codes, tokens, width),
              shape);
    }
    split[rank - 3] = tokens;
    split[rank - 2] = count;
    split[rank - 1] = width;
    int[] axes = new int[rank];
    Arrays.setAll(axes, i -> i);
    axes[rank - 3] = rank - 2;
    axes[rank - 2] = tokenAxis == 2 ? rank - 3 : rank - 1;
    axes[rank - 1] = tokenAxis == 2 ? rank - 1 : rank - 3;
    int[] turned = shape.clone();
    turned[rank - 3] = count;
    Value view =
        context.viewed(new Movement.Transpose(axes), context.reshaped(codes, split), turned);
    return count == slots.length ? view : repeated(view, slots, shape);
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
