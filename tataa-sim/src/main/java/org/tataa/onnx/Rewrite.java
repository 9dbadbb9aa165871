package org.tataa.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.graph.OnnxTypes;
import org.tataa.graph.Operators;

/**
 * A graph while it is rewritten, node by node in the order of the file. What a rule adds for a node
 * is named after that node's first output.
 */
final class Rewrite {
  /** Replaces a node by what it adds. */
  @FunctionalInterface
  interface Rule {
    /** Adds nodes that make the outputs of a node. */
    void apply(Node node, Rewrite to);
  }

  private static final Map<String, Rule> RULES = new HashMap<>();

  static {
    OldForms.register(RULES);
    NewForms.register(RULES);
    BatchNormalisation.register(RULES);
    RotaryForms.register(RULES);
    StandardAttention.register(RULES);
    RuntimeAttention.register(RULES);
    GroupedAttention.register(RULES);
    RuntimeForms.register(RULES);
    PackedWeights.register(RULES);
  }

  /** Operators whose integers must wrap around as those of their type do. */
  private static final Set<String> WRAPPING =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Pow",
          "Neg",
          "Abs",
          "Sum",
          "BitShift",
          "BitwiseNot",
          "CumSum",
          "CumProd",
          "CastLike",
          "MatMul",
          "Gemm",
          "ReduceSum",
          "ReduceProd",
          "ReduceSumSquare",
          "QuantizeLinear",
          "QLinearMatMul",
          "QLinearConv");

  private final int opset;
  private final Map<String, NdTensor> constants;
  private final Map<String, NdTensor> constantNodes = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Node> producers = new HashMap<>();
  private final ValueTypes types;
  private final ShapeGuess shapes;
  private final Map<String, Integer> uses;
  private Node current = new Node("", "", List.of(), List.of(), Map.of());
  private int made;

  Rewrite(
      int opset,
      List<Graph.Input> inputs,
      Map<String, NdTensor> constants,
      ValueTypes types,
      Map<String, Integer> uses) {
    this.opset = opset;
    this.constants = constants;
    this.types = types;
    this.uses = uses;
    shapes = new ShapeGuess(inputs);
    constants.forEach(shapes::constant);
  }

  /** Whether a rule exists for an operator, so that it need not be known to the evaluator. */
  static boolean hasRule(String op) {
    return RULES.containsKey(op);
  }

  Map<String, NdTensor> constants() {
    return constants;
  }

  List<Node> nodes() {
    return nodes;
  }

  /** Version of the operators of the file. */
  int opset() {
    return opset;
  }

  /** Takes a node of the file. */
  void take(Node node) {
    current = node;
    made = 0;
    Rule rule = RULES.get(node.op());
    if (rule == null) {
      add(node);
      return;
    }
    try {
      rule.apply(node, this);
    } catch (GraphException e) {
      throw new GraphException(node + ": " + e.getMessage(), e);
    }
  }

  /** Adds a node as it is. */
  void add(Node node) {
    types.infer(node);
    int type = node.outputs().isEmpty() ? 0 : types.of(node.output());
    boolean isWrapping = WRAPPING.contains(node.op()) && isNarrowInteger(type);
    Node typed = isWrapping ? typed(node, type) : node;
    if (node.op().equals("Constant") && node.attributes().get("value") instanceof NdTensor value) {
      constantNodes.put(node.output(), value);
    }
    nodes.add(typed);
    typed.outputs().forEach(output -> producers.put(output, typed));
    shapes.add(typed);
  }

  private static Node typed(Node node, long type) {
    Map<String, Object> attributes = new HashMap<>(node.attributes());
    attributes.put(Operators.ELEMENT_TYPE, type);
    return new Node(node.name(), node.op(), node.inputs(), node.outputs(), attributes);
  }

  private static boolean isNarrowInteger(int type) {
    return switch (type) {
      case 2, 3, 4, 5, 6, 12, 21, 22, 25, 26 -> true;
      default -> false;
    };
  }

  /** How often a value of the file is read, by nodes or as an output. */
  int uses(String value) {
    return uses.getOrDefault(value, 0);
  }

  /** The node added for a value, or null. */
  @Nullable Node producer(String value) {
    return producers.get(value);
  }

  /** Takes back a node that was added. */
  void remove(Node node) {
    nodes.remove(node);
    node.outputs().forEach(producers::remove);
  }

  /** ONNX type of a value, 0 if unknown. */
  int type(String value) {
    return types.of(value);
  }

  /** The constant of a name, or null. */
  @Nullable NdTensor constant(String value) {
    return constants.getOrDefault(value, constantNodes.get(value));
  }

  /**
   * The constant of an input.
   *
   * @throws GraphException if it is computed
   */
  NdTensor requireConstant(Node node, int input, String role) {
    NdTensor value = constant(node.input(input));
    if (value == null) {
      throw new GraphException("input " + input + " (" + role + ") must be a constant");
    }
    return value;
  }

  /** Rank of a value, -1 if unknown. */
  int rank(String value) {
    NdTensor shape = shapes.of(value);
    return shape == null ? -1 : shape.rank();
  }

  /**
   * Rank of an input.
   *
   * @throws GraphException if it is unknown
   */
  int requireRank(String value, String role) {
    int rank = rank(value);
    if (rank < 0) {
      throw new GraphException("the rank of " + role + " `" + value + "` is not known");
    }
    return rank;
  }

  /**
   * A dimension of a value that the file fixes.
   *
   * @throws GraphException if it is unknown
   */
  int requireDim(String value, int axis, String role) {
    NdTensor shape = shapes.of(value);
    if (shape == null || axis >= shape.rank() || shape.dim(axis) == ShapeGuess.OPEN) {
      throw new GraphException("the number of " + role + " `" + value + "` is not known");
    }
    return shape.dim(axis);
  }

  /** Whether two values are known to have as many elements along an axis. */
  boolean isSameDim(String a, String b, int axis) {
    NdTensor first = shapes.of(a);
    NdTensor second = shapes.of(b);
    return first != null
        && second != null
        && first.rank() > axis
        && second.rank() > axis
        && first.dim(axis) != ShapeGuess.OPEN
        && first.dim(axis) == second.dim(axis);
  }

  private String fresh(String what) {
    return current.output() + "/" + what + "." + made++;
  }

  /** Adds an operator; returns the name of its result. */
  String op(String type, Map<String, Object> attributes, String... inputs) {
    String name = fresh(type);
    add(new Node(name, type, List.of(inputs), List.of(name), attributes));
    return name;
  }

  /** Adds an operator without attributes. */
  String op(String type, String... inputs) {
    return op(type, Map.of(), inputs);
  }

  /** Adds an operator with several results. */
  List<String> ops(String type, int count, Map<String, Object> attributes, String... inputs) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(fresh(type));
    }
    add(new Node(names.get(0), type, List.of(inputs), names, attributes));
    return names;
  }

  /** Adds the operator that makes an output of the current node, if anybody wants it. */
  void result(int output, String type, Map<String, Object> attributes, String... inputs) {
    if (output < current.outputs().size() && !current.outputs().get(output).isEmpty()) {
      String name = current.outputs().get(output);
      String label = output == 0 ? current.name() : name;
      add(new Node(label, type, List.of(inputs), List.of(name), attributes));
    }
  }

  /** Adds the operator that makes an output of the current node, if anybody wants it. */
  void result(int output, String type, String... inputs) {
    result(output, type, Map.of(), inputs);
  }

  /** Whether anybody wants an output of the current node. */
  boolean isWanted(int output) {
    return output < current.outputs().size() && !current.outputs().get(output).isEmpty();
  }

  /** Adds a constant. */
  String value(NdTensor value) {
    String name = fresh("constant");
    constants.put(name, value);
    shapes.constant(name, value);
    types.put(
        name,
        switch (value.type()) {
          case FLOAT -> OnnxTypes.number("FLOAT");
          case INT -> OnnxTypes.number("INT64");
          case BOOL -> OnnxTypes.number("BOOL");
        });
    return name;
  }

  /** Adds a vector of integers. */
  String longs(long... values) {
    return value(NdTensor.of(values, values.length));
  }

  /** Adds an integer without dimensions. */
  String scalar(long value) {
    return value(NdTensor.of(new long[] {value}));
  }

  /** Adds a number. */
  String number(double value) {
    return value(NdTensor.of(new float[] {(float) value}));
  }

  /** Dimensions of a value, as a vector. */
  String dims(String value, long from, long to) {
    return op("Shape", Map.of("start", from, "end", to), value);
  }
}
