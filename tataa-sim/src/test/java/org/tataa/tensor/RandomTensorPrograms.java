package org.tataa.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.tataa.config.IsaProfile;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;

/**
 * Seeded random tensor programs that are well formed: all operations, ranks 1 to 5, small shapes
 * around the sizes of arrays. Values are mostly of magnitude 1, some are huge, infinite or NaN.
 */
public final class RandomTensorPrograms {
  private static final int[] DIMS = {1, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33};
  private static final int MAX_SIZE = 2400;
  private static final int MAX_OUTPUTS = 6;

  private final Random random;
  private final RandomLanePrograms lanes;
  private final List<TensorOp> ops = new ArrayList<>();
  private final List<Value> values = new ArrayList<>();
  private int names;

  private RandomTensorPrograms(Random random, IsaProfile isa) {
    this.random = random;
    lanes = new RandomLanePrograms(random, isa);
  }

  /** The program of a seed; on a PUBLISHED machine without operations that need EXTENDED. */
  public static TensorProgram program(long seed, IsaProfile isa) {
    return new RandomTensorPrograms(new Random(seed), isa).make("random-" + seed);
  }

  /** Values for the inputs of a program. */
  public static Map<String, NdTensor> inputs(TensorProgram program, long seed) {
    Random random = new Random(seed ^ 0x5eed);
    Map<String, NdTensor> inputs = new LinkedHashMap<>();
    for (TensorOp op : program.ops()) {
      if (op instanceof InputOp input) {
        int size = input.result().size();
        int[] shape = input.result().shape();
        NdTensor tensor =
            switch (input.type()) {
              case FLOAT -> NdTensor.of(floats(random, size), shape);
              case INT -> NdTensor.of(random.longs(size, -100, 100).toArray(), shape);
              case BOOL -> NdTensor.ofBool(random.longs(size, 0, 2).toArray(), shape);
            };
        inputs.put(input.result().name(), tensor);
      }
    }
    return inputs;
  }

  /**
   * The smallest program, of those that end with one of the values of a failing one, that fails.
   *
   * @param fails whether a program fails
   */
  public static TensorProgram shrink(TensorProgram program, Predicate<TensorProgram> fails) {
    for (TensorOp op : program.ops()) {
      if (op.results().size() == 1 && op.result().element() == Element.BF16) {
        Value host = new Value("shrunk", Element.HOST, op.result().shape());
        List<TensorOp> ops = new ArrayList<>(program.ops());
        ops.add(new DownloadOp(op.result(), host));
        TensorProgram whole = new TensorProgram(program.name(), ops, Map.of("shrunk", host));
        TensorProgram small = whole.with(ops);
        if (fails.test(small)) {
          return small;
        }
      }
    }
    return program;
  }

  private static float[] floats(Random random, int size) {
    float scale = random.nextInt(8) == 0 ? 1e30f : 1;
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] =
          switch (random.nextInt(400)) {
            case 0 -> Float.NaN;
            case 1 -> Float.NEGATIVE_INFINITY;
            case 2 -> Float.POSITIVE_INFINITY;
            case 3, 4, 5 -> -0f;
            case 6 -> 1e-39f;
            case 7 -> -3e38f;
            default -> (float) random.nextGaussian() * scale;
          };
    }
    return values;
  }

  private TensorProgram make(String name) {
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      input();
    }
    int count = 4 + random.nextInt(20);
    for (int i = 0; i < count; i++) {
      switch (random.nextInt(17)) {
        case 0, 1, 2, 3 -> map();
        case 4, 5 -> reduce();
        case 6, 7 -> quantise();
        case 8, 9 -> contract();
        case 10, 11, 12 -> view();
        case 13, 14, 15 -> twin();
        default -> concat();
      }
    }
    Map<String, Value> outputs = new LinkedHashMap<>();
    for (Value end : ends()) {
      outputs.put("y" + outputs.size(), download(end));
    }
    return new TensorProgram(name, ops, outputs);
  }

  // The last values that nothing reads, so that little is without use.
  private List<Value> ends() {
    List<Value> ends = new ArrayList<>(all(Element.BF16));
    ops.forEach(op -> ends.removeAll(op.operands()));
    if (ends.isEmpty()) {
      ends.add(pick(Element.BF16));
    }
    return ends.subList(Math.max(0, ends.size() - MAX_OUTPUTS), ends.size());
  }

  private List<Value> all(Element element) {
    return values.stream().filter(value -> value.element() == element).toList();
  }

  private Value pick(Element element) {
    List<Value> found = all(element);
    // Recent values are taken more often: long chains.
    int first = random.nextInt(found.size());
    int back = Math.min(first, random.nextInt(found.size()));
    return found.get(found.size() - 1 - back);
  }

  private Value value(Element element, int... shape) {
    return new Value("v" + names++, element, shape);
  }

  private Value add(TensorOp op) {
    ops.add(op);
    values.add(op.result());
    return op.result();
  }

  private int[] shape(int rank) {
    int[] shape = new int[rank];
    int size = 1;
    for (int i = 0; i < rank; i++) {
      boolean again = i > 0 && random.nextInt(3) == 0;
      shape[i] = again ? shape[i - 1] : DIMS[random.nextInt(DIMS.length)];
      size *= shape[i];
      if (size > MAX_SIZE) {
        size /= shape[i];
        shape[i] = 1;
      }
    }
    return shape;
  }

  private void input() {
    Value host = value(Element.HOST, shape(1 + random.nextInt(5)));
    ElementType type =
        random.nextInt(4) > 0 ? ElementType.FLOAT : ElementType.values()[1 + random.nextInt(2)];
    ops.add(new InputOp(host, type));
    if (type == ElementType.FLOAT && random.nextInt(3) == 0) {
      Value twice = value(Element.HOST, host.shape());
      Value negative = value(Element.HOST, host.shape());
      ops.add(new HostOp(new TwiceAndNegative(), List.of(host), List.of(twice, negative)));
      add(new UploadOp(negative, value(Element.BF16, negative.shape())));
      host = twice;
    }
    add(new UploadOp(host, value(Element.BF16, host.shape())));
  }

  private Value download(Value value) {
    Value host = value(Element.HOST, value.shape());
    ops.add(new DownloadOp(value, host));
    return host;
  }

  /** A host function with two results. */
  private record TwiceAndNegative() implements HostFunction {
    @Override
    public List<NdTensor> apply(List<NdTensor> operands) {
      NdTensor x = operands.get(0);
      float[] twice = new float[x.size()];
      float[] negative = new float[x.size()];
      for (int i = 0; i < twice.length; i++) {
        twice[i] = 2 * x.floats()[i];
        negative[i] = -x.floats()[i];
      }
      return List.of(NdTensor.of(twice, x.shape()), NdTensor.of(negative, x.shape()));
    }

    @Override
    public String name() {
      return "twice-and-negative";
    }
  }

  private Value constant(int... shape) {
    Value made = value(Element.BF16, shape);
    ConstantOp op = ConstantOp.of(floats(random, made.size()), made);
    return add(random.nextBoolean() ? op : new ConstantOp(op.bits(), made));
  }

  private Value int8(int... shape) {
    Value made = value(Element.INT8, shape);
    short[] bits = new short[made.size()];
    boolean extreme = random.nextInt(4) == 0;
    for (int i = 0; i < bits.length; i++) {
      bits[i] =
          extreme && random.nextBoolean()
              ? (short) (random.nextBoolean() ? -128 : 127)
              : (byte) random.nextInt();
    }
    return add(new ConstantOp(bits, made));
  }

  private static boolean broadcasts(Value value, int[] shape) {
    boolean fits = value.rank() == shape.length;
    for (int axis = 0; fits && axis < shape.length; axis++) {
      fits = value.dim(axis) == 1 || value.dim(axis) == shape[axis];
    }
    return fits;
  }

  private void map() {
    Value first = pick(Element.BF16);
    int[] shape = first.shape();
    for (int axis = 0; axis < shape.length; axis++) {
      int dim = 1 + random.nextInt(9);
      if (shape[axis] == 1
          && random.nextInt(4) == 0
          && NdTensor.elements(shape) * dim <= MAX_SIZE) {
        shape[axis] = dim;
      }
    }
    List<Value> fitting =
        all(Element.BF16).stream().filter(value -> broadcasts(value, shape)).toList();
    List<Value> operands = new ArrayList<>(List.of(first));
    for (int i = random.nextInt(4); i > 0; i--) {
      if (random.nextInt(3) > 0) {
        operands.add(fitting.get(random.nextInt(fitting.size())));
      } else {
        int[] narrow = shape.clone();
        for (int axis = 0; axis < narrow.length; axis++) {
          narrow[axis] = random.nextBoolean() ? 1 : narrow[axis];
        }
        operands.add(constant(narrow));
      }
    }
    add(new MapOp(lanes.program(operands.size()), operands, value(Element.BF16, shape)));
  }

  private void reduce() {
    Value operand = pick(Element.BF16);
    int axis = random.nextInt(operand.rank());
    int[] shape = operand.shape();
    int length = shape[axis];
    shape[axis] = 1;
    ReductionOrder order = ReductionOrder.interleaved(length, 1 + random.nextInt(10));
    ReduceOp.Kind kind =
        lanes.isExtended() && random.nextBoolean() ? ReduceOp.Kind.MAX : ReduceOp.Kind.SUM;
    add(new ReduceOp(kind, axis, order, operand, value(Element.BF16, shape)));
  }

  private Value quantise() {
    Value operand = pick(Element.BF16);
    Scale scale =
        Scale.of(Math.exp(random.nextGaussian()) * 30 * (random.nextInt(9) == 0 ? -1 : 1));
    return add(new QuantiseOp(scale, operand, value(Element.INT8, operand.shape())));
  }

  private void contract() {
    Value a = all(Element.INT8).isEmpty() ? quantise() : pick(Element.INT8);
    if (a.rank() < 2) {
      int[] shape = {1, a.size()};
      a = add(new ViewOp(new Movement.Reshape(), a, value(Element.INT8, shape)));
    }
    Value b = random.nextInt(3) == 0 ? transposed(a) : weights(a);
    int rank = a.rank();
    int[] shape = new int[rank];
    for (int axis = 0; axis < rank - 2; axis++) {
      shape[axis] = Math.max(a.dim(axis), b.dim(axis));
    }
    shape[rank - 2] = a.dim(-2);
    shape[rank - 1] = b.dim(-1);
    if (NdTensor.elements(shape) > 4 * MAX_SIZE) {
      return;
    }
    int axis = rank > 2 && random.nextBoolean() ? random.nextInt(rank - 2) : -1;
    List<Scale> scales = new ArrayList<>();
    for (int i = 0; i < (axis < 0 ? 1 : shape[axis]); i++) {
      scales.add(Scale.of(Math.exp(random.nextGaussian()) * 1e-4));
    }
    ContractOp.Columns columns = ContractOp.Columns.values()[random.nextInt(2)];
    Element element = random.nextInt(3) == 0 ? Element.INT8 : Element.BF16;
    if (element == Element.INT8) {
      scales.replaceAll(scale -> Scale.of(scale.value() * 20));
    }
    add(new ContractOp(a, b, columns, scales, axis, value(element, shape)));
  }

  private Value transposed(Value a) {
    int rank = a.rank();
    int[] axes = new int[rank];
    Arrays.setAll(axes, i -> i);
    axes[rank - 2] = rank - 1;
    axes[rank - 1] = rank - 2;
    int[] shape = Arrays.stream(axes).map(a::dim).toArray();
    return add(new ViewOp(new Movement.Transpose(axes), a, value(Element.INT8, shape)));
  }

  private Value weights(Value a) {
    int rank = a.rank();
    int[] shape = a.shape();
    for (int axis = 0; axis < rank - 2; axis++) {
      shape[axis] =
          random.nextBoolean() ? 1 : shape[axis] == 1 ? 1 + random.nextInt(3) : shape[axis];
    }
    shape[rank - 2] = a.dim(-1);
    shape[rank - 1] = DIMS[random.nextInt(DIMS.length)];
    for (Value value : all(Element.INT8)) {
      if (random.nextBoolean() && value.rank() == 2 && rank == 2 && value.dim(0) == a.dim(1)) {
        return value;
      }
    }
    return int8(shape);
  }

  private void view() {
    Value operand =
        pick(random.nextInt(4) == 0 && !all(Element.INT8).isEmpty() ? Element.INT8 : Element.BF16);
    RandomMovements.Move move = new RandomMovements(random).move(operand.shape(), MAX_SIZE);
    add(new ViewOp(move.movement(), operand, value(operand.element(), move.shape())));
  }

  // Two operations that are nearly alike, and a map that reads both.
  private void twin() {
    List<TensorOp> possible = ops.stream().filter(RandomTwins::isPossible).toList();
    if (possible.isEmpty()) {
      return;
    }
    TensorOp op = possible.get(random.nextInt(possible.size()));
    TensorOp first = new RandomTwins(random).of(op, value(Element.BF16, op.result().shape()));
    TensorOp second = new RandomTwins(random).of(first, value(Element.BF16, op.result().shape()));
    List<Value> operands = new ArrayList<>(List.of(add(first), add(second)));
    if (random.nextBoolean()) {
      int[] shape = op.result().shape();
      Arrays.setAll(shape, axis -> random.nextBoolean() ? 1 : shape[axis]);
      operands.add(constant(shape));
    }
    add(
        new MapOp(
            lanes.program(operands.size()), operands, value(Element.BF16, op.result().shape())));
  }

  private void concat() {
    Value operand =
        pick(random.nextInt(4) == 0 && !all(Element.INT8).isEmpty() ? Element.INT8 : Element.BF16);
    int axis = random.nextInt(operand.rank());
    List<Value> operands = new ArrayList<>(List.of(operand));
    for (int i = random.nextInt(3); i > 0; i--) {
      int[] shape = operand.shape();
      shape[axis] = 1 + random.nextInt(5);
      operands.add(
          random.nextInt(3) == 0
              ? operand
              : operand.element() == Element.BF16 ? constant(shape) : int8(shape));
    }
    int[] shape = operand.shape();
    shape[axis] = operands.stream().mapToInt(value -> value.dim(axis)).sum();
    if (NdTensor.elements(shape) <= 2 * MAX_SIZE) {
      add(new ConcatOp(axis, operands, value(operand.element(), shape)));
    }
  }
}
