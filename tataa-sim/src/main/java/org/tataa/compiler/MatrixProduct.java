package org.tataa.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.machine.CoreMachine;
import org.tataa.observe.Counters;
import org.tataa.sim.CoreResult;
import org.tataa.sim.HostOptions;
import org.tataa.sim.HostThreads;
import org.tataa.sim.RunResult;
import org.tataa.tensor.ConstantOp;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.DownloadOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.Scale;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;

/**
 * An int8 matrix product {@code C[M][N] = scale * A[M][K] B[K][N]} on all cores of a device: a
 * tensor program of one product for each core's share of the result, compiled as models are.
 *
 * <pre>{@code
 * Int8Matrix a = Int8Matrix.filled(100, 200, 2);
 * Int8Matrix b = Int8Matrix.filled(200, 50, 3);
 * MatrixProduct.Result c = MatrixProduct.of(TataaConfig.u280(), a, b, Scale.ONE).run();
 * System.out.println(c.get(0, 0) + " after " + c.run().cycles() + " cycles");
 * }</pre>
 */
public final class MatrixProduct {
  private static final String RESULT = "c";

  /** A share on its core. */
  private record Core(ProductShares.Share share, CompiledModel program, CoreMachine machine) {}

  private final TataaConfig config;
  private final Int8Matrix a;
  private final Int8Matrix b;
  private final HostOptions host;
  private final List<Core> cores;

  private MatrixProduct(
      TataaConfig config, Int8Matrix a, Int8Matrix b, HostOptions host, List<Core> cores) {
    this.config = config;
    this.a = a;
    this.b = b;
    this.host = host;
    this.cores = cores;
  }

  /** A product compiled and loaded, with default choices for the host. */
  public static MatrixProduct of(TataaConfig config, Int8Matrix a, Int8Matrix b, Scale scale) {
    return of(config, a, b, scale, HostOptions.DEFAULT);
  }

  /**
   * A product compiled and loaded.
   *
   * @param scale applied to every sum before it is rounded to bfloat16
   * @param host engine and threads; no result depends on them
   * @throws IllegalArgumentException if the shapes do not fit
   * @throws org.tataa.schedule.ScheduleException if the memory of a core is too small
   */
  public static MatrixProduct of(
      TataaConfig config, Int8Matrix a, Int8Matrix b, Scale scale, HostOptions host) {
    if (a.columns() != b.rows()) {
      throw new IllegalArgumentException(
          "A is " + a + " and B is " + b + ", expected as many rows of B as columns of A");
    }
    List<ProductShares.Share> shares =
        ProductShares.of(config.geometry(), config.cores(), a.rows(), b.columns());
    @Nullable Core[] cores = new Core[shares.size()];
    HostThreads.forEach(
        cores.length,
        host.threads(),
        i -> {
          TensorProgram program = program(a, b, shares.get(i), scale);
          CompiledModel compiled = new CompiledModel(config, Compilation.of(config, program));
          CoreMachine machine = CoreMachine.simulated(compiled.core(), host.engine());
          compiled.load(machine);
          cores[i] = new Core(shares.get(i), compiled, machine);
        });
    List<Core> list = new ArrayList<>();
    for (Core core : cores) {
      list.add(Objects.requireNonNull(core));
    }
    return new MatrixProduct(config, a, b, host, list);
  }

  private static TensorProgram program(
      Int8Matrix a, Int8Matrix b, ProductShares.Share share, Scale scale) {
    Int8Matrix.Range depth = new Int8Matrix.Range(0, a.columns());
    Int8Matrix left = a.part(share.rows(), depth);
    Int8Matrix right = b.part(depth, share.columns());
    Value x = new Value("a", Element.INT8, left.rows(), left.columns());
    Value y = new Value("b", Element.INT8, right.rows(), right.columns());
    Value product = new Value("product", Element.BF16, left.rows(), right.columns());
    Value result = new Value(RESULT, Element.HOST, left.rows(), right.columns());
    List<TensorOp> ops =
        List.of(
            new ConstantOp(left.bits(), x),
            new ConstantOp(right.bits(), y),
            ContractOp.of(x, y, ContractOp.Columns.N, scale, product),
            new DownloadOp(product, result));
    return new TensorProgram("matrix product", ops, Map.of(RESULT, result));
  }

  /**
   * What a product gave.
   *
   * @param m rows
   * @param n columns
   * @param values {@code [m][n]}, each a bfloat16 number
   * @param run cycles and counters of the cores
   * @param macs multiply-accumulates of the product, padding left out
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Result(int m, int n, float[] values, RunResult run, long macs) {
    /** One value. */
    public float get(int row, int column) {
      return values[row * n + column];
    }

    /** int8 rate in GOPS, padding left out. */
    public double gops() {
      return run.gops(macs);
    }

    /** Share of the peak int8 rate, padding left out, 0..1. */
    public double int8Utilisation() {
      return run.int8Utilisation(macs);
    }

    /** Multiply-accumulates of padding. */
    public long paddedMacs() {
      return run.total().macs() - macs;
    }
  }

  /** The programs of the cores that have a share. */
  public List<CompiledModel> programs() {
    return cores.stream().map(Core::program).toList();
  }

  /** Multiplies; may be called again. */
  public Result run() {
    float[] values = new float[Math.multiplyExact(a.rows(), b.columns())];
    CoreResult[] results = new CoreResult[config.cores()];
    HostThreads.forEach(
        cores.size(), host.threads(), i -> results[i] = run(i, cores.get(i), values));
    long cycles = 0;
    List<CoreResult> list = new ArrayList<>();
    for (int core = 0; core < results.length; core++) {
      CoreResult result = core < cores.size() ? results[core] : idle(core);
      cycles = Math.max(cycles, result.cycles());
      list.add(result);
    }
    long macs = (long) a.rows() * a.columns() * b.columns();
    return new Result(a.rows(), b.columns(), values, new RunResult(config, cycles, list), macs);
  }

  private static CoreResult idle(int core) {
    return new CoreResult(core, 0, 0, new Counters());
  }

  private CoreResult run(int number, Core core, float[] values) {
    CompiledModel.Result result = core.program().run(core.machine(), Map.of());
    Counters counters = new Counters();
    result.steps().forEach(step -> counters.add(step.counters()));
    float[] part = Objects.requireNonNull(result.outputs().get(RESULT)).floats();
    Int8Matrix.Range rows = core.share().rows();
    Int8Matrix.Range columns = core.share().columns();
    for (int row = 0; row < rows.length(); row++) {
      System.arraycopy(
          part,
          row * columns.length(),
          values,
          (rows.from() + row) * b.columns() + columns.from(),
          columns.length());
    }
    return new CoreResult(number, result.cycles(), result.cycles(), counters);
  }
}
