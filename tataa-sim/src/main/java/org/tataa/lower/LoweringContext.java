package org.tataa.lower;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.function.LaneProgram;
import org.tataa.graph.ElementType;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.tensor.ConstantOp;
import org.tataa.tensor.DownloadOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.HostFunction;
import org.tataa.tensor.HostOp;
import org.tataa.tensor.HostValues;
import org.tataa.tensor.InputOp;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.Movement;
import org.tataa.tensor.SampledHash;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.UploadOp;
import org.tataa.tensor.Value;
import org.tataa.tensor.ViewOp;

/** A graph that is being lowered: which of its values are where, and the operations so far. */
final class LoweringContext implements Expression.Rows {
  final Graph graph;
  final int opset;
  final LoweringOptions options;
  final Ranges ranges;
  final KnownWeights known;
  final Codes.Cache codes = new Codes.Cache();
  private final Map<String, NdTensor> shapes;
  private final HostSide hostSide;
  private final Dispatch dispatch;
  private final List<TensorOp> ops = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private final Map<String, Value> host = new HashMap<>();
  private final Map<String, Expression> device = new HashMap<>();
  private final Map<Constant, Value> constants = new HashMap<>();

  /** A constant, compared by its elements. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Constant(Element element, short[] bits, int[] shape) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Constant constant
          && constant.element == element
          && Arrays.equals(constant.shape, shape)
          && Arrays.equals(constant.bits, bits);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(shape) + SampledHash.of(bits.length, i -> bits[i]);
    }
  }

  LoweringContext(
      Graph graph,
      int opset,
      Map<String, NdTensor> inputs,
      LoweringOptions options,
      Ranges ranges,
      KnownWeights known) {
    this.graph = graph;
    this.opset = opset;
    this.options = options;
    this.ranges = ranges;
    this.known = known;
    Map<String, NdTensor> unknown = new HashMap<>();
    inputs.forEach((name, value) -> unknown.put(name, value.withoutData()));
    shapes = new Evaluator(graph, opset).all(unknown);
    hostSide = new HostSide(graph, shapes);
    dispatch = new Dispatch(this);
    // Inputs come first, used or not, so that every run can be given the same.
    for (Graph.Input input : graph.inputs()) {
      Value value = new Value(unique(input.name()), Element.HOST, shape(input.name()));
      ops.add(new InputOp(value, input.type()));
      host.put(input.name(), value);
    }
  }

  /**
   * Lowers what several readers want in the order of the graph, so that no chain of readers is
   * followed over the whole model.
   */
  void lowerShared() {
    for (Node node : graph.nodes()) {
      for (String output : node.outputs()) {
        if (!output.isEmpty()
            && !isHost(output)
            && !dispatch.isHostOnly(node)
            && readers(output) > 1) {
          expression(output);
        }
      }
    }
  }

  List<TensorOp> ops() {
    return ops;
  }

  int[] shape(String value) {
    return tensor(value).shape();
  }

  /** Whether anything gives a graph's value: an operator may leave optional outputs out. */
  boolean hasValue(String value) {
    return graph.constant(value) != null || shapes.containsKey(value);
  }

  /**
   * Type and shape of a graph's value, with its elements if they are constant.
   *
   * @throws GraphException if nothing gives it
   */
  NdTensor tensor(String value) {
    NdTensor constant = graph.constant(value);
    NdTensor shape = constant == null ? shapes.get(value) : constant;
    if (shape == null) {
      throw new GraphException("nothing gives a value `" + value + "`");
    }
    return shape;
  }

  boolean isHost(String value) {
    return hostSide.has(value);
  }

  // --- making operations ---

  String unique(String name) {
    String candidate = name;
    for (int i = 2; !names.add(candidate); i++) {
      candidate = name + "." + i;
    }
    return candidate;
  }

  Value value(String name, Element element, int... shape) {
    return new Value(unique(name), element, shape);
  }

  void add(TensorOp op) {
    ops.add(op);
  }

  @Override
  public Value row(float[] values, int rank) {
    int[] shape = new int[Math.max(1, rank)];
    Arrays.fill(shape, 1);
    shape[shape.length - 1] = values.length;
    return constant("row", values, shape);
  }

  /** A bfloat16 constant; equal ones are one. */
  Value constant(String name, float[] values, int... shape) {
    short[] bits = new short[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = HostValues.pattern(values[i]);
    }
    return constant(name, Element.BF16, bits, shape);
  }

  Value constant(String name, Element element, short[] bits, int... shape) {
    return constants.computeIfAbsent(
        new Constant(element, bits, shape),
        unused -> {
          Value value = value(name, element, shape);
          add(new ConstantOp(bits, value));
          return value;
        });
  }

  /** An expression as a value in memory. */
  Value materialise(String name, Expression expression) {
    Expression plain = expression.plain(this);
    if (plain.isValue() && Arrays.equals(plain.operands.get(0).shape(), plain.shape)) {
      return plain.operands.get(0);
    }
    Value result = value(name, Element.BF16, plain.shape);
    add(new MapOp(plain.program, plain.operands, result));
    return result;
  }

  /** A value under another shape of the same elements. */
  Value reshaped(Value value, int... shape) {
    if (Arrays.equals(value.shape(), shape)) {
      return value;
    }
    return viewed(new Movement.Reshape(), value, shape);
  }

  Value viewed(Movement movement, Value operand, int... shape) {
    Value result = value(operand.name() + "/view", operand.element(), shape);
    add(new ViewOp(movement, operand, result));
    return result;
  }

  /** Elements of one axis from one on, as many as the shape has. */
  Value sliced(Value operand, int axis, int from, int... shape) {
    int[] starts = new int[shape.length];
    starts[axis] = from;
    int[] steps = new int[shape.length];
    Arrays.fill(steps, 1);
    return viewed(new Movement.Slice(starts, steps), operand, shape);
  }

  Value onHost(HostFunction function, List<Value> operands, String name, int... shape) {
    Value result = value(name, Element.HOST, shape);
    add(new HostOp(function, operands, List.of(result)));
    return result;
  }

  Value uploaded(String name, Value hostValue) {
    Value result = value(name, Element.BF16, hostValue.shape());
    add(new UploadOp(hostValue, result));
    return result;
  }

  // --- values of the graph ---

  /** A value of the graph on the host. */
  Value host(String name) {
    Value known = host.get(name);
    if (known != null) {
      return known;
    }
    Value made;
    NdTensor constant = graph.constant(name);
    Node node = graph.producer(name);
    if (constant != null) {
      made = onHost(new HostWork.Constant(constant), List.of(), name, constant.shape());
    } else if (node != null && (isHost(name) || dispatch.isHostOnly(node))) {
      return work(node, name);
    } else {
      Value value = materialised(name);
      made = value(name + "/host", Element.HOST, value.shape());
      add(new DownloadOp(value, made));
    }
    host.put(name, made);
    return made;
  }

  // A node executed by the host.
  private Value work(Node node, String wanted) {
    List<Value> operands = new ArrayList<>();
    List<Integer> given = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      if (!node.inputs().get(i).isEmpty()) {
        operands.add(host(node.inputs().get(i)));
        given.add(i);
      }
    }
    List<Value> results = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < node.outputs().size(); i++) {
      String output = node.outputs().get(i);
      if (hasValue(output)) {
        Value result = value(output, Element.HOST, shape(output));
        results.add(result);
        numbers.add(i);
        host.put(output, result);
      }
    }
    add(new HostOp(new HostWork.Operator(node, opset, given, numbers), operands, results));
    Value result = host.get(wanted);
    if (result == null) {
      throw new IllegalStateException(node + " makes no " + wanted);
    }
    return result;
  }

  /** A value of the graph as an expression; in memory if more than one reader wants it. */
  Expression expression(String name) {
    Expression known = device.get(name);
    if (known == null) {
      known = compute(name);
      if (readers(name) > 1) {
        known = Expression.of(materialise(name, known));
      }
      device.put(name, known);
    }
    return known;
  }

  private Expression compute(String name) {
    NdTensor constant = graph.constant(name);
    if (constant != null) {
      float[] values = new float[constant.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) constant.at(i);
      }
      return Expression.of(constant(name, values, constant.shape()));
    }
    Node node = graph.producer(name);
    if (node == null || isHost(name) || dispatch.isHostOnly(node)) {
      return Expression.of(uploaded(name + "/device", host(name)));
    }
    Expression result = dispatch.lower(node, name);
    if (!Arrays.equals(result.shape, shape(name))) {
      return Expression.of(reshaped(materialise(name, result), shape(name)));
    }
    return result;
  }

  /** A value of the graph in the device's memory. */
  Value materialised(String name) {
    Expression expression = expression(name);
    if (!expression.isValue()) {
      expression = Expression.of(materialise(name, expression));
      device.put(name, expression);
    }
    return expression.operands.get(0);
  }

  // Products read codes, which all of them share.
  private int readers(String name) {
    Set<String> readers = new LinkedHashSet<>();
    for (Node node : graph.consumers(name)) {
      boolean readsCodes = node.op().equals("Linear") && node.input(0).equals(name);
      readers.add(readsCodes ? "product" : node.output());
    }
    return readers.size() + (graph.outputs().contains(name) ? 1 : 0);
  }

  // --- expressions ---

  /** A program of values of the graph, broadcast to a shape. */
  Expression apply(LaneProgram program, int[] shape, String... arguments) {
    List<Expression> expressions = new ArrayList<>();
    for (String argument : arguments) {
      expressions.add(aligned(argument, expression(argument), shape.length));
    }
    return Expression.apply(program, shape, expressions);
  }

  /** A plain expression whose operands have a rank. */
  Expression aligned(String name, Expression expression, int rank) {
    Expression plain = expression.plain(this);
    if (plain.shape.length == rank) {
      return plain;
    }
    int[] shape = new int[rank];
    Arrays.fill(shape, 1);
    System.arraycopy(plain.shape, 0, shape, rank - plain.shape.length, plain.shape.length);
    return Expression.of(reshaped(materialise(name, plain), shape));
  }

  /** One value per channel of a result's last axis if a graph's value is such a constant. */
  float @Nullable [] channelRow(String name, int[] shape) {
    NdTensor constant = graph.constant(name);
    int channels = shape.length == 0 ? 1 : shape[shape.length - 1];
    if (constant == null
        || constant.type() != ElementType.FLOAT
        || constant.rank() > shape.length) {
      return null;
    }
    if (constant.size() == 1) {
      float[] all = new float[channels];
      Arrays.fill(all, constant.floats()[0]);
      return all;
    }
    boolean isRow = constant.size() == channels && constant.dim(-1) == channels;
    return isRow ? constant.floats() : null;
  }
}
