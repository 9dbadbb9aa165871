package org.tataa.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.ejml.data.FMatrixRMaj;
import org.tataa.compiler.Int8Matrix;
import org.tataa.compiler.MatrixProduct;
import org.tataa.config.TataaConfig;
import org.tataa.observe.Counters;
import org.tataa.reference.Comparison;
import org.tataa.reference.ErrorReport;
import org.tataa.sim.HostOptions;
import org.tataa.tensor.Scale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs an int8 matrix product with seeded operands. */
@Command(
    name = "matmul",
    mixinStandardHelpOptions = true,
    description = {
      "Run an int8 matrix product C[M][N] = A[M][K] B[K][N] with seeded operands on all cores.",
      "Fails if a value is further from the exact one than rounding to bfloat16 explains."
    })
final class MatMulCommand implements Callable<Integer> {
  /** Half a step of bfloat16, relative to the value. */
  private static final double ROUNDING = 1 / 256.0;

  /** A packed high sum may be one less (arithmetic.md, int8 products). */
  private static final double BORROW = 1;

  /** Sums of the default depth stay far below 2^15. */
  private static final double STANDARD_DEVIATION = 16;

  private static final int LARGEST = 127;
  private static final int SHOWN = 5;

  /** How operands are chosen. */
  enum Operands {
    /** Normally distributed codes, as a model's are. */
    MODEL,
    /** Codes of -127 and 127: sums leave packed accumulators. */
    EXTREME
  }

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private MachineOptions machine = new MachineOptions();
  @Mixin private EngineOptions engine = new EngineOptions();

  @Option(names = "-m", paramLabel = "M", defaultValue = "384", description = "Rows of A.")
  private int m;

  @Option(names = "-n", paramLabel = "N", defaultValue = "192", description = "Columns of B.")
  private int n;

  @Option(names = "-k", paramLabel = "K", defaultValue = "384", description = "Depth.")
  private int k;

  @Option(
      names = "--operands",
      defaultValue = "MODEL",
      description =
          "MODEL: normally distributed codes, as a model's are; EXTREME: -127 and 127, whose sums"
              + " leave packed accumulators (default: ${DEFAULT-VALUE}).")
  private Operands operands = Operands.MODEL;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of the operands (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    TataaConfig config = machine.config();
    HostOptions host = engine.host();
    Random random = new Random(seed);
    Int8Matrix a = matrix(random, m, k);
    Int8Matrix b = matrix(random, k, n);
    MatrixProduct product = MatrixProduct.of(config, a, b, Scale.ONE, host);
    PrintWriter err = spec.commandLine().getErr();
    long start = System.nanoTime();
    MatrixProduct.Result result = Progress.during(err, "simulating", product::run);
    long nanos = System.nanoTime() - start;
    FMatrixRMaj actual = FMatrixRMaj.wrap(m, n, result.values());
    FMatrixRMaj expected = exact(a, b);
    ErrorReport error = Comparison.compare("matmul", actual, expected, SHOWN);
    int wrong = wrong(actual, expected);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.write(view(config, host, result, error, wrong, nanos)));
    } else {
      print(out, config, host, result, error, nanos);
    }
    if (wrong > 0) {
      err.printf(
          "tataa: check failed: %d of %d values are not the exact ones rounded to bfloat16; %d sums"
              + " do not fit accumulator %s%n",
          wrong, m * n, result.run().total().wraps(), config.profiles().accumulator());
    }
    return wrong == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private Int8Matrix matrix(Random random, int rows, int columns) {
    byte[] codes = new byte[Math.multiplyExact(Math.max(0, rows), Math.max(0, columns))];
    for (int i = 0; i < codes.length; i++) {
      long code =
          switch (operands) {
            case MODEL -> Math.round(STANDARD_DEVIATION * random.nextGaussian());
            case EXTREME -> random.nextBoolean() ? LARGEST : -LARGEST;
          };
      codes[i] = (byte) Math.max(-LARGEST, Math.min(LARGEST, code));
    }
    return new Int8Matrix(rows, columns, codes);
  }

  private static FMatrixRMaj exact(Int8Matrix a, Int8Matrix b) {
    FMatrixRMaj exact = new FMatrixRMaj(a.rows(), b.columns());
    for (int row = 0; row < a.rows(); row++) {
      for (int column = 0; column < b.columns(); column++) {
        long sum = 0;
        for (int i = 0; i < a.columns(); i++) {
          sum += (long) a.get(row, i) * b.get(i, column);
        }
        exact.set(row, column, (float) sum);
      }
    }
    return exact;
  }

  // Values outside the bound.
  private static int wrong(FMatrixRMaj actual, FMatrixRMaj exact) {
    int wrong = 0;
    for (int i = 0; i < exact.getNumElements(); i++) {
      double bound = Math.abs(exact.data[i]) * ROUNDING + BORROW;
      wrong += Math.abs((double) actual.data[i] - exact.data[i]) <= bound ? 0 : 1;
    }
    return wrong;
  }

  private Map<String, Object> view(
      TataaConfig config,
      HostOptions host,
      MatrixProduct.Result result,
      ErrorReport error,
      int wrong,
      long nanos) {
    Counters total = result.run().total();
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("job", "matmul");
    view.put("m", m);
    view.put("n", n);
    view.put("k", k);
    view.put("operands", operands.name());
    view.put("seed", seed);
    view.put("machine", MachineOptions.describe(config));
    view.put("macs", result.macs());
    view.put("paddedMacs", result.paddedMacs());
    view.put("gops", result.gops());
    view.put("int8Utilisation", result.int8Utilisation());
    view.put("run", RunViews.run(result.run()));
    view.put("error", RunViews.error(error));
    view.put("wrongValues", wrong);
    view.put("wallSeconds", nanos / 1e9);
    view.put("host", EngineOptions.describe(host, total.cycles(), total.macs(), nanos));
    return view;
  }

  private void print(
      PrintWriter out,
      TataaConfig config,
      HostOptions host,
      MatrixProduct.Result result,
      ErrorReport error,
      long nanos) {
    Counters total = result.run().total();
    out.println(MachineOptions.line(config));
    out.printf(
        Locale.ROOT,
        "%dx%dx%d: %d cycles, %.1f GOPS (%.1f %% of peak), %.1f %% of the array's products are"
            + " padding, largest |sum| %d, %d wraps%n",
        m,
        n,
        k,
        result.run().cycles(),
        result.gops(),
        100 * result.int8Utilisation(),
        100.0 * result.paddedMacs() / total.macs(),
        total.maxAbsSum(),
        total.wraps());
    out.println(EngineOptions.line(host, total.cycles(), total.macs(), nanos));
    out.println("against float32, bf16 result: " + error);
    RunViews.printUnits(out, total);
    RunViews.printPorts(out, config, total);
  }
}
