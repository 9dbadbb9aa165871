package org.tataa.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What each operator does (ONNX opsets 13 to 21). Unknown values in, unknown values of the right
 * shape out: one implementation for shape inference, constant folding and execution.
 */
public final class Operators {
  /** Operator names made by pattern matching, beside those of ONNX. */
  public static final Set<String> FUSED = Set.of("Linear", "Silu", "RMSNormalization", "Patches");

  /** Operators that only move elements of their first input (all inputs for Concat). */
  public static final Set<String> MOVEMENT =
      Set.of(
          "Identity",
          "Dropout",
          "Reshape",
          "Flatten",
          "Squeeze",
          "Unsqueeze",
          "Transpose",
          "Concat",
          "Split",
          "Slice",
          "Gather",
          "Expand",
          "Tile",
          "Pad",
          "Patches");

  private static final Set<String> OTHERS =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Pow",
          "Mod",
          "Min",
          "Max",
          "Neg",
          "Abs",
          "Sqrt",
          "Reciprocal",
          "Exp",
          "Log",
          "Erf",
          "Tanh",
          "Sigmoid",
          "Relu",
          "Sin",
          "Cos",
          "Floor",
          "Ceil",
          "Round",
          "Sign",
          "Not",
          "Equal",
          "Less",
          "LessOrEqual",
          "Greater",
          "GreaterOrEqual",
          "And",
          "Or",
          "Xor",
          "Where",
          "Cast",
          "CastLike",
          "Clip",
          "Constant",
          "ConstantOfShape",
          "Shape",
          "Size",
          "Range",
          "Trilu",
          "CumSum",
          "IsNaN",
          "Softplus",
          "ReduceMean",
          "ReduceSum",
          "ReduceMax",
          "ReduceMin",
          "ReduceProd",
          "ReduceSumSquare",
          "ReduceL2",
          "Softmax",
          "LogSoftmax",
          "LayerNormalization",
          "SimplifiedLayerNormalization",
          "Gelu",
          "MatMul",
          "Gemm",
          "Conv",
          "GlobalAveragePool");

  private final int opset;

  /** The operators of an opset. */
  public Operators(int opset) {
    this.opset = opset;
  }

  /** Whether an operator is known. */
  public static boolean isKnown(String op) {
    return OTHERS.contains(op) || MOVEMENT.contains(op) || FUSED.contains(op);
  }

  /**
   * Applies a node.
   *
   * @param in values of the inputs, null for those left out
   * @return one value per output of the operator
   * @throws GraphException naming the node if it is unknown or its inputs do not fit
   */
  public NdTensor[] apply(Node node, @Nullable NdTensor[] in) {
    try {
      return dispatch(node, new Arguments(in));
    } catch (GraphException e) {
      throw new GraphException(node + ": " + e.getMessage(), e);
    } catch (ArithmeticException | IndexOutOfBoundsException | NegativeArraySizeException e) {
      throw new GraphException(node + ": inputs do not fit: " + e.getMessage(), e);
    }
  }

  /** Inputs of a node. */
  private static final class Arguments {
    private final @Nullable NdTensor[] values;

    Arguments(@Nullable NdTensor[] values) {
      this.values = values;
    }

    NdTensor get(int number) {
      NdTensor value = orNull(number);
      if (value == null) {
        throw new GraphException("input " + number + " is missing");
      }
      return value;
    }

    @Nullable NdTensor orNull(int number) {
      return number < values.length ? values[number] : null;
    }

    int count() {
      return values.length;
    }
  }

  private NdTensor[] dispatch(Node node, Arguments in) {
    return switch (node.op()) {
      case "Split" -> split(node, in);
      case "Constant" -> one(constant(node));
      default -> one(single(node, in));
    };
  }

  private static NdTensor[] one(NdTensor value) {
    return new NdTensor[] {value};
  }

  private NdTensor single(Node node, Arguments in) {
    return switch (node.op()) {
      case "Add" -> Elementwise.binary(in.get(0), in.get(1), Double::sum, Long::sum);
      case "Sub" -> Elementwise.binary(in.get(0), in.get(1), (a, b) -> a - b, (a, b) -> a - b);
      case "Mul" -> Elementwise.binary(in.get(0), in.get(1), (a, b) -> a * b, (a, b) -> a * b);
      case "Div" -> Elementwise.binary(in.get(0), in.get(1), (a, b) -> a / b, (a, b) -> a / b);
      case "Mod" -> Elementwise.binary(in.get(0), in.get(1), (a, b) -> a % b, Math::floorMod);
      case "Pow" -> pow(in.get(0), in.get(1));
      case "And", "Or", "Xor" -> logic(node.op(), in.get(0), in.get(1));
      case "Min" -> fold(in, Math::min, Math::min);
      case "Max" -> fold(in, Math::max, Math::max);
      case "Equal" -> Elementwise.compare(in.get(0), in.get(1), (a, b) -> a == b ? 1 : 0);
      case "Less" -> Elementwise.compare(in.get(0), in.get(1), (a, b) -> a < b ? 1 : 0);
      case "LessOrEqual" -> Elementwise.compare(in.get(0), in.get(1), (a, b) -> a <= b ? 1 : 0);
      case "Greater" -> Elementwise.compare(in.get(0), in.get(1), (a, b) -> a > b ? 1 : 0);
      case "GreaterOrEqual" -> Elementwise.compare(in.get(0), in.get(1), (a, b) -> a >= b ? 1 : 0);
      case "Where" -> Elementwise.where(in.get(0), in.get(1), in.get(2));
      case "Clip" -> clip(in);
      case "Cast" -> Elementwise.cast(in.get(0), type(node.integer("to", 1)));
      case "CastLike" -> Elementwise.cast(in.get(0), in.get(1).type());
      case "IsNaN" -> Elementwise.compare(in.get(0), in.get(0), (a, b) -> Double.isNaN(a) ? 1 : 0);
      case "Neg",
          "Abs",
          "Sqrt",
          "Reciprocal",
          "Exp",
          "Log",
          "Erf",
          "Tanh",
          "Sigmoid",
          "Relu",
          "Sin",
          "Cos",
          "Floor",
          "Ceil",
          "Round",
          "Sign",
          "Not",
          "Softplus",
          "Silu",
          "Gelu" ->
          unary(node, in.get(0));
      case "Identity", "Dropout" -> in.get(0);
      case "Reshape",
          "Flatten",
          "Squeeze",
          "Unsqueeze",
          "Transpose",
          "Concat",
          "Slice",
          "Gather",
          "Expand",
          "Tile",
          "Pad",
          "Patches",
          "Trilu" ->
          move(node, in);
      case "Shape", "Size", "ConstantOfShape", "Range", "CumSum" -> integers(node, in);
      case "ReduceMean" -> reduce(node, in, Reductions.Kind.MEAN);
      case "ReduceSum" -> reduce(node, in, Reductions.Kind.SUM);
      case "ReduceMax" -> reduce(node, in, Reductions.Kind.MAX);
      case "ReduceMin" -> reduce(node, in, Reductions.Kind.MIN);
      case "ReduceProd" -> reduce(node, in, Reductions.Kind.PRODUCT);
      case "ReduceSumSquare" -> reduce(node, in, Reductions.Kind.SUM_OF_SQUARES);
      case "ReduceL2" -> reduce(node, in, Reductions.Kind.NORM2);
      case "GlobalAveragePool" ->
          Reductions.reduce(in.get(0), Reductions.Kind.MEAN, new long[] {2, 3}, true, false);
      case "Softmax" -> Reductions.softmax(in.get(0), node.integer("axis", -1));
      case "LogSoftmax" ->
          Elementwise.unary(Reductions.softmax(in.get(0), node.integer("axis", -1)), Math::log);
      case "LayerNormalization" -> normalise(node, in, true);
      case "RMSNormalization", "SimplifiedLayerNormalization" -> normalise(node, in, false);
      case "MatMul" -> LinearAlgebra.matmul(in.get(0), in.get(1));
      case "Linear" -> linear(in);
      case "Gemm" -> LinearAlgebra.gemm(node, in.get(0), in.get(1), in.orNull(2));
      case "Conv" -> LinearAlgebra.conv(node, in.get(0), in.get(1), in.orNull(2));
      default -> throw new GraphException("operator is not known");
    };
  }

  private static NdTensor linear(Arguments in) {
    NdTensor product = LinearAlgebra.matmul(in.get(0), in.get(1));
    NdTensor bias = in.orNull(2);
    return bias == null ? product : Elementwise.binary(product, bias, Double::sum, Long::sum);
  }

  private static NdTensor normalise(Node node, Arguments in, boolean mean) {
    return Reductions.normalise(
        in.get(0),
        in.get(1),
        in.orNull(2),
        node.number("epsilon", 1e-5f),
        node.integer("axis", -1),
        mean);
  }

  private static NdTensor fold(
      Arguments in,
      java.util.function.DoubleBinaryOperator f,
      java.util.function.LongBinaryOperator g) {
    NdTensor result = in.get(0);
    for (int i = 1; i < in.count(); i++) {
      result = Elementwise.binary(result, in.get(i), f, g);
    }
    return result;
  }

  private static NdTensor logic(String op, NdTensor a, NdTensor b) {
    return switch (op) {
      case "And" -> Elementwise.compare(a, b, (x, y) -> x != 0 && y != 0 ? 1 : 0);
      case "Or" -> Elementwise.compare(a, b, (x, y) -> x != 0 || y != 0 ? 1 : 0);
      default -> Elementwise.compare(a, b, (x, y) -> x != y ? 1 : 0);
    };
  }

  private static NdTensor pow(NdTensor x, NdTensor exponent) {
    NdTensor power = Elementwise.cast(exponent, x.type());
    return Elementwise.binary(
        x, power, Math::pow, (a, b) -> (long) Math.pow((double) a, (double) b));
  }

  private static NdTensor clip(Arguments in) {
    NdTensor result = in.get(0);
    NdTensor low = in.orNull(1);
    NdTensor high = in.orNull(2);
    if (low != null) {
      result = Elementwise.binary(result, low, Math::max, Math::max);
    }
    return high == null ? result : Elementwise.binary(result, high, Math::min, Math::min);
  }

  private static NdTensor unary(Node node, NdTensor x) {
    return switch (node.op()) {
      case "Neg" -> Elementwise.unary(x, v -> -v);
      case "Abs" -> Elementwise.unary(x, Math::abs);
      case "Sqrt" -> Elementwise.unary(x, Math::sqrt);
      case "Reciprocal" -> Elementwise.unary(x, v -> 1 / v);
      case "Exp" -> Elementwise.unary(x, Math::exp);
      case "Log" -> Elementwise.unary(x, Math::log);
      case "Erf" -> Elementwise.unary(x, Elementwise::erf);
      case "Tanh" -> Elementwise.unary(x, Math::tanh);
      case "Sigmoid" -> Elementwise.unary(x, Elementwise::sigmoid);
      case "Relu" -> Elementwise.unary(x, v -> Math.max(0, v));
      case "Sin" -> Elementwise.unary(x, Math::sin);
      case "Cos" -> Elementwise.unary(x, Math::cos);
      case "Floor" -> Elementwise.unary(x, Math::floor);
      case "Ceil" -> Elementwise.unary(x, Math::ceil);
      case "Round" -> Elementwise.unary(x, Math::rint);
      case "Sign" -> Elementwise.unary(x, Math::signum);
      case "Not" -> Elementwise.unary(x, v -> v == 0 ? 1 : 0);
      case "Softplus" -> Elementwise.unary(x, v -> Math.log1p(Math.exp(v)));
      case "Silu" -> Elementwise.unary(x, v -> v * Elementwise.sigmoid(v));
      default ->
          node.text("approximate", "none").equals("tanh")
              ? Elementwise.unary(x, Elementwise::geluTanh)
              : Elementwise.unary(x, Elementwise::geluErf);
    };
  }

  private NdTensor move(Node node, Arguments in) {
    NdTensor x = in.get(0);
    return switch (node.op()) {
      case "Reshape" ->
          DataMovement.reshape(x, in.get(1).longs(), node.integer("allowzero", 0) != 0);
      case "Flatten" -> flatten(x, node.integer("axis", 1));
      case "Squeeze" -> DataMovement.squeeze(x, axes(node, in.orNull(1)));
      case "Unsqueeze" -> {
        long[] axes = axes(node, in.orNull(1));
        if (axes == null) {
          throw new GraphException("axes are missing");
        }
        yield DataMovement.unsqueeze(x, axes);
      }
      case "Transpose" -> DataMovement.transpose(x, node.integers("perm"));
      case "Concat" -> {
        List<NdTensor> parts = new ArrayList<>();
        for (int i = 0; i < in.count(); i++) {
          parts.add(in.get(i));
        }
        yield DataMovement.concat(parts, node.integer("axis", 0));
      }
      case "Slice" -> {
        NdTensor axes = in.orNull(3);
        NdTensor steps = in.orNull(4);
        yield DataMovement.slice(
            x,
            in.get(1).longs(),
            in.get(2).longs(),
            axes == null ? null : axes.longs(),
            steps == null ? null : steps.longs());
      }
      case "Gather" -> DataMovement.gather(x, in.get(1), node.integer("axis", 0));
      case "Expand" -> DataMovement.expand(x, DataMovement.shapeOf(in.get(1)));
      case "Tile" -> DataMovement.tile(x, in.get(1).longs());
      case "Pad" -> pad(node, in);
      case "Patches" -> LinearAlgebra.patches(node, x);
      default -> {
        NdTensor diagonal = in.orNull(1);
        yield DataMovement.triangle(
            x, node.integer("upper", 1) != 0, diagonal == null ? 0 : diagonal.longs()[0]);
      }
    };
  }

  private static NdTensor pad(Node node, Arguments in) {
    if (!node.text("mode", "constant").equals("constant")) {
      throw new GraphException("mode " + node.text("mode", "") + " is not supported");
    }
    NdTensor fill = in.orNull(2);
    if (in.orNull(3) != null) {
      throw new GraphException("axes are not supported");
    }
    return DataMovement.pad(in.get(0), in.get(1).longs(), fill == null ? 0 : fill.at(0));
  }

  private static NdTensor flatten(NdTensor x, long along) {
    int axis = along == x.rank() ? x.rank() : DataMovement.axis(along, x.rank());
    int rows = 1;
    for (int i = 0; i < axis; i++) {
      rows *= x.dim(i);
    }
    return x.reshaped(rows, rows == 0 ? 0 : x.size() / rows);
  }

  private NdTensor integers(Node node, Arguments in) {
    NdTensor x = in.get(0);
    switch (node.op()) {
      case "Shape" -> {
        int rank = x.rank();
        long start = node.integer("start", 0);
        long end = node.integer("end", rank);
        int from = (int) Math.max(0, Math.min(rank, start < 0 ? start + rank : start));
        int to = (int) Math.max(from, Math.min(rank, end < 0 ? end + rank : end));
        long[] dims = new long[to - from];
        Arrays.setAll(dims, i -> x.dim(from + i));
        return NdTensor.of(dims, dims.length);
      }
      case "Size" -> {
        return NdTensor.of(new long[] {x.size()});
      }
      case "ConstantOfShape" -> {
        NdTensor value = node.tensor("value");
        NdTensor fill = value == null ? NdTensor.of(new float[1], 1) : value;
        int[] shape = DataMovement.shapeOf(x);
        int[] index = new int[NdTensor.elements(shape)];
        return DataMovement.take(fill, shape, index, 0);
      }
      case "Range" -> {
        return range(x, in.get(1), in.get(2));
      }
      default -> {
        return cumulative(node, x, DataMovement.axis((long) in.get(1).at(0), x.rank()));
      }
    }
  }

  private static NdTensor range(NdTensor start, NdTensor limit, NdTensor delta) {
    double step = delta.at(0);
    double wanted = Math.ceil((limit.at(0) - start.at(0)) / step);
    if (step == 0 || Double.isNaN(wanted)) {
      throw new GraphException("delta is 0");
    }
    int count = DataMovement.checked((long) Math.max(0, wanted));
    if (start.type() == ElementType.FLOAT) {
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = (float) (start.at(0) + i * step);
      }
      return NdTensor.of(values, count);
    }
    long[] values = new long[count];
    Arrays.setAll(values, i -> start.longs()[0] + i * delta.longs()[0]);
    return NdTensor.of(values, count);
  }

  private static NdTensor cumulative(Node node, NdTensor x, int axis) {
    if (node.integer("exclusive", 0) != 0 || node.integer("reverse", 0) != 0) {
      throw new GraphException("exclusive and reverse sums are not supported");
    }
    if (!x.isKnown()) {
      return x;
    }
    int stride = DataMovement.strides(x.shape())[axis];
    int count = x.dim(axis);
    if (x.type() == ElementType.FLOAT) {
      float[] to = x.floats().clone();
      for (int i = 0; i < to.length; i++) {
        if (i / stride % count > 0) {
          to[i] += to[i - stride];
        }
      }
      return NdTensor.of(to, x.shape());
    }
    long[] to = x.longs().clone();
    for (int i = 0; i < to.length; i++) {
      if (i / stride % count > 0) {
        to[i] += to[i - stride];
      }
    }
    return NdTensor.ofLongs(x.type(), to, x.shape());
  }

  private NdTensor reduce(Node node, Arguments in, Reductions.Kind kind) {
    return Reductions.reduce(
        in.get(0),
        kind,
        axes(node, in.orNull(1)),
        node.integer("keepdims", 1) != 0,
        node.integer("noop_with_empty_axes", 0) != 0);
  }

  private static long @Nullable [] axes(Node node, @Nullable NdTensor input) {
    return input == null ? node.integers("axes") : input.longs();
  }

  private NdTensor[] split(Node node, Arguments in) {
    NdTensor x = in.get(0);
    long axis = node.integer("axis", 0);
    NdTensor sizes = in.orNull(1);
    if (sizes != null) {
      return DataMovement.split(x, axis, sizes.longs());
    }
    long count =
        opset >= 18 ? node.integer("num_outputs", node.outputs().size()) : node.outputs().size();
    int dim = x.dim(DataMovement.axis(axis, x.rank()));
    if (count <= 0 || count > Math.max(1, dim)) {
      throw new GraphException("cannot split " + x + " into " + count + " parts");
    }
    long each = (dim + count - 1) / count;
    long[] parts = new long[(int) count];
    Arrays.fill(parts, each);
    parts[parts.length - 1] = dim - each * (count - 1);
    return DataMovement.split(x, axis, parts);
  }

  private static NdTensor constant(Node node) {
    NdTensor value = node.tensor("value");
    if (value != null) {
      return value;
    }
    if (node.has("value_float")) {
      return NdTensor.of(new float[] {node.number("value_float", 0)});
    }
    if (node.has("value_int")) {
      return NdTensor.of(new long[] {node.integer("value_int", 0)});
    }
    long[] integers = node.integers("value_ints");
    if (integers != null) {
      return NdTensor.of(integers, integers.length);
    }
    if (node.attributes().get("value_floats") instanceof float[] floats) {
      return NdTensor.of(floats, floats.length);
    }
    throw new GraphException("constant without a supported value");
  }

  /** Element type of an ONNX type number. */
  public static ElementType type(long onnx) {
    return switch ((int) onnx) {
      case 1, 10, 11, 16 -> ElementType.FLOAT;
      case 2, 3, 4, 5, 6, 7, 12, 13 -> ElementType.INT;
      case 9 -> ElementType.BOOL;
      default -> throw new GraphException("element type " + onnx + " is not supported");
    };
  }
}
