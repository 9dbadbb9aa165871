package org.tataa.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.ejml.data.FMatrixRMaj;
import org.tataa.config.TataaConfig;
import org.tataa.isa.StoreMode;
import org.tataa.kernel.MatMulKernel;
import org.tataa.kernel.Scale;
import org.tataa.numeric.Bfloat16;
import org.tataa.reference.Comparison;
import org.tataa.reference.ErrorReport;
import org.tataa.reference.Float32Reference;
import org.tataa.sim.HostOptions;
import org.tataa.sim.RunResult;
import org.tataa.sim.Simulator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs an int8 matrix product with seeded operands. */
@Command(
    name = "matmul",
    mixinStandardHelpOptions = true,
    description = "Run an int8 matrix product C[M][N] = A[M][K] B[K][N] with seeded operands.")
final class MatMulCommand implements Callable<Integer> {
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
      names = "--seed",
      defaultValue = "1",
      description = "Seed of the operands (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    TataaConfig config = machine.config();
    MatMulKernel kernel =
        new MatMulKernel(config, m, n, k, StoreMode.ACC_TO_BF16, Scale.ONE, new int[0]);
    Random random = new Random(seed);
    byte[] a = values(random, m * k);
    byte[] b = values(random, k * n);
    HostOptions host = engine.host();
    Simulator simulator = Simulator.builder(config).host(host).build();
    long start = System.nanoTime();
    RunResult run =
        Progress.during(
            spec.commandLine().getErr(), "simulating", () -> kernel.run(simulator, a, b));
    long nanos = System.nanoTime() - start;
    int[] bits = kernel.collect(simulator);
    FMatrixRMaj actual = new FMatrixRMaj(m, n);
    for (int i = 0; i < bits.length; i++) {
      actual.data[i] = Bfloat16.toFloat(bits[i]);
    }
    ErrorReport error =
        Comparison.compare(
            "matmul", actual, Float32Reference.matmul(matrix(m, k, a), matrix(k, n, b)), 5);
    long cycles = run.total().cycles();
    long macs = run.total().macs();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("job", "matmul");
      view.put("m", m);
      view.put("n", n);
      view.put("k", k);
      view.put("seed", seed);
      view.put("machine", MachineOptions.describe(config));
      view.put("run", RunViews.run(run));
      view.put("error", RunViews.error(error));
      view.put("wallSeconds", nanos / 1e9);
      view.put("host", EngineOptions.describe(host, cycles, macs, nanos));
      out.println(Json.write(view));
    } else {
      out.println(MachineOptions.line(config));
      out.printf(
          "%dx%dx%d: %d cycles, %.1f GOPS (%.1f %% of peak), %d wraps%n",
          m, n, k, run.cycles(), run.gops(), 100 * run.int8Utilisation(), run.total().wraps());
      out.println(EngineOptions.line(host, cycles, macs, nanos));
      out.println("against float32, bf16 result: " + error);
      RunViews.printUnits(out, run.total());
    }
    return error.notFinite() == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private static byte[] values(Random random, int count) {
    byte[] values = new byte[count];
    for (int i = 0; i < count; i++) {
      values[i] = (byte) (random.nextInt(255) - 127);
    }
    return values;
  }

  private static FMatrixRMaj matrix(int rows, int columns, byte[] values) {
    FMatrixRMaj matrix = new FMatrixRMaj(rows, columns);
    for (int i = 0; i < values.length; i++) {
      matrix.data[i] = values[i];
    }
    return matrix;
  }
}
