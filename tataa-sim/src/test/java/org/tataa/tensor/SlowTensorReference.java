package org.tataa.tensor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.TataaConfig;
import org.tataa.function.LaneProgram;
import org.tataa.graph.NdTensor;
import org.tataa.numeric.LaneOp;
import org.tataa.reference.ReferenceArithmetic;

/**
 * A tensor program element by element, by the words of the contract: index arithmetic with
 * coordinates, registers as the machine packs them, and arithmetic by the reference's formulas.
 */
final class SlowTensorReference {
  private final TataaConfig config;
  private final ReferenceArithmetic arithmetic;
  private final Map<Value, int[]> bits = new HashMap<>();
  private final Map<Value, NdTensor> hosted = new HashMap<>();

  SlowTensorReference(TataaConfig config) {
    this.config = config;
    arithmetic = new ReferenceArithmetic(config.profiles().arithmetic());
  }

  /** Patterns of every value on the device, int8 as signed numbers. */
  Map<Value, int[]> run(TensorProgram program, Map<String, NdTensor> inputs) {
    for (TensorOp op : program.ops()) {
      if (op instanceof InputOp) {
        hosted.put(op.result(), inputs.get(op.result().name()));
      } else if (op instanceof HostOp host) {
        List<NdTensor> results =
            host.function().apply(host.operands().stream().map(hosted::get).toList());
        for (int i = 0; i < results.size(); i++) {
          hosted.put(host.results().get(i), results.get(i));
        }
      } else if (op instanceof DownloadOp download) {
        int[] from = bits.get(download.operand());
        float[] values = new float[from.length];
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.intBitsToFloat(from[i] << 16);
        }
        hosted.put(op.result(), NdTensor.of(values, op.result().shape()));
      } else {
        int[] made = new int[op.result().size()];
        for (int i = 0; i < made.length; i++) {
          made[i] = element(op, i, coordinates(i, op.result().shape()));
        }
        bits.put(op.result(), made);
      }
    }
    return bits;
  }

  /** The outputs of the last run. */
  NdTensor output(Value value) {
    return hosted.get(value);
  }

  private int element(TensorOp op, int i, int[] at) {
    if (op instanceof UploadOp upload) {
      float value = (float) hosted.get(upload.operand()).at(i);
      return rounded(value);
    }
    if (op instanceof ConstantOp constant) {
      int pattern = constant.bits()[i];
      return constant.result().element() == Element.INT8 ? pattern : pattern & 0xffff;
    }
    if (op instanceof MapOp map) {
      return map(map, at);
    }
    if (op instanceof ReduceOp reduce) {
      return reduce(reduce, at);
    }
    if (op instanceof ContractOp contract) {
      return contract(contract, at);
    }
    if (op instanceof QuantiseOp quantise) {
      int from = bits.get(quantise.operand())[i];
      return (byte)
          arithmetic.bf16ToInt8(from, quantise.scale().mantissa(), quantise.scale().rightShift());
    }
    if (op instanceof ViewOp view) {
      int source = source(view, i, at);
      return source < 0 ? 0 : bits.get(view.operand())[source];
    }
    ConcatOp concat = (ConcatOp) op;
    int[] rest = at.clone();
    for (Value operand : concat.operands()) {
      if (rest[concat.axis()] < operand.dim(concat.axis())) {
        return read(operand, rest);
      }
      rest[concat.axis()] -= operand.dim(concat.axis());
    }
    throw new AssertionError("beyond all operands");
  }

  private static int rounded(float value) {
    if (Float.isNaN(value)) {
      return 0x7fc0;
    }
    double exact = value;
    if (Double.isInfinite(exact)) {
      return exact < 0 ? 0xff80 : 0x7f80;
    }
    double unit = Math.scalb(1.0, Math.max(-126, Math.getExponent(exact)) - 7);
    double nearest = Math.rint(exact / unit) * unit;
    return Math.abs(nearest) < Float.MIN_NORMAL
        ? (Math.copySign(1, exact) < 0 ? 0x8000 : 0)
        : Float.floatToIntBits((float) nearest) >>> 16;
  }

  private static int[] coordinates(int number, int[] shape) {
    int[] at = new int[shape.length];
    int rest = number;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      at[axis] = rest % shape[axis];
      rest /= shape[axis];
    }
    return at;
  }

  private static int number(int[] at, int[] shape) {
    int number = 0;
    for (int axis = 0; axis < shape.length; axis++) {
      number = number * shape[axis] + (shape[axis] == 1 ? 0 : at[axis]);
    }
    return number;
  }

  private int read(Value value, int... at) {
    return bits.get(value)[number(at, value.shape())];
  }

  private int map(MapOp op, int[] at) {
    List<Integer> results = new ArrayList<>();
    for (LaneProgram.Step step : op.program().steps()) {
      int first = operand(op, step.first(), at, results);
      int second = operand(op, step.second(), at, results);
      results.add(
          arithmetic.apply(step.op(), first, step.negateSecond() ? second ^ 0x8000 : second));
    }
    return operand(op, op.program().result(), at, results);
  }

  private int operand(MapOp op, LaneProgram.Value value, int[] at, List<Integer> results) {
    return switch (value.kind()) {
      case INPUT -> read(op.operands().get(value.index()), at);
      case CONSTANT -> value.index();
      case RESULT -> results.get(value.index());
    };
  }

  private int reduce(ReduceOp op, int[] at) {
    LaneOp combine = op.kind() == ReduceOp.Kind.SUM ? LaneOp.ADD : LaneOp.MAX;
    List<Integer> heads = new ArrayList<>();
    for (int part = 0; part < op.order().parts(); part++) {
      List<Integer> elements = new ArrayList<>();
      for (int index : op.order().part(part)) {
        int[] from = at.clone();
        from[op.axis()] = index;
        elements.add(read(op.operand(), from));
      }
      heads.add(tree(combine, elements));
    }
    int result = tree(combine, heads);
    return combine == LaneOp.ADD ? arithmetic.apply(LaneOp.ADD, result, 0) : result;
  }

  private int tree(LaneOp combine, List<Integer> elements) {
    if (elements.size() == 1) {
      return elements.get(0);
    }
    List<Integer> pairs = new ArrayList<>();
    for (int i = 0; i < elements.size(); i += 2) {
      pairs.add(
          i + 1 == elements.size()
              ? elements.get(i)
              : arithmetic.apply(combine, elements.get(i), elements.get(i + 1)));
    }
    return tree(combine, pairs);
  }

  private int contract(ContractOp op, int[] at) {
    int axis = at.length - (op.columns() == ContractOp.Columns.N ? 1 : 2);
    boolean paired = config.geometry().outputsPerColumn() == 2;
    AccumulatorKind kind = config.profiles().accumulator();
    boolean isHigh = paired && at[axis] % 2 == 1;
    int[] low = at.clone();
    int[] high = at.clone();
    low[axis] -= isHigh ? 1 : 0;
    high[axis] = low[axis] + 1;
    boolean hasHigh = paired && high[axis] < op.result().dim(axis);
    boolean packs = paired && kind != AccumulatorKind.INT32;
    long register = 0;
    long sum = 0;
    for (int k = 0; k < op.depth(); k++) {
      long x = x(op, at, k);
      sum += x * y(op, at, k);
      long packed = y(op, low, k) + (hasHigh ? (long) y(op, high, k) << 19 : 0);
      register = ReferenceArithmetic.wrap(register + ReferenceArithmetic.wrap(packed, 27) * x, 48);
    }
    long read = packs ? readOut(kind, register, isHigh) : (int) sum;
    Scale scale = op.scales().get(op.scaleAxis() < 0 ? 0 : at[op.scaleAxis()]);
    return op.toInt8()
        ? (byte) arithmetic.accToInt8(read, scale.mantissa(), scale.rightShift())
        : arithmetic.accToBf16(read, scale.mantissa(), scale.rightShift());
  }

  private static long readOut(AccumulatorKind kind, long register, boolean isHigh) {
    if (kind == AccumulatorKind.PACKED_INT16) {
      return ReferenceArithmetic.wrap(isHigh ? Math.floorDiv(register, 1L << 19) : register, 16);
    }
    long low = ReferenceArithmetic.wrap(register, 19);
    return isHigh ? ReferenceArithmetic.wrap((register - low) / (1L << 19), 29) : low;
  }

  private int x(ContractOp op, int[] at, int k) {
    return op.columns() == ContractOp.Columns.N ? a(op, at, k) : b(op, at, k);
  }

  private int y(ContractOp op, int[] at, int k) {
    return op.columns() == ContractOp.Columns.N ? b(op, at, k) : a(op, at, k);
  }

  private int a(ContractOp op, int[] at, int k) {
    int[] from = at.clone();
    from[at.length - 1] = k;
    return read(op.a(), from);
  }

  private int b(ContractOp op, int[] at, int k) {
    int[] from = at.clone();
    from[at.length - 2] = k;
    return read(op.b(), from);
  }

  private static int source(ViewOp op, int i, int[] at) {
    int[] shape = op.operand().shape();
    int[] from = at.clone();
    if (op.movement() instanceof Movement.Transpose transpose) {
      for (int axis = 0; axis < at.length; axis++) {
        from[transpose.axes()[axis]] = at[axis];
      }
    } else if (op.movement() instanceof Movement.Slice slice) {
      for (int axis = 0; axis < at.length; axis++) {
        from[axis] = slice.starts()[axis] + at[axis] * slice.steps()[axis];
      }
    } else if (op.movement() instanceof Movement.Gather gather) {
      return gather.indices()[i];
    } else if (op.movement() instanceof Movement.Reshape) {
      return i;
    }
    return number(from, shape);
  }
}
