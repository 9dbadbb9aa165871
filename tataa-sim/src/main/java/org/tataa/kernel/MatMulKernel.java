package org.tataa.kernel;

import java.util.ArrayList;
import java.util.List;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.StoreMode;
import org.tataa.memory.ExternalMemory;
import org.tataa.sim.RunResult;
import org.tataa.sim.Simulator;

/**
 * int8 matrix product {@code C[m][n] = convert(scale * (A[m][k] B[k][n] + bias[m]))} on all cores.
 *
 * <p>Result blocks of {@code rows x outputs} are split evenly over the cores; each core holds the
 * parts of A and B its blocks need. Sizes are arbitrary; K beyond one tile accumulates in place.
 * The bias is exact: it enters as a few more words of depth, see {@link #biasWords}.
 */
public final class MatMulKernel {
  private static final int FULL = 127;

  private final TataaConfig config;
  private final int m;
  private final int n;
  private final int k;
  private final StoreMode mode;
  private final Scale scale;
  private final int[] bias;
  private final int depth;
  private final List<List<BlockStream.Block>> blocks = new ArrayList<>();
  private final List<Program> programs = new ArrayList<>();

  /**
   * Plans a product.
   *
   * @param m rows of A and C
   * @param n columns of B and C
   * @param k columns of A and rows of B
   * @param mode ACC_TO_INT8 or ACC_TO_BF16
   * @param bias one integer per row of C in units of the sums; empty for none
   * @throws IllegalArgumentException if a size is not positive, the mode is no conversion of sums,
   *     the bias has a wrong length, or the memory of a core is too small
   */
  public MatMulKernel(
      TataaConfig config, int m, int n, int k, StoreMode mode, Scale scale, int[] bias) {
    require(m > 0 && n > 0 && k > 0, "m=" + m + ", n=" + n + ", k=" + k + " must be positive");
    require(mode.fromSums(), "mode=" + mode + ", expected ACC_TO_INT8 or ACC_TO_BF16");
    require(
        bias.length == 0 || bias.length == m,
        "bias has " + bias.length + " entries, expected 0 or m=" + m);
    this.config = config;
    this.m = m;
    this.n = n;
    this.k = k;
    this.mode = mode;
    this.scale = scale;
    this.bias = bias.clone();
    depth = k + biasWords(bias);
    plan();
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /**
   * Words of depth a bias takes: a word with activation 1 for the remainder and one with activation
   * 127 for every 127 * 127 of the largest magnitude. No bias takes none.
   */
  public static int biasWords(int[] bias) {
    int largest = 0;
    for (int value : bias) {
      largest = Math.max(largest, Math.abs(quotient(value)));
    }
    return bias.length == 0 ? 0 : 1 + Layouts.parts(largest, FULL);
  }

  private static int quotient(int value) {
    return Math.floorDiv(value + FULL / 2, FULL);
  }

  /**
   * Writes the bias weights of one row behind its {@code k} weights.
   *
   * @param row the row, with room for {@code k + words} values from {@code offset}
   */
  public static void placeBias(byte[] row, int offset, int k, int words, int bias) {
    int rest = quotient(bias);
    row[offset + k] = (byte) (bias - rest * FULL);
    for (int word = 1; word < words; word++) {
      int part = Math.max(-FULL, Math.min(FULL, rest));
      row[offset + k + word] = (byte) part;
      rest -= part;
    }
  }

  /** The activations that go with {@link #placeBias}: 1, then 127 for each further word. */
  public static byte biasActivation(int word) {
    return (byte) (word == 0 ? 1 : FULL);
  }

  private void plan() {
    ArrayGeometry geometry = config.geometry();
    int rowBlocks = Layouts.parts(m, geometry.rows());
    int columnBlocks = Layouts.parts(n, geometry.outputs());
    int total = rowBlocks * columnBlocks;
    int resultBytes =
        geometry.rows() * geometry.outputs() * (mode == StoreMode.ACC_TO_BF16 ? 2 : 1);
    for (int core = 0; core < config.cores(); core++) {
      Arena arena = new Arena(config);
      long[] xAt = new long[rowBlocks];
      long[] yAt = new long[columnBlocks];
      java.util.Arrays.fill(xAt, -1);
      java.util.Arrays.fill(yAt, -1);
      ProgramBuilder program = new ProgramBuilder();
      BlockStream stream = new BlockStream(config, program);
      List<BlockStream.Block> mine = new ArrayList<>();
      int end = Layouts.splitStart(total, config.cores(), core + 1);
      for (int block = Layouts.splitStart(total, config.cores(), core); block < end; block++) {
        int row = block % rowBlocks;
        int column = block / rowBlocks;
        if (xAt[row] < 0) {
          xAt[row] = arena.take("A of the matrix product", (long) depth * geometry.rows());
        }
        if (yAt[column] < 0) {
          yAt[column] = arena.take("B of the matrix product", (long) depth * geometry.outputs());
        }
        long target = arena.take("C of the matrix product", resultBytes);
        mine.add(new BlockStream.Block(xAt[row], yAt[column], depth, mode, false, scale, target));
      }
      mine.forEach(stream::add);
      stream.emit();
      blocks.add(mine);
      programs.add(program.halt().build());
    }
  }

  /** The programs, one per core. */
  public List<Program> programs() {
    return List.copyOf(programs);
  }

  /**
   * Writes the operands into the memories of all cores.
   *
   * @param a {@code [m][k]} row-major
   * @param b {@code [k][n]} row-major
   * @throws IllegalArgumentException if a length does not match
   */
  public void place(Simulator simulator, byte[] a, byte[] b) {
    require(a.length == m * k, "A has " + a.length + " values, expected m*k=" + (long) m * k);
    require(b.length == k * n, "B has " + b.length + " values, expected k*n=" + (long) k * n);
    byte[] weights = withBias(a);
    byte[] activations = withBiasActivations(b);
    for (int core = 0; core < config.cores(); core++) {
      ExternalMemory memory = simulator.memory(core);
      int first = Layouts.splitStart(total(), config.cores(), core);
      for (int i = 0; i < blocks.get(core).size(); i++) {
        BlockStream.Block block = blocks.get(core).get(i);
        int firstRow = rowOf(first + i);
        int firstColumn = columnOf(first + i);
        memory.write(
            ExternalMemory.Space.X,
            block.xAddress(),
            Layouts.xWords(config.geometry(), weights, m, depth, firstRow));
        memory.write(
            ExternalMemory.Space.YZ,
            block.yAddress(),
            Layouts.yWords(config.geometry(), activations, n, depth, firstColumn));
      }
    }
  }

  private int total() {
    return Layouts.parts(m, config.geometry().rows())
        * Layouts.parts(n, config.geometry().outputs());
  }

  private int rowOf(int block) {
    return block % Layouts.parts(m, config.geometry().rows()) * config.geometry().rows();
  }

  private int columnOf(int block) {
    return block / Layouts.parts(m, config.geometry().rows()) * config.geometry().outputs();
  }

  private byte[] withBias(byte[] a) {
    if (bias.length == 0) {
      return a;
    }
    byte[] extended = new byte[m * depth];
    for (int row = 0; row < m; row++) {
      System.arraycopy(a, row * k, extended, row * depth, k);
      placeBias(extended, row * depth, k, depth - k, bias[row]);
    }
    return extended;
  }

  private byte[] withBiasActivations(byte[] b) {
    if (bias.length == 0) {
      return b;
    }
    byte[] extended = java.util.Arrays.copyOf(b, depth * n);
    for (int word = 0; word < depth - k; word++) {
      java.util.Arrays.fill(extended, (k + word) * n, (k + word + 1) * n, biasActivation(word));
    }
    return extended;
  }

  /**
   * Reads the result from the memories of all cores.
   *
   * @return {@code [m][n]} row-major: int8 values, or bfloat16 patterns
   */
  public int[] collect(Simulator simulator) {
    int[] c = new int[m * n];
    int rows = config.geometry().rows();
    int outputs = config.geometry().outputs();
    boolean wide = mode == StoreMode.ACC_TO_BF16;
    for (int core = 0; core < config.cores(); core++) {
      int first = Layouts.splitStart(total(), config.cores(), core);
      for (int i = 0; i < blocks.get(core).size(); i++) {
        byte[] block =
            simulator
                .memory(core)
                .read(
                    ExternalMemory.Space.YZ,
                    blocks.get(core).get(i).target(),
                    rows * outputs * (wide ? 2 : 1));
        int firstRow = rowOf(first + i);
        int firstColumn = columnOf(first + i);
        for (int row = 0; row < rows && firstRow + row < m; row++) {
          for (int column = 0; column < outputs && firstColumn + column < n; column++) {
            int at = row * outputs + column;
            c[(firstRow + row) * n + firstColumn + column] =
                wide ? Layouts.bf16At(block, 2 * at) : block[at];
          }
        }
      }
    }
    return c;
  }

  /** Places the operands, runs the programs to their end and returns what happened. */
  public RunResult run(Simulator simulator, byte[] a, byte[] b) {
    place(simulator, a, b);
    simulator.load(programs);
    return simulator.run();
  }
}
