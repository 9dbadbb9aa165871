package org.tataa.tensor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.numeric.Requantizer;
import org.tataa.simd.HostKernels;
import org.tataa.simd.LaneKernel;

/**
 * Executes a tensor program on whole tensors, without a machine, in the machine's arithmetic: int8
 * products exact up to the read-out of the accumulator, every bfloat16 operation rounded. Not
 * thread safe.
 */
public final class TensorInterpreter {
  /** Hears of every device value. */
  public interface Observer {
    /**
     * A value was computed.
     *
     * @param bits row-major patterns, bfloat16 or int8; not to be kept or written to
     */
    void computed(Value value, short[] bits);
  }

  private final TensorProgram program;
  private final LaneKernel lanes;
  private final Requantizer requantizer;
  private final Contraction contraction;
  private final Map<Value, short[]> device = new HashMap<>();
  private final Map<Value, NdTensor> host = new HashMap<>();

  private TensorInterpreter(TensorProgram program, TataaConfig config) {
    this.program = program;
    lanes = HostKernels.scalar().lanes(config.profiles().arithmetic());
    requantizer = new Requantizer(config.profiles().arithmetic());
    contraction = new Contraction(config, requantizer);
  }

  /**
   * Runs a program.
   *
   * @param config machine whose arithmetic and accumulator are used
   * @param inputs values of the inputs by name
   * @param observer hears of device values, or null
   * @return values of the outputs by name, in order
   * @throws TensorException if an input is missing or has another shape
   */
  public static Map<String, NdTensor> run(
      TensorProgram program,
      TataaConfig config,
      Map<String, NdTensor> inputs,
      @Nullable Observer observer) {
    return new TensorInterpreter(program, config).run(inputs, observer);
  }

  private Map<String, NdTensor> run(Map<String, NdTensor> inputs, @Nullable Observer observer) {
    Map<Value, Integer> lastUse = new HashMap<>();
    List<TensorOp> ops = program.ops();
    for (int i = 0; i < ops.size(); i++) {
      for (Value operand : ops.get(i).operands()) {
        lastUse.put(operand, i);
      }
    }
    program.outputs().values().forEach(value -> lastUse.put(value, ops.size()));
    for (int i = 0; i < ops.size(); i++) {
      TensorOp op = ops.get(i);
      execute(op, inputs);
      if (observer != null && op.result().isOnDevice()) {
        observer.computed(op.result(), bits(op.result()));
      }
      for (Value operand : op.operands()) {
        if (lastUse.getOrDefault(operand, -1) == i) {
          device.remove(operand);
          host.remove(operand);
        }
      }
    }
    Map<String, NdTensor> outputs = new LinkedHashMap<>();
    program.outputs().forEach((name, value) -> outputs.put(name, tensor(value)));
    return outputs;
  }

  private short[] bits(Value value) {
    short[] bits = device.get(value);
    if (bits == null) {
      throw new TensorException(value + " has no value yet");
    }
    return bits;
  }

  private NdTensor tensor(Value value) {
    NdTensor tensor = host.get(value);
    if (tensor == null) {
      throw new TensorException(value + " has no value yet");
    }
    return tensor;
  }

  private void execute(TensorOp op, Map<String, NdTensor> inputs) {
    if (op instanceof InputOp input) {
      host.put(input.result(), HostValues.input(input, inputs));
    } else if (op instanceof HostOp work) {
      List<NdTensor> operands = new ArrayList<>();
      work.operands().forEach(operand -> operands.add(tensor(operand)));
      HostValues.compute(work, operands, host);
    } else if (op instanceof UploadOp upload) {
      device.put(upload.result(), HostValues.rounded(tensor(upload.operand())));
    } else if (op instanceof DownloadOp download) {
      host.put(
          download.result(), HostValues.exact(bits(download.operand()), download.result().shape()));
    } else if (op instanceof ConstantOp constant) {
      device.put(constant.result(), constant.bits());
    } else if (op instanceof MapOp map) {
      map(map);
    } else if (op instanceof ReduceOp reduce) {
      reduce(reduce);
    } else if (op instanceof ContractOp contract) {
      device.put(
          contract.result(), contraction.compute(contract, bits(contract.a()), bits(contract.b())));
    } else if (op instanceof QuantiseOp quantise) {
      quantise(quantise);
    } else if (op instanceof ViewOp view) {
      view(view);
    } else if (op instanceof ConcatOp concat) {
      concat(concat);
    }
  }

  private void map(MapOp map) {
    short[][] operands = new short[map.operands().size()][];
    for (int i = 0; i < operands.length; i++) {
      Value operand = map.operands().get(i);
      operands[i] = broadcast(bits(operand), operand.shape(), map.result().shape());
    }
    device.put(
        map.result(), LaneEvaluation.evaluate(lanes, map.program(), operands, map.result().size()));
  }

  private static short[] broadcast(short[] bits, int[] from, int[] to) {
    if (java.util.Arrays.equals(from, to)) {
      return bits;
    }
    int[] sources = new Movement.Broadcast().sources(from, to);
    short[] result = new short[sources.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = bits[sources[i]];
    }
    return result;
  }

  // The tree, level by level, over whole planes of the other axes at once.
  private void reduce(ReduceOp reduce) {
    short[] bits = bits(reduce.operand());
    int length = reduce.operand().dim(reduce.axis());
    int inner = 1;
    for (int axis = reduce.axis() + 1; axis < reduce.operand().rank(); axis++) {
      inner *= reduce.operand().dim(axis);
    }
    int outer = length == 0 ? 0 : bits.length / length / inner;
    short[] result = new short[outer * inner];
    for (int o = 0; o < outer; o++) {
      List<short[]> heads = new ArrayList<>();
      for (int part = 0; part < reduce.order().parts(); part++) {
        List<short[]> planes = new ArrayList<>();
        for (int index : reduce.order().part(part)) {
          int from = (o * length + index) * inner;
          planes.add(java.util.Arrays.copyOfRange(bits, from, from + inner));
        }
        heads.add(tree(reduce, planes));
      }
      short[] total = tree(reduce, heads);
      if (reduce.kind() == ReduceOp.Kind.SUM) {
        total = combine(reduce, total, new short[inner]);
      }
      System.arraycopy(total, 0, result, o * inner, inner);
    }
    device.put(reduce.result(), result);
  }

  private short[] tree(ReduceOp reduce, List<short[]> planes) {
    List<short[]> level = planes;
    while (level.size() > 1) {
      List<short[]> next = new ArrayList<>();
      for (int i = 0; i + 1 < level.size(); i += 2) {
        next.add(combine(reduce, level.get(i), level.get(i + 1)));
      }
      if (level.size() % 2 == 1) {
        next.add(level.get(level.size() - 1));
      }
      level = next;
    }
    return level.get(0);
  }

  private short[] combine(ReduceOp reduce, short[] a, short[] b) {
    short[] result = new short[a.length];
    lanes.apply(reduce.laneOp(), a, 0, 0, b, 0, 0, result, 0, a.length);
    return result;
  }

  private void quantise(QuantiseOp quantise) {
    short[] bits = bits(quantise.operand());
    short[] result = new short[bits.length];
    Scale scale = quantise.scale();
    for (int i = 0; i < result.length; i++) {
      result[i] =
          (byte) requantizer.bf16ToInt8(bits[i] & 0xffff, scale.mantissa(), scale.rightShift());
    }
    if (quantise.pairAxis() >= 0) {
      contraction.pass(result, quantise.result().shape(), quantise.pairAxis());
    }
    device.put(quantise.result(), result);
  }

  private void view(ViewOp view) {
    short[] bits = bits(view.operand());
    if (view.movement() instanceof Movement.Reshape) {
      device.put(view.result(), bits);
      return;
    }
    int[] sources = view.movement().sources(view.operand().shape(), view.result().shape());
    short[] result = new short[sources.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = sources[i] < 0 ? 0 : bits[sources[i]];
    }
    device.put(view.result(), result);
  }

  private void concat(ConcatOp concat) {
    short[] result = new short[concat.result().size()];
    int inner = 1;
    for (int axis = concat.axis() + 1; axis < concat.result().rank(); axis++) {
      inner *= concat.result().dim(axis);
    }
    int row = concat.result().dim(concat.axis()) * inner;
    int start = 0;
    for (Value part : concat.operands()) {
      short[] bits = bits(part);
      int width = part.dim(concat.axis()) * inner;
      for (int i = 0; width > 0 && i < bits.length / width; i++) {
        System.arraycopy(bits, i * width, result, i * row + start, width);
      }
      start += width;
    }
    device.put(concat.result(), result);
  }
}
