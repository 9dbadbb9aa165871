package org.tataa.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;

/**
 * What is done before the items of a pair have rows, as the patches of an image: once for each
 * item, up to the first value with as many rows as a block has to be shared for.
 */
final class ApartRule {
  private ApartRule() {}

  /** Whether a node reads values of items apart. */
  static boolean fits(PackContext context, Node node) {
    return node.inputs().stream()
        .anyMatch(
            input ->
                !input.isEmpty()
                    && !context.isConstant(input)
                    && context.form(input) instanceof Form.Apart);
  }

  /** Adds a node for each item, and joins results that have rows. */
  static void pack(PackContext context, Node node) {
    for (int item = 0; item < context.items(); item++) {
      List<String> inputs = new ArrayList<>();
      for (String input : node.inputs()) {
        inputs.add(input.isEmpty() ? input : own(context, node, input, item));
      }
      List<String> outputs = new ArrayList<>();
      for (String output : node.outputs()) {
        outputs.add(output.isEmpty() ? output : Form.Apart.name(output, item));
      }
      context
          .nodes()
          .add(
              new Node(
                  Form.Apart.name(node.name(), item),
                  node.op(),
                  inputs,
                  outputs,
                  node.attributes()));
    }
    for (String output : node.outputs()) {
      if (!output.isEmpty()) {
        made(context, node, output);
      }
    }
  }

  private static String own(PackContext context, Node node, String input, int item) {
    if (!context.isConstant(input)) {
      if (!(context.form(input) instanceof Form.Apart)) {
        throw PackContext.cannot(node);
      }
      return Form.Apart.name(input, item);
    }
    return context.isShared(input)
        ? context.shared(node, input)
        : context.constant(Form.Apart.name(input, item), context.of(input, item));
  }

  /** Notes values of items, and joins them if they have rows. */
  static void made(PackContext context, Node node, String value) {
    for (int item = 0; item < context.items(); item++) {
      context.copies().put(Form.Apart.name(value, item), value);
    }
    int rank = context.rank(value);
    int[] axes =
        IntStream.range(-rank, 0)
            .filter(axis -> context.places().isPair(context.sizes(value, axis)))
            .toArray();
    if (axes.length > 1) {
      throw PackContext.cannot(node);
    }
    Form form = axes.length == 0 ? new Form.Apart() : new Form.Along(axes[0]);
    context.put(node, value, form);
    if (axes.length == 1) {
      join(context, value, axes[0] + rank);
    }
  }

  private static void join(PackContext context, String value, int axis) {
    int[] sizes = context.sizes(value, axis - context.rank(value));
    int[] offsets = context.places().offsets(sizes);
    List<String> parts = new ArrayList<>();
    int at = 0;
    for (int item = 0; item < sizes.length; item++) {
      pad(context, value, axis, offsets[item] - at, parts);
      parts.add(Form.Apart.name(value, item));
      at = offsets[item] + sizes[item];
    }
    pad(context, value, axis, context.places().total(sizes) - at, parts);
    context.extra(value, "Concat", parts, Map.of("axis", (long) axis));
  }

  private static void pad(
      PackContext context, String value, int axis, int rows, List<String> parts) {
    if (rows > 0) {
      NdTensor like = context.of(value, 0);
      int[] shape = like.shape();
      shape[axis] = rows;
      ElementType type = like.type();
      parts.add(
          context.constant(
              "packed padding/" + type + Arrays.toString(shape), Tensors.zeros(type, shape)));
    }
  }
}
