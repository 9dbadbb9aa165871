package org.tataa.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.numeric.Bfloat16;

/**
 * Runs a tensor program without a machine, with the bits the machine computes: int8 products as its
 * accumulators and requantisers deliver them, every bfloat16 operation rounded.
 *
 * <p>Work is spread over threads of the host; results do not depend on how many. Values are freed
 * when no operation needs them any more. Runs of one interpreter are independent of each other.
 */
public final class TensorInterpreter {
  /** Sees the values on the device. */
  public interface Observer {
    /**
     * A value has been made.
     *
     * @param bits row-major, bfloat16 patterns or int8 values; not to be written to
     */
    void value(Value value, short[] bits);
  }

  private final TensorProgram program;
  private final Machine machine;
  private final Map<Value, Integer> lastUse = new HashMap<>();

  /**
   * An interpreter that uses all processors.
   *
   * @throws TensorException if the program is not well formed or needs another machine
   */
  public TensorInterpreter(TensorProgram program, TataaConfig config) {
    this(program, config, 0);
  }

  /**
   * An interpreter.
   *
   * @param threads most threads of the host, 0 for one per processor
   * @throws TensorException if the program is not well formed or needs another machine
   */
  public TensorInterpreter(TensorProgram program, TataaConfig config, int threads) {
    this.program = program;
    TensorVerifier.check(program, config);
    machine = new Machine(config, threads);
    for (int i = 0; i < program.ops().size(); i++) {
      for (Value operand : program.ops().get(i).operands()) {
        lastUse.put(operand, i);
      }
    }
    program.outputs().values().forEach(value -> lastUse.put(value, Integer.MAX_VALUE));
  }

  /**
   * Runs the program.
   *
   * @param inputs by the names of the model's inputs; others are ignored
   * @throws TensorException if an input is missing or has another type or shape, or a host function
   *     gives other results than declared
   */
  public TensorResult run(Map<String, NdTensor> inputs) {
    return run(inputs, (value, bits) -> {});
  }

  /** Runs the program and shows every value on the device as it is made. */
  public TensorResult run(Map<String, NdTensor> inputs, Observer observer) {
    return run(inputs, new StateValues(), observer);
  }

  /**
   * As {@link #run(Map, Observer)}, going on from what states held.
   *
   * @param states written to
   * @throws TensorException also if a state has no room for its rows
   */
  public TensorResult run(Map<String, NdTensor> inputs, StateValues states, Observer observer) {
    Run run = new Run(inputs, states);
    for (int i = 0; i < program.ops().size(); i++) {
      TensorOp op = program.ops().get(i);
      run.execute(op);
      for (Value result : op.results()) {
        if (result.isOnDevice()) {
          observer.value(result, run.bits(result));
        }
        run.free(result, i);
      }
      for (Value operand : op.operands()) {
        run.free(operand, i);
      }
    }
    Map<String, NdTensor> outputs = new LinkedHashMap<>();
    program.outputs().forEach((name, value) -> outputs.put(name, run.host(value)));
    return new TensorResult(outputs, run.counts);
  }

  /** The values of one run. */
  private final class Run {
    private final Map<String, NdTensor> inputs;
    private final StateValues states;
    private final Map<Value, NdTensor> hosted = new HashMap<>();
    private final Map<Value, short[]> onDevice = new HashMap<>();
    private final Map<Value, OpCounts> counts = new LinkedHashMap<>();

    Run(Map<String, NdTensor> inputs, StateValues states) {
      this.inputs = inputs;
      this.states = states;
    }

    NdTensor host(Value value) {
      return there(hosted.get(value), value);
    }

    short[] bits(Value value) {
      return there(onDevice.get(value), value);
    }

    private static <T> T there(@Nullable T found, Value value) {
      if (found == null) {
        throw new TensorException(value + " is used before it is made");
      }
      return found;
    }

    void free(Value value, int now) {
      if (lastUse.getOrDefault(value, -1) <= now) {
        hosted.remove(value);
        onDevice.remove(value);
      }
    }

    void execute(TensorOp op) {
      if (op instanceof InputOp input) {
        hosted.put(input.result(), given(input));
      } else if (op instanceof HostOp host) {
        call(host);
      } else if (op instanceof DownloadOp download) {
        hosted.put(download.result(), download(download));
      } else {
        OpCounts found = compute(op);
        if (!found.equals(OpCounts.NONE)) {
          counts.put(op.result(), found);
        }
      }
    }

    private NdTensor given(InputOp op) {
      NdTensor tensor = inputs.get(op.result().name());
      if (tensor == null) {
        throw new TensorException("input " + op.result() + " is missing");
      }
      if (tensor.type() != op.type() || !Arrays.equals(tensor.shape(), op.result().shape())) {
        throw new TensorException(
            "input " + op.result() + ": expected " + op.type() + ", found " + tensor);
      }
      return tensor;
    }

    private void call(HostOp op) {
      List<NdTensor> operands = new ArrayList<>();
      op.operands().forEach(operand -> operands.add(host(operand)));
      List<NdTensor> results = op.function().apply(operands);
      if (results.size() != op.results().size()) {
        throw new TensorException(
            op.describe() + " gave " + results.size() + " results, expected " + op.results());
      }
      for (int i = 0; i < results.size(); i++) {
        Value result = op.results().get(i);
        if (!Arrays.equals(results.get(i).shape(), result.shape())) {
          throw new TensorException(
              op.describe() + " gave " + results.get(i) + ", expected " + result);
        }
        hosted.put(result, results.get(i));
      }
    }

    private NdTensor download(DownloadOp op) {
      short[] bits = bits(op.operand());
      float[] values = new float[bits.length];
      for (int i = 0; i < bits.length; i++) {
        values[i] = Bfloat16.toFloat(bits[i]);
      }
      return NdTensor.of(values, op.result().shape());
    }

    private OpCounts compute(TensorOp op) {
      Value result = op.result();
      if (op instanceof ConstantOp constant) {
        onDevice.put(result, constant.bits());
        return OpCounts.NONE;
      }
      if (op instanceof ViewOp view) {
        onDevice.put(result, moved(view));
        return OpCounts.NONE;
      }
      if (op instanceof StateOp state) {
        onDevice.put(result, written(state));
        return OpCounts.NONE;
      }
      short[] made = new short[result.size()];
      onDevice.put(result, made);
      if (op instanceof UploadOp upload) {
        return upload(host(upload.operand()), made);
      }
      if (op instanceof MapOp map) {
        BroadcastReader[] operands = new BroadcastReader[map.operands().size()];
        for (int i = 0; i < operands.length; i++) {
          Value operand = map.operands().get(i);
          operands[i] = new BroadcastReader(bits(operand), operand.shape(), result.shape());
        }
        return nans(new MapKernel(map.program(), machine).run(operands, made));
      }
      if (op instanceof ReduceOp reduce) {
        return nans(new ReduceKernel(reduce, machine).run(bits(reduce.operand()), made));
      }
      if (op instanceof ContractOp contract) {
        return new ContractKernel(contract, machine)
            .run(bits(contract.a()), bits(contract.b()), made);
      }
      if (op instanceof QuantiseOp quantise) {
        QuantiseKernel kernel = new QuantiseKernel(quantise.scale(), machine);
        OpCounts counts = kernel.run(bits(quantise.operand()), made);
        if (quantise.pairAxis() >= 0) {
          kernel.pass(made, quantise.result().shape(), quantise.pairAxis());
        }
        return counts;
      }
      if (op instanceof ConcatOp concat) {
        concatenate(concat, made);
      }
      return OpCounts.NONE;
    }

    private short[] written(StateOp op) {
      short[] all = states.of(op);
      short[] rows = bits(op.rows());
      int[] starts = op.starts(host(op.position()).at(0));
      for (int i = 0; i < starts.length; i++) {
        System.arraycopy(rows, i * op.run(), all, starts[i], op.run());
      }
      return all;
    }

    private OpCounts nans(long count) {
      return new OpCounts(0, count, 0, 0);
    }

    private OpCounts upload(NdTensor tensor, short[] made) {
      for (int i = 0; i < made.length; i++) {
        made[i] = (short) Bfloat16.flush(Bfloat16.fromFloat((float) tensor.at(i)));
      }
      return nans(machine.nans(made, 0, made.length));
    }

    private short[] moved(ViewOp op) {
      short[] from = bits(op.operand());
      if (op.movement() instanceof Movement.Reshape) {
        return from;
      }
      int[] sources = op.movement().sources(op.operand().shape(), op.result().shape());
      short[] to = new short[sources.length];
      for (int i = 0; i < to.length; i++) {
        to[i] = sources[i] == Movement.PADDING ? 0 : from[sources[i]];
      }
      return to;
    }

    private void concatenate(ConcatOp op, short[] to) {
      int inner = 1;
      for (int axis = op.axis() + 1; axis < op.result().rank(); axis++) {
        inner *= op.result().dim(axis);
      }
      int stride = inner * op.result().dim(op.axis());
      int at = 0;
      for (Value operand : op.operands()) {
        short[] from = bits(operand);
        int run = inner * operand.dim(op.axis());
        for (int i = 0; i * run < from.length; i++) {
          System.arraycopy(from, i * run, to, at + i * stride, run);
        }
        at += run;
      }
    }
  }
}
