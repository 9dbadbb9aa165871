package org.tataa.lower;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.DecoderControl;
import org.tataa.graph.ElementType;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.graph.Operators;
import org.tataa.onnx.OnnxImporter;

/**
 * A decoder whose past keys and values stay on the device. In place of past inputs and present
 * outputs there are caches of a fixed number of slots; where new rows go, and how many of them
 * count, are inputs. So one program serves texts of all lengths up to its slots.
 *
 * <p>A key is in the slot of its token's number, whenever it was computed. What the host knows of
 * lengths (masks, positions) is computed with the true ones ({@link DecoderControl}); slots behind
 * the last token are hidden by a mask of their own.
 */
public final class CachedDecoder {
  /** Input: number of tokens before the given ones, an integer of no dimension. */
  public static final String POSITION = "position";

  /** Input: how many of the given tokens count, an integer of no dimension; others are padding. */
  public static final String COUNT = "count";

  /** Input: the numbers of the slots, {@code [slots]}. */
  public static final String SLOTS = "slots";

  // Behind the name of what the host knows, as it is computed with true lengths.
  private static final String LENGTHS = "/lengths";

  private static final String MASK = "cache_mask";

  private static final Set<String> PRODUCTS = Set.of("MatMul", "Gemm", "Conv", "Linear", "Softmax");

  private final Graph graph;
  private final int opset;
  private final int limit;
  private final String tokens;
  private final Map<Node, String> caches = new LinkedHashMap<>();
  private final Map<String, Integer> pastAxes = new LinkedHashMap<>();
  private final Map<String, Node> made = new LinkedHashMap<>();
  private final Map<String, NdTensor> constants;

  private CachedDecoder(OnnxImporter.Model model, int limit) {
    graph = model.graph();
    opset = model.opset();
    this.limit = limit;
    constants = graph.constants();
    tokens = tokens(graph);
    for (Node node : graph.nodes()) {
      String past = node.op().equals("Concat") ? past(node.input(0)) : null;
      if (past != null && node.inputs().size() == 2) {
        caches.put(node, past);
        pastAxes.put(past, axis(node) + rank(past) - 4);
      }
    }
  }

  /** Whether a model takes past keys and values, to which it appends new ones. */
  public static boolean hasPast(Graph graph) {
    for (Graph.Input input : graph.inputs()) {
      if (isPast(input)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isPast(Graph.Input input) {
    return input.type() == ElementType.FLOAT
        && input.name().startsWith("past")
        && input.dims().size() >= 4;
  }

  /**
   * Name of the input of token ids.
   *
   * @throws GraphException if there is none
   */
  public static String tokens(Graph graph) {
    String found = "";
    for (Graph.Input input : graph.inputs()) {
      if (input.type() == ElementType.INT
          && input.dims().size() == 2
          && !DecoderControl.LENGTHS.contains(input.name())) {
        found = found.isEmpty() || input.name().equals("input_ids") ? input.name() : found;
      }
    }
    if (found.isEmpty()) {
      throw new GraphException(
          graph.name() + ": no input of token ids, expected integers [batch][tokens]");
    }
    return found;
  }

  /**
   * Rewrites a decoder.
   *
   * @param model with past inputs
   * @param limit most slots of any cache; steps of codes are chosen for it, so that programs with
   *     fewer slots give the same values
   * @return a model with inputs for tokens, {@link #POSITION}, {@link #COUNT} and {@link #SLOTS},
   *     and the outputs that are no caches
   * @throws GraphException if it has no past inputs, or appends to them in another way
   */
  public static OnnxImporter.Model of(OnnxImporter.Model model, int limit) {
    return new OnnxImporter.Model(new CachedDecoder(model, limit).rewritten(), model.opset());
  }

  /**
   * Inputs of a rewritten decoder.
   *
   * @param model rewritten
   * @param ids tokens, those behind {@code count} padding
   * @param position number of tokens before
   * @param count tokens that count
   * @param slots slots of the caches
   */
  public static Map<String, NdTensor> inputs(
      Graph model, long[] ids, int position, int count, int slots) {
    long[] numbers = new long[slots];
    Arrays.setAll(numbers, i -> i);
    Map<String, NdTensor> inputs = new LinkedHashMap<>();
    inputs.put(tokens(model), NdTensor.of(ids, 1, ids.length));
    inputs.put(POSITION, NdTensor.of(new long[] {position}));
    inputs.put(COUNT, NdTensor.of(new long[] {count}));
    inputs.put(SLOTS, NdTensor.of(numbers, slots));
    return inputs;
  }

  /**
   * The name in a rewritten decoder of a value that nodes of the device read.
   *
   * @param value its name before
   */
  public static String rewritten(Graph model, String value) {
    return model.producer(value) == null ? value + LENGTHS : value;
  }

  private int rank(String input) {
    Graph.Input found = graph.input(input);
    return found == null ? 0 : found.dims().size();
  }

  private int axis(Node concat) {
    int axis = (int) concat.integer("axis", 0);
    return axis < 0 ? axis + 4 : axis;
  }

  // The past input whose elements, or some of them, a value shows; or null.
  private @Nullable String past(String value) {
    String at = value;
    while (true) {
      Graph.Input input = graph.input(at);
      if (input != null) {
        return isPast(input) ? at : null;
      }
      Node node = graph.producer(at);
      if (node == null
          || node.op().equals("Concat")
          || !(Operators.MOVEMENT.contains(node.op()) || node.op().equals("Cast"))) {
        return null;
      }
      at = node.input(0);
    }
  }

  private Graph rewritten() {
    for (Graph.Input input : graph.inputs()) {
      if (isPast(input) && !pastAxes.containsKey(input.name())) {
        throw new GraphException(
            graph.name() + ": nothing is appended to input " + input + " by Concat");
      }
    }
    if (caches.isEmpty()) {
      throw new GraphException(graph.name() + ": no past keys and values among its inputs");
    }
    Map<String, NdTensor> sample =
        DecoderControl.inputs(graph, tokens, pastAxes, NdTensor.unknown(ElementType.INT, 1, 2), 3);
    Map<String, NdTensor> values = new HashMap<>();
    new Evaluator(graph, opset).all(sample).forEach((k, v) -> values.put(k, v.withoutData()));
    HostSide host = new HostSide(graph, values);
    for (Node node : graph.nodes()) {
      put(caches.containsKey(node) ? cache(node) : device(node, host));
    }
    caches.forEach(this::before);
    mask();
    List<String> outputs = graph.outputs().stream().filter(output -> !isPresent(output)).toList();
    if (outputs.isEmpty()) {
      throw new GraphException(graph.name() + ": no output beside keys and values");
    }
    return needed(outputs, host);
  }

  private void put(Node node) {
    node.outputs().forEach(output -> made.put(output, node));
  }

  private Node cache(Node concat) {
    return new Node(
        concat.name(),
        Operators.CACHE,
        List.of(concat.input(1), POSITION, SLOTS),
        concat.outputs(),
        Map.of("axis", (long) axis(concat), "limit", (long) limit));
  }

  // Only shapes of the past are still asked for.
  private void before(Node concat, String past) {
    if (rank(past) == 4) {
      put(
          new Node(
              past,
              Operators.CACHE_BEFORE,
              List.of(concat.input(1), POSITION, SLOTS),
              List.of(past),
              Map.of("axis", (long) axis(concat))));
    }
  }

  // A node of the device reads what the host knows as computed with true lengths.
  private Node device(Node node, HostSide host) {
    if (node.outputs().stream().allMatch(output -> output.isEmpty() || host.has(output))) {
      return node;
    }
    List<String> inputs = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      String input = node.input(i);
      boolean isShape =
          i > 0 && Operators.MOVEMENT.contains(node.op()) && !node.op().equals("Concat");
      boolean isControl =
          !input.isEmpty()
              && !isShape
              && graph.constant(input) == null
              && host.has(input)
              && !input.equals(tokens);
      inputs.add(isControl ? control(input, input + LENGTHS, host) : input);
    }
    if (node.op().equals("Softmax") && readsCache(node.input(0))) {
      String masked = node.output() + "/masked";
      put(new Node(masked, "Add", List.of(inputs.get(0), MASK), List.of(masked), Map.of()));
      inputs.set(0, masked);
    }
    return new Node(node.name(), node.op(), inputs, node.outputs(), node.attributes());
  }

  private String control(String value, String result, HostSide host) {
    if (made.containsKey(result) || constants.containsKey(result)) {
      return result;
    }
    Graph part = graph.withOutputs(List.of(value));
    Set<String> read = new HashSet<>(part.outputs());
    Set<String> shown = new HashSet<>();
    for (Node node : part.nodes()) {
      read.addAll(node.inputs());
      node.outputs().stream()
          .filter(output -> !output.isEmpty() && !host.has(output))
          .forEach(shown::add);
    }
    List<Graph.Input> inputs =
        graph.inputs().stream().filter(input -> read.contains(input.name())).toList();
    DecoderControl control =
        new DecoderControl(
            new Graph(graph.name(), inputs, part.constants(), part.nodes(), part.outputs()),
            opset,
            tokens,
            pastAxes,
            shown);
    NdTensor some = control.value(NdTensor.unknown(ElementType.INT, 1, 2), 3);
    NdTensor other = control.value(NdTensor.unknown(ElementType.INT, 1, 3), 5);
    if (isSame(some, other)) {
      constants.put(result, some);
      return result;
    }
    Map<String, Object> attributes =
        Map.of("part", control, "embedding", host.isControl(value) ? 0L : 1L);
    List<String> lengths = List.of(tokens, POSITION, SLOTS);
    put(new Node(result, Operators.CONTROL, lengths, List.of(result), attributes));
    return result;
  }

  // Whether a value follows from neither tokens nor lengths, as a scale that is computed from the
  // number of features.
  private static boolean isSame(NdTensor a, NdTensor b) {
    if (!a.isKnown() || !b.isKnown() || !Arrays.equals(a.shape(), b.shape())) {
      return false;
    }
    return a.type() == ElementType.FLOAT
        ? Arrays.equals(a.floats(), b.floats())
        : Arrays.equals(a.longs(), b.longs());
  }

  // Whether scores of cached keys are behind a value, up to the first product.
  private boolean readsCache(String value) {
    Deque<String> open = new ArrayDeque<>(List.of(value));
    Set<String> seen = new HashSet<>();
    while (!open.isEmpty()) {
      Node node = graph.producer(open.pop());
      if (node == null || !seen.add(node.output())) {
        continue;
      }
      if (node.op().equals("MatMul")) {
        if (node.inputs().stream().anyMatch(this::isPresent)) {
          return true;
        }
      } else if (!PRODUCTS.contains(node.op())) {
        node.inputs().stream().filter(input -> !input.isEmpty()).forEach(open::push);
      }
    }
    return false;
  }

  // Whether a value shows elements of a cache, only moved or multiplied by a number.
  private boolean isPresent(String value) {
    Node node = graph.producer(value);
    if (node == null) {
      return false;
    }
    if (caches.containsKey(node)) {
      return true;
    }
    boolean moves =
        Operators.MOVEMENT.contains(node.op()) || Set.of("Cast", "Mul", "Div").contains(node.op());
    return moves && isPresent(node.input(0));
  }

  // Tokens that count see the slots up to the last one of them; padding sees itself too, so that
  // there is a key for it however narrow a window is.
  private void mask() {
    constants.put(MASK + "/visible", NdTensor.of(new float[1]));
    constants.put(MASK + "/hidden", NdTensor.of(new float[] {Float.NEGATIVE_INFINITY}));
    constants.put(MASK + "/0", NdTensor.of(new long[] {0}));
    constants.put(MASK + "/1", NdTensor.of(new long[] {1}));
    constants.put(MASK + "/axis", NdTensor.of(new long[] {1}, 1));
    op("Shape", MASK + "/shape", tokens);
    op("Gather", MASK + "/tokens", MASK + "/shape", MASK + "/1");
    op("Range", MASK + "/numbers", MASK + "/0", MASK + "/tokens", MASK + "/1");
    op("Less", MASK + "/counts", MASK + "/numbers", COUNT);
    op("Where", MASK + "/seen", MASK + "/counts", COUNT, MASK + "/tokens");
    op("Add", MASK + "/end", POSITION, MASK + "/seen");
    op("Unsqueeze", MASK + "/column", MASK + "/end", MASK + "/axis");
    op("Less", MASK + "/condition", SLOTS, MASK + "/column");
    op("Where", MASK, MASK + "/condition", MASK + "/visible", MASK + "/hidden");
  }

  private void op(String type, String result, String... inputs) {
    put(new Node(result, type, List.of(inputs), List.of(result), Map.of()));
  }

  // What outputs need. Inputs of which only the shape is still wanted follow from lengths.
  private Graph needed(List<String> outputs, HostSide host) {
    Deque<String> open = new ArrayDeque<>(outputs);
    Set<String> seen = new HashSet<>();
    Set<Node> nodes = new HashSet<>();
    Set<String> own = Set.of(tokens, POSITION, COUNT, SLOTS);
    while (!open.isEmpty()) {
      String value = open.pop();
      if (value.isEmpty() || !seen.add(value) || constants.containsKey(value)) {
        continue;
      }
      if (!made.containsKey(value) && !own.contains(value)) {
        control(value, value, host);
      }
      Node node = made.get(value);
      if (node != null) {
        nodes.add(node);
        node.inputs().forEach(open::push);
      }
    }
    constants.keySet().retainAll(seen);
    List<Node> order = made.values().stream().distinct().filter(nodes::contains).toList();
    List<Graph.Input> inputs =
        List.of(
            new Graph.Input(tokens, ElementType.INT, List.of(1, -1), List.of("", "tokens")),
            new Graph.Input(POSITION, ElementType.INT, List.of(), List.of()),
            new Graph.Input(COUNT, ElementType.INT, List.of(), List.of()),
            new Graph.Input(SLOTS, ElementType.INT, List.of(-1), List.of("slots")));
    return new Graph(graph.name(), inputs, constants, order, outputs);
  }
}
