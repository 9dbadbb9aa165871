package org.tataa.tile;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.AccumulatorReadout;
import org.tataa.numeric.Bfloat16;
import org.tataa.simd.BlockProduct;
import org.tataa.simd.BlockShape;
import org.tataa.simd.HostKernels;
import org.tataa.simd.LaneKernel;
import org.tataa.simd.RequantiseKernel;
import org.tataa.tensor.StateValues;
import org.tataa.tensor.Value;

/** Executes a tile program step by step and tile by tile, without a clock. Not thread safe. */
public final class TileInterpreter implements HostExecutor.Memory {
  /** Hears of every step. */
  public interface Observer {
    /** A step was executed. */
    void executed(int step, HostExecutor.Memory memory);
  }

  private final TileProgram program;
  private final IdentityHashMap<Buffer, byte[]> buffers = new IdentityHashMap<>();
  private final int rows;
  private final int columns;
  private final int outputs;
  private final int halves;
  private final int dmpus;
  private final LaneKernel lanes;
  private final RequantiseKernel requantise;
  private final BlockProduct product;
  private final AccumulatorReadout readout;
  private final int tileDepth;

  private TileInterpreter(TileProgram program) {
    this.program = program;
    TataaConfig config = program.config();
    rows = config.geometry().rows();
    columns = config.geometry().columns();
    outputs = config.geometry().outputs();
    halves = config.geometry().outputsPerColumn();
    dmpus = config.geometry().dmpus();
    HostKernels kernels = HostKernels.scalar();
    lanes = kernels.lanes(config.profiles().arithmetic());
    requantise = kernels.requantise(config.profiles().arithmetic());
    tileDepth = config.buffers().tileDepth();
    boolean packed = config.profiles().accumulator() != AccumulatorKind.INT32;
    product = kernels.blockProduct(new BlockShape(rows, columns, halves, packed, tileDepth));
    readout = AccumulatorReadout.of(config.profiles().accumulator());
  }

  /**
   * Runs a program.
   *
   * @param inputs HOST values of the inputs
   * @param observer hears of steps, or null
   * @return values of the outputs by name
   * @throws TileException if a step reads or writes outside of a buffer
   */
  public static Map<String, NdTensor> run(
      TileProgram program, Map<Value, NdTensor> inputs, @Nullable Observer observer) {
    return run(program, inputs, new StateValues(), observer);
  }

  /**
   * As {@link #run(TileProgram, Map, Observer)}, going on from what states held.
   *
   * @param states written to
   */
  public static Map<String, NdTensor> run(
      TileProgram program,
      Map<Value, NdTensor> inputs,
      StateValues states,
      @Nullable Observer observer) {
    TileInterpreter interpreter = new TileInterpreter(program);
    StateTransfer.load(program, states, interpreter);
    Map<String, NdTensor> outputs = interpreter.run(inputs, observer);
    StateTransfer.save(program, states, interpreter);
    return outputs;
  }

  private Map<String, NdTensor> run(Map<Value, NdTensor> inputs, @Nullable Observer observer) {
    HostExecutor host = new HostExecutor(this, inputs);
    List<TileStep> steps = program.steps();
    for (int i = 0; i < steps.size(); i++) {
      TileStep step = steps.get(i);
      try {
        if (step instanceof MatMulNest nest) {
          multiply(nest);
        } else if (step instanceof VectorNest nest) {
          vectors(nest);
        } else if (step instanceof FusedNest nest) {
          multiply(nest.products());
          vectors(nest.lanes());
        } else {
          host.execute((HostStep) step);
        }
      } catch (IndexOutOfBoundsException e) {
        throw new TileException(
            "step " + i + " for " + step.work().value() + " leaves its buffers: " + e.getMessage());
      }
      if (observer != null) {
        observer.executed(i, this);
      }
    }
    return host.outputs(program.outputs());
  }

  @Override
  public byte[] read(Buffer buffer) {
    byte[] content = buffer.content();
    return content != null
        ? content
        : buffers.computeIfAbsent(buffer, key -> new byte[Math.toIntExact(key.bytes())]);
  }

  @Override
  public void write(Buffer buffer, int from, byte[] bytes) {
    System.arraycopy(bytes, 0, read(buffer), from, bytes.length);
  }

  // --- products ---

  private void multiply(MatMulNest nest) {
    int[] loops = nest.loops().stream().mapToInt(Integer::intValue).toArray();
    int[] index = new int[loops.length];
    int[] lo = new int[rows * columns];
    int[] hi = new int[rows * columns];
    for (long i = nest.blocks(); i > 0; i--) {
      Arrays.fill(lo, 0);
      Arrays.fill(hi, 0);
      for (int segment = 0; segment < nest.segments(); segment++) {
        long x = nest.x().at(index) + segment * nest.xSegment();
        long y = nest.y().at(index) + segment * nest.ySegment();
        for (int from = 0; from < nest.depth(); from += tileDepth) {
          int depth = Math.min(tileDepth, nest.depth() - from);
          product.addTo(
              part(nest.x().buffer(), x + (long) from * rows, depth * rows),
              part(nest.y().buffer(), y + (long) from * outputs, depth * outputs),
              outputs,
              depth,
              lo,
              hi);
        }
      }
      store(nest, index, lo, hi);
      Loops.advance(index, loops);
    }
  }

  private byte[] part(Buffer buffer, long from, int bytes) {
    byte[] content = read(buffer);
    if (from < 0 || from + bytes > content.length) {
      throw new IndexOutOfBoundsException(
          "bytes " + from + " to " + (from + bytes) + " of " + buffer);
    }
    return Arrays.copyOfRange(content, (int) from, (int) from + bytes);
  }

  private void store(MatMulNest nest, int[] index, int[] lo, int[] hi) {
    boolean isWide = nest.mode() == StoreMode.ACC_TO_BF16;
    int beat = isWide ? 2 * outputs : outputs;
    byte[] beats = new byte[rows * beat];
    int[] readLo = new int[columns];
    int[] readHi = new int[columns];
    var scale = nest.scale(index);
    for (int number = 0; number < rows; number++) {
      int row = number / 4 * 4 + 3 - number % 4;
      for (int column = 0; column < columns; column++) {
        long sumLo = lo[row * columns + column];
        long sumHi = hi[row * columns + column];
        readLo[column] = readout.lo(sumLo, sumHi);
        readHi[column] = readout.hi(sumLo, sumHi);
      }
      if (isWide) {
        requantise.accToBf16(
            readLo,
            readHi,
            0,
            columns,
            halves,
            scale.mantissa(),
            scale.rightShift(),
            beats,
            number * beat);
      } else {
        requantise.accToInt8(
            readLo,
            readHi,
            0,
            columns,
            halves,
            scale.mantissa(),
            scale.rightShift(),
            beats,
            number * beat);
      }
    }
    put(nest.target(), index, nest.transpose() ? transposed(beats) : beats);
  }

  // Each `rows` words of `outputs` bytes.
  private byte[] transposed(byte[] words) {
    byte[] result = new byte[words.length];
    int block = rows * outputs;
    for (int at = 0; at < words.length; at += block) {
      for (int j = 0; j < outputs; j++) {
        for (int i = 0; i < rows; i++) {
          result[at + j * rows + i] = words[at + (rows - 1 - i) * outputs + j];
        }
      }
    }
    return result;
  }

  private void put(Address address, int[] index, byte[] bytes) {
    long to = address.at(index);
    byte[] content = read(address.buffer());
    if (to < 0 || to + bytes.length > content.length) {
      throw new IndexOutOfBoundsException(
          "bytes " + to + " to " + (to + bytes.length) + " of " + address.buffer());
    }
    System.arraycopy(bytes, 0, content, (int) to, bytes.length);
  }

  // --- vectors ---

  private void vectors(VectorNest nest) {
    int[] loops = nest.loops().stream().mapToInt(Integer::intValue).toArray();
    int[] index = new int[loops.length];
    int width = dmpus * columns;
    short[][] registers = new short[nest.registers()][width];
    short[] first = new short[width];
    short[] second = new short[width];
    for (long i = nest.iterations(); i > 0; i--) {
      for (VectorStep step : nest.body()) {
        if (step instanceof VectorStep.Load load) {
          byte[] bytes = part(load.from().buffer(), load.from().at(index), 2 * width);
          short[] register = registers[load.register()];
          for (int lane = 0; lane < width; lane++) {
            register[lane] = (short) (bytes[2 * lane] & 0xff | bytes[2 * lane + 1] << 8);
          }
        } else if (step instanceof VectorStep.Operate operate) {
          lanes.apply(
              operate.op(),
              source(operate.first(), registers, first),
              0,
              0,
              source(operate.second(), registers, second),
              0,
              operate.negateSecond() ? Bfloat16.SIGN : 0,
              registers[operate.register()],
              0,
              width);
        } else {
          store((VectorStep.Store) step, index, registers);
        }
      }
      Loops.advance(index, loops);
    }
  }

  private static short[] source(VectorStep.Operand operand, short[][] registers, short[] constant) {
    if (!operand.isConstant()) {
      return registers[operand.index()];
    }
    Arrays.fill(constant, (short) operand.index());
    return constant;
  }

  private void store(VectorStep.Store store, int[] index, short[][] registers) {
    boolean isWide = store.mode() == StoreMode.BF16_TO_BF16;
    int word = isWide ? 2 * columns : outputs;
    int count = store.registers().length;
    byte[] words = new byte[dmpus * count * word];
    int[] values = new int[columns];
    for (int d = 0; d < dmpus; d++) {
      for (int i = 0; i < count; i++) {
        short[] register = registers[store.registers()[i]];
        int at = (d * count + i) * word;
        for (int c = 0; c < columns; c++) {
          values[c] = register[d * columns + c] & 0xffff;
          if (isWide) {
            words[at + 2 * c] = (byte) values[c];
            words[at + 2 * c + 1] = (byte) (values[c] >> 8);
          }
        }
        if (!isWide) {
          requantise.bf16ToInt8(
              values, 0, columns, store.scale().mantissa(), store.scale().rightShift(), words, at);
        }
      }
    }
    put(store.to(), index, store.transpose() ? transposed(words) : words);
  }
}
