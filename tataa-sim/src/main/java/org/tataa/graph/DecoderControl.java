package org.tataa.graph;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A value of a decoder that follows from its tokens and how many came before them: a mask, position
 * embeddings, a table of rotations. It is computed with the true number of tokens, whatever room
 * there is for more, and then padded to the shape it has when all room is taken.
 *
 * <p>What is padding are keys behind the last token, so its content does not matter: they are
 * hidden by a mask of their own.
 *
 * @param graph makes the value, its only output, from inputs with customary names
 * @param opset version of its operators
 * @param tokens name of the input of token ids, {@code [1][tokens]}
 * @param pastAxes for inputs that hold what earlier runs left: the axis of tokens
 * @param shown values of the graph of which only the shape is asked for: they are not computed
 */
public record DecoderControl(
    Graph graph, int opset, String tokens, Map<String, Integer> pastAxes, Set<String> shown) {
  /** Inputs beside tokens and the past whose values follow from lengths. */
  public static final Set<String> LENGTHS =
      Set.of(
          "attention_mask",
          "position_ids",
          "token_type_ids",
          "seqlens_k",
          "total_sequence_length",
          "past_sequence_length");

  /** Takes copies. */
  public DecoderControl {
    pastAxes = Map.copyOf(pastAxes);
    shown = Set.copyOf(shown);
  }

  /** The same with the values of all constants held. */
  DecoderControl held() {
    return new DecoderControl(graph.held(), opset, tokens, pastAxes, shown);
  }

  /**
   * Inputs of a decoder for tokens after some others.
   *
   * @param ids {@code [1][tokens]}, known or not
   * @param before number of tokens that came before
   * @param decoder its inputs
   * @throws GraphException if an input has no customary name or another shape
   */
  public static Map<String, NdTensor> inputs(
      Graph decoder, String tokens, Map<String, Integer> pastAxes, NdTensor ids, int before) {
    int count = ids.dim(-1);
    Map<String, NdTensor> values = new LinkedHashMap<>();
    for (Graph.Input input : decoder.inputs()) {
      Integer axis = pastAxes.get(input.name());
      if (input.name().equals(tokens)) {
        values.put(tokens, ids);
      } else if (axis != null) {
        int[] shape = input.dims().stream().mapToInt(dim -> dim < 0 ? 1 : dim).toArray();
        shape[axis] = before;
        values.put(input.name(), NdTensor.unknown(input.type(), shape));
      } else {
        values.put(input.name(), length(decoder, input, count, before));
      }
    }
    return values;
  }

  private static NdTensor length(Graph decoder, Graph.Input input, int count, int before) {
    int all = before + count;
    long[] values =
        switch (input.name()) {
          case "attention_mask" -> filled(all, 1);
          case "token_type_ids" -> new long[count];
          case "position_ids" -> {
            long[] positions = new long[count];
            Arrays.setAll(positions, i -> before + i);
            yield positions;
          }
          case "seqlens_k" -> new long[] {all - 1};
          case "total_sequence_length" -> new long[] {all};
          case "past_sequence_length" -> new long[] {before};
          default -> null;
        };
    if (values == null || input.type() == ElementType.FLOAT || input.dims().size() > 2) {
      throw new GraphException(
          decoder.name()
              + ": input "
              + input
              + " is none of a decoder, expected tokens, past keys and values, and integers "
              + LENGTHS);
    }
    int[] shape = new int[input.dims().size()];
    Arrays.fill(shape, 1);
    if (shape.length > 0) {
      shape[shape.length - 1] = values.length;
    }
    return NdTensor.ofLongs(input.type(), values, shape);
  }

  private static long[] filled(int count, long value) {
    long[] values = new long[count];
    Arrays.fill(values, value);
    return values;
  }

  /**
   * The value.
   *
   * @param ids {@code [1][tokens]}; if they are not known, what follows from them is not either
   * @param before number of tokens that came before
   */
  public NdTensor value(NdTensor ids, int before) {
    Map<String, NdTensor> values = graph.constants();
    values.putAll(inputs(graph, tokens, pastAxes, ids, before));
    Operators operators = new Operators(opset);
    for (Node node : graph.nodes()) {
      boolean isShown = shown.contains(node.output());
      @Nullable NdTensor[] in = new NdTensor[node.inputs().size()];
      for (int i = 0; i < in.length; i++) {
        NdTensor input = values.get(node.inputs().get(i));
        boolean isHidden = isShown && input != null && input.type() == ElementType.FLOAT;
        in[i] = input != null && isHidden ? input.withoutData() : input;
      }
      NdTensor[] out = operators.apply(node, in);
      for (int i = 0; i < Math.min(out.length, node.outputs().size()); i++) {
        values.put(node.outputs().get(i), out[i]);
      }
    }
    NdTensor value = values.get(graph.outputs().get(0));
    if (value == null) {
      throw new GraphException(graph.name() + ": nothing gives `" + graph.outputs().get(0) + "`");
    }
    return value;
  }

  NdTensor apply(NdTensor ids, NdTensor position, int capacity) {
    NdTensor full = value(ids.withoutData(), capacity - ids.dim(-1));
    if (!position.isKnown() || !ids.isKnown()) {
      return full.withoutData();
    }
    NdTensor value = value(ids, (int) position.at(0));
    return Arrays.equals(value.shape(), full.shape()) ? value : padded(value, full.shape());
  }

  private NdTensor padded(NdTensor value, int[] shape) {
    boolean fits = value.rank() == shape.length;
    for (int axis = 0; fits && axis < shape.length; axis++) {
      fits = value.dim(axis) <= shape[axis];
    }
    if (!fits) {
      throw new GraphException(
          "value `"
              + graph.outputs().get(0)
              + "` "
              + value
              + " cannot be padded to "
              + Arrays.toString(shape));
    }
    int[] indices = new int[NdTensor.resultElements(shape)];
    for (int i = 0; i < indices.length; i++) {
      int rest = i;
      int stride = 1;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        indices[i] += Math.min(rest % shape[axis], value.dim(axis) - 1) * stride;
        stride *= value.dim(axis);
        rest /= shape[axis];
      }
    }
    return DataMovement.take(value, shape, indices, 0);
  }
}
