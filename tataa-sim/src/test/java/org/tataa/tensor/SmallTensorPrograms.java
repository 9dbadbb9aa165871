package org.tataa.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.tataa.config.IsaProfile;
import org.tataa.function.LaneProgram;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;
import org.tataa.numeric.Bfloat16;

/**
 * Random tensor programs of small tensors in the shapes tiling meets, the same for the same seed;
 * for tests of the levels below.
 */
public final class SmallTensorPrograms {
  private final Random random;
  private final boolean isExtended;
  private final List<TensorOp> ops = new ArrayList<>();
  private final List<Value> floats = new ArrayList<>();
  private final List<Value> codes = new ArrayList<>();
  private final Map<String, NdTensor> inputs = new LinkedHashMap<>();
  private int number;

  private SmallTensorPrograms(long seed, IsaProfile isa) {
    random = new Random(seed);
    isExtended = isa == IsaProfile.EXTENDED;
  }

  /** A program and inputs for it. */
  public record Sample(TensorProgram program, Map<String, NdTensor> inputs) {}

  /** The program of a seed for an instruction set. */
  public static Sample of(long seed, IsaProfile isa) {
    return new SmallTensorPrograms(seed, isa).make();
  }

  private Sample make() {
    int count = 1 + random.nextInt(2);
    for (int i = 0; i < count; i++) {
      upload(shape());
    }
    int steps = 3 + random.nextInt(9);
    for (int i = 0; i < steps; i++) {
      step();
    }
    Map<String, Value> outputs = new LinkedHashMap<>();
    for (Value value : List.copyOf(floats.subList(Math.max(0, floats.size() - 3), floats.size()))) {
      Value result = new Value(value.name() + "/host", Element.HOST, value.shape());
      ops.add(new DownloadOp(value, result));
      outputs.put("out" + outputs.size(), result);
    }
    return new Sample(new TensorProgram("random", ops, outputs), inputs);
  }

  private String name(String what) {
    return what + number++;
  }

  private int[] shape() {
    int[] sizes = {1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 40};
    int rank = 1 + random.nextInt(4);
    int[] shape = new int[rank];
    int limit = 6000;
    for (int i = rank - 1; i >= 0; i--) {
      int size = sizes[random.nextInt(i < rank - 2 ? 4 : sizes.length)];
      shape[i] = Math.min(size, Math.max(1, limit));
      limit /= shape[i];
    }
    return shape;
  }

  private static int size(int[] shape) {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  private void upload(int[] shape) {
    Value host = new Value(name("in"), Element.HOST, shape);
    float[] values = new float[size(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
      if (random.nextInt(400) == 0) {
        values[i] =
            new float[] {0, -0f, 1e30f, Float.NaN, Float.NEGATIVE_INFINITY}[random.nextInt(5)];
      }
    }
    inputs.put(host.name(), NdTensor.of(values, shape));
    ops.add(new InputOp(host, ElementType.FLOAT));
    Value device = new Value(name("x"), Element.BF16, shape);
    ops.add(new UploadOp(host, device));
    floats.add(device);
  }

  private Value pick(List<Value> values) {
    return values.get(random.nextInt(values.size()));
  }

  private void step() {
    switch (random.nextInt(9)) {
      case 0, 1 -> map();
      case 2 -> reduce();
      case 3, 4 -> linear();
      case 5 -> quantise(pick(floats));
      case 6 -> floats.add(view(pick(floats)));
      case 7 -> contract();
      default -> concat();
    }
  }

  private Value constant(int[] shape) {
    short[] bits = new short[size(shape)];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = (short) Bfloat16.fromFloat((float) random.nextGaussian());
    }
    Value value = new Value(name("c"), Element.BF16, shape);
    ops.add(new ConstantOp(bits, value));
    return value;
  }

  private void map() {
    Value first = pick(floats);
    int[] shape = first.shape();
    List<Value> operands = new ArrayList<>(List.of(first));
    for (int i = random.nextInt(3); i > 0; i--) {
      List<Value> fitting = new ArrayList<>();
      for (Value value : floats) {
        boolean fits = value.rank() == shape.length;
        for (int axis = 0; fits && axis < shape.length; axis++) {
          fits = value.dim(axis) == 1 || value.dim(axis) == shape[axis];
        }
        if (fits) {
          fitting.add(value);
        }
      }
      if (random.nextBoolean() && !fitting.isEmpty()) {
        operands.add(pick(fitting));
      } else {
        int[] dims = shape.clone();
        for (int axis = 0; axis < dims.length; axis++) {
          dims[axis] = random.nextBoolean() ? 1 : dims[axis];
        }
        operands.add(constant(dims));
      }
    }
    Value result = new Value(name("m"), Element.BF16, shape);
    ops.add(new MapOp(expression(operands.size()), operands, result));
    floats.add(result);
  }

  private LaneProgram expression(int inputs) {
    LaneProgram.Builder builder = LaneProgram.builder("random", inputs);
    List<LaneProgram.Value> values = new ArrayList<>();
    for (int i = 0; i < inputs; i++) {
      values.add(builder.input(i));
    }
    LaneProgram.Value last = values.get(0);
    boolean isApp = false;
    for (int i = random.nextInt(7); i > 0; i--) {
      LaneProgram.Value other =
          random.nextInt(4) == 0
              ? builder.constant(random.nextGaussian())
              : values.get(random.nextInt(values.size()));
      int choice = random.nextInt(isExtended ? 8 : 4);
      isApp = choice == 3;
      last =
          switch (choice) {
            case 0 -> builder.mul(last, other);
            case 1 -> builder.add(other, last);
            case 2 -> builder.sub(last, other);
            case 3 -> builder.app(last);
            case 4 -> builder.max(last, other);
            case 5 -> builder.min(last, other);
            case 6 -> builder.floor(last);
            default -> builder.exp2i(last);
          };
      values.add(last);
    }
    // Patterns APP makes need not be numbers.
    return builder.build(isApp ? builder.mul(last, builder.constant(1)) : last);
  }

  private void reduce() {
    Value operand = pick(floats);
    int axis = random.nextInt(operand.rank());
    int[] shape = operand.shape();
    int length = shape[axis];
    shape[axis] = 1;
    Value result = new Value(name("r"), Element.BF16, shape);
    ops.add(
        new ReduceOp(
            isExtended && random.nextBoolean() ? ReduceOp.Kind.MAX : ReduceOp.Kind.SUM,
            axis,
            ReductionOrder.natural(length),
            operand,
            result));
    floats.add(result);
  }

  private Value quantise(Value operand) {
    Value result = new Value(name("q"), Element.INT8, operand.shape());
    ops.add(new QuantiseOp(Scale.of(20 + random.nextInt(100)), operand, result));
    codes.add(result);
    return result;
  }

  private void linear() {
    Value operand = pick(floats);
    if (operand.rank() < 2) {
      return;
    }
    Value a = quantise(operand);
    int[] shape = operand.shape();
    int k = shape[shape.length - 1];
    int n = 1 + random.nextInt(40);
    int[] weights = new int[shape.length];
    Arrays.fill(weights, 1);
    weights[weights.length - 2] = k;
    weights[weights.length - 1] = n;
    short[] bits = new short[k * n];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = (short) (random.nextInt(255) - 127);
    }
    Value b = new Value(name("w"), Element.INT8, weights);
    ops.add(new ConstantOp(bits, b));
    shape[shape.length - 1] = n;
    product(a, b, shape);
  }

  private void product(Value a, Value b, int[] shape) {
    boolean toInt8 = random.nextInt(3) == 0;
    Value result = new Value(name("p"), toInt8 ? Element.INT8 : Element.BF16, shape);
    ContractOp.Columns columns = random.nextBoolean() ? ContractOp.Columns.M : ContractOp.Columns.N;
    ops.add(ContractOp.of(a, b, columns, Scale.of(1e-4 + random.nextDouble() * 1e-3), result));
    (toInt8 ? codes : floats).add(result);
  }

  private void contract() {
    Value a = random.nextBoolean() || codes.isEmpty() ? quantise(pick(floats)) : pick(codes);
    Value other = codes.isEmpty() ? a : pick(codes);
    if (a.rank() < 2 || a.rank() != other.rank()) {
      other = a;
    }
    if (a.rank() < 2) {
      return;
    }
    int rank = a.rank();
    for (int axis = 0; axis < rank - 2; axis++) {
      if (other.dim(axis) != a.dim(axis) && other.dim(axis) != 1) {
        other = a;
      }
    }
    if (other.dim(-1) != a.dim(-1)) {
      other = a;
    }
    int[] axes = new int[rank];
    Arrays.setAll(axes, i -> i);
    axes[rank - 1] = rank - 2;
    axes[rank - 2] = rank - 1;
    int[] turned = other.shape();
    turned[rank - 1] = other.dim(-2);
    turned[rank - 2] = other.dim(-1);
    Value b = new Value(name("t"), Element.INT8, turned);
    ops.add(new ViewOp(new Movement.Transpose(axes), other, b));
    int[] shape = a.shape();
    shape[rank - 1] = turned[rank - 1];
    if (size(shape) <= 20000) {
      product(a, b, shape);
    }
  }

  private Value view(Value operand) {
    int[] shape = operand.shape();
    int rank = shape.length;
    switch (random.nextInt(4)) {
      case 0 -> {
        int[] axes = new int[rank];
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < rank; i++) {
          order.add(i);
        }
        Collections.shuffle(order, random);
        int[] turned = new int[rank];
        for (int i = 0; i < rank; i++) {
          axes[i] = order.get(i);
          turned[i] = shape[axes[i]];
        }
        return viewed(new Movement.Transpose(axes), operand, turned);
      }
      case 1 -> {
        int[] merged =
            rank > 1
                ? new int[] {size(shape) / shape[rank - 1], shape[rank - 1]}
                : new int[] {1, 1, shape[0]};
        return viewed(new Movement.Reshape(), operand, merged);
      }
      case 2 -> {
        int[] starts = new int[rank];
        int[] steps = new int[rank];
        int[] taken = new int[rank];
        for (int i = 0; i < rank; i++) {
          starts[i] = random.nextInt(shape[i]);
          steps[i] = 1 + random.nextInt(2);
          taken[i] = 1 + (shape[i] - 1 - starts[i]) / steps[i];
        }
        return viewed(new Movement.Slice(starts, steps), operand, taken);
      }
      default -> {
        int[] wide = shape.clone();
        int[] indices;
        wide[rank - 1] += random.nextInt(4);
        indices = new int[size(wide)];
        for (int i = 0; i < indices.length; i++) {
          int last = i % wide[rank - 1];
          indices[i] = last < shape[rank - 1] ? i / wide[rank - 1] * shape[rank - 1] + last : -1;
        }
        return viewed(new Movement.Gather("pad", indices), operand, wide);
      }
    }
  }

  private Value viewed(Movement movement, Value operand, int[] shape) {
    Value result = new Value(name("v"), operand.element(), shape);
    ops.add(new ViewOp(movement, operand, result));
    return result;
  }

  private void concat() {
    Value first = pick(floats);
    int axis = random.nextInt(first.rank());
    int[] shape = first.shape();
    shape[axis] *= 2;
    if (size(shape) > 8000) {
      return;
    }
    Value second = constant(first.shape());
    Value result = new Value(name("j"), Element.BF16, shape);
    ops.add(new ConcatOp(axis, List.of(first, second), result));
    floats.add(result);
  }
}
