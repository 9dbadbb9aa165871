package org.tataa.spark;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.tataa.explore.EnergyTable;
import org.tataa.explore.Sweep;
import org.tataa.explore.SweepSpec;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * A sweep on Spark: {@code tataa sweep}, with rows computed by executors. Run by spark-submit, or
 * by java with Spark on the class path and {@code --master}.
 */
@Command(
    name = "spark-sweep",
    mixinStandardHelpOptions = true,
    description = {
      "Simulate workloads on many configurations, a row of a CSV file each, on Apache Spark.",
      "Goes on where it, or `tataa sweep`, was stopped; the bytes are those of `tataa sweep`."
    })
public final class SparkSweep implements Callable<Integer> {
  private static final PrintStream OUT = System.out;
  private static final PrintStream ERR = System.err;

  /** Exit code of input that cannot be used, as that of {@code tataa}. */
  private static final int INPUT = 3;

  @Parameters(paramLabel = "SPEC", description = "YAML file: models, batch, grid, configurations.")
  private Path file = Path.of("");

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "CSV file; rows that are in it or in FILE.part are not simulated again.")
  private Path output = Path.of("");

  @Option(
      names = "--parquet",
      paramLabel = "FILE",
      description = "Write the finished table as Parquet, too.")
  private @Nullable Path parquet;

  @Option(
      names = "--energy",
      paramLabel = "TABLE",
      defaultValue = EnergyTable.ASIC,
      description =
          "Table of energies: asic-45nm, fpga, or a JSON file (default: ${DEFAULT-VALUE}).")
  private String energy = EnergyTable.ASIC;

  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "As spark://host:7077 or local[4]; with spark-submit its own option.")
  private @Nullable String master;

  private SparkSweep() {}

  /** Runs a sweep; see {@code --help}. */
  public static void main(String[] arguments) {
    int code = new CommandLine(new SparkSweep()).execute(arguments);
    if (code != 0) {
      System.exit(code);
    }
  }

  @Override
  public Integer call() throws IOException {
    try {
      String text = Files.readString(file);
      SweepSpec spec = SweepSpec.parse(text);
      EnergyTable table =
          EnergyTable.names().contains(energy)
              ? EnergyTable.of(energy)
              : EnergyTable.parse(Files.readString(Path.of(energy)));
      Sweep.Result result;
      try (JavaSparkContext context = new JavaSparkContext(configuration())) {
        result =
            new Sweep(spec, table)
                .run(
                    output.toAbsolutePath(),
                    new SparkWorkers(context, text, table),
                    (done, of) -> {});
      }
      if (parquet != null) {
        ParquetTable.write(parquet, result.rows());
      }
      OUT.printf(
          "%d rows, %d simulated now, %d refused%n",
          result.rows().size(), result.computed(), result.refused());
      return 0;
    } catch (IllegalArgumentException | IllegalStateException e) {
      ERR.println(e.getMessage());
      return INPUT;
    }
  }

  private SparkConf configuration() {
    SparkConf configuration = new SparkConf().setIfMissing("spark.app.name", "tataa sweep");
    configuration.setIfMissing("spark.ui.enabled", "false");
    if (master != null) {
      configuration.setMaster(master);
    }
    String[] jar = JavaSparkContext.jarOfClass(SparkSweep.class);
    if (jar.length > 0 && !configuration.contains("spark.jars")) {
      configuration.setJars(jar);
    }
    return configuration;
  }
}
