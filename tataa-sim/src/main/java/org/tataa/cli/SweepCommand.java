package org.tataa.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tataa.explore.EnergyTable;
import org.tataa.explore.Sweep;
import org.tataa.explore.SweepSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Models on many configurations. */
@Command(
    name = "sweep",
    mixinStandardHelpOptions = true,
    description = {
      "Simulate workloads on many configurations, a row of a CSV file each, and print the Pareto",
      "front in time, energy (an estimate) and DSP slices. Goes on where it was stopped."
    })
final class SweepCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SPEC", description = "YAML file: models, batch, grid, configurations.")
  private Path file = Path.of("");

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "CSV file; rows that are in it or in FILE.part are not simulated again.")
  private Path output = Path.of("");

  @Option(
      names = "--energy",
      paramLabel = "TABLE",
      defaultValue = EnergyTable.ASIC,
      description =
          "Table of energies: asic-45nm, fpga, or a JSON file (default: ${DEFAULT-VALUE}).")
  private String energy = EnergyTable.ASIC;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Host threads; 0 for one per processor (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Write an HTML page with the Pareto fronts that needs no network.")
  private @Nullable Path page;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (threads < 0) {
      throw new InputException("--threads " + threads + ": expected 0 or more");
    }
    FileAccess.requireWritable(output, page);
    SweepSpec sweep;
    try {
      sweep = SweepSpec.parse(FileAccess.readText(file));
    } catch (IllegalArgumentException e) {
      throw new InputException(file + ": " + e.getMessage());
    }
    EnergyTable table = EnergyOption.read(energy);
    Sweep.Result result = run(sweep, table);
    if (page != null) {
      FileAccess.write(
          page, out -> out.write(HtmlReport.page("sweep.html", SweepPage.view(sweep, result))));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.write(view(sweep, result)));
    } else {
      print(out, sweep, result);
    }
    return ExitCode.OK;
  }

  private Sweep.Result run(SweepSpec sweep, EnergyTable table) {
    try (Progress progress = new Progress(spec.commandLine().getErr(), "sweep")) {
      return new Sweep(sweep, table).run(output.toAbsolutePath(), threads, progress);
    } catch (UncheckedIOException | IllegalStateException | IllegalArgumentException e) {
      throw new InputException(String.valueOf(e.getMessage()));
    }
  }

  private static void print(PrintWriter out, SweepSpec sweep, Sweep.Result result) {
    out.printf(
        "%d rows, %d simulated now, %d refused%n",
        result.rows().size(), result.computed(), result.refused());
    for (String model : sweep.models()) {
      out.printf("%n%s: Pareto front in time, energy (an estimate) and DSPs%n", model);
      Layout.table(out, table -> printFront(table, Sweep.pareto(result.rows(), model)));
    }
  }

  private static void printFront(PrintWriter out, List<Sweep.Row> rows) {
    out.println("ms a batch  J an item   DSPs  digest            differs from u280 in");
    for (Sweep.Row row : rows) {
      out.printf(
          Locale.ROOT,
          "%10.3f %10.3g %6s  %s  %s%n",
          1e3 * row.number("seconds"),
          row.number("energy_estimate_joules_per_item"),
          row.value("dsps"),
          row.value("digest"),
          Sweep.differences(row));
    }
  }

  private static Map<String, Object> view(SweepSpec sweep, Sweep.Result result) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("rows", result.rows().size());
    view.put("computed", result.computed());
    view.put("refused", result.refused());
    Map<String, Object> fronts = new LinkedHashMap<>();
    for (String model : sweep.models()) {
      List<Map<String, String>> front =
          Sweep.pareto(result.rows(), model).stream().map(Sweep.Row::values).toList();
      fronts.put(model, front);
    }
    view.put("pareto", fronts);
    return view;
  }
}
