package org.tataa.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tataa.config.ArithmeticProfile;
import org.tataa.function.ErrorTable;
import org.tataa.function.FunctionLibrary;
import org.tataa.numeric.Bf16Unit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures the approximations of the function library. */
@Command(
    name = "functions",
    mixinStandardHelpOptions = true,
    description = {
      "List the functions with their approximations, cost in vector operations per element, and",
      "errors measured over every bfloat16 argument in the range of the table."
    })
final class FunctionsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(arity = "0..*", paramLabel = "FUNCTION", description = "Functions (default: all).")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Write the table of docs/functions.md to this file.")
  private @Nullable Path markdown;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  private record Row(
      FunctionLibrary.Entry entry, FunctionLibrary.Approximation approximation, ErrorTable error) {}

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    FileAccess.requireWritable(markdown);
    List<Row> rows = Progress.during(spec.commandLine().getErr(), "measuring", () -> rows());
    if (markdown != null) {
      FileAccess.write(markdown, markdown(rows).getBytes(StandardCharsets.UTF_8));
    }
    if (json) {
      out.println(Json.write(Map.of("functions", rows.stream().map(this::view).toList())));
    } else {
      Layout.table(out, table -> print(table, rows));
    }
    return ExitCode.OK;
  }

  private List<Row> rows() {
    Bf16Unit unit = Bf16Unit.of(ArithmeticProfile.CORRECTED);
    List<String> unknown = new ArrayList<>(names);
    List<Row> rows = new ArrayList<>();
    for (FunctionLibrary.Entry entry : FunctionLibrary.entries()) {
      if (!names.isEmpty() && !unknown.remove(entry.name())) {
        continue;
      }
      for (FunctionLibrary.Approximation approximation : entry.approximations()) {
        rows.add(
            new Row(
                entry, approximation, ErrorTable.measure(entry, approximation.program(), unit)));
      }
    }
    if (!unknown.isEmpty()) {
      List<String> known =
          FunctionLibrary.entries().stream().map(FunctionLibrary.Entry::name).toList();
      throw new InputException("no function " + unknown + ", expected one of " + known);
    }
    return rows;
  }

  private Map<String, Object> view(Row row) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("function", row.entry().name());
    view.put("approximation", row.approximation().name());
    view.put("isa", row.approximation().program().isa());
    view.put("operations", row.approximation().program().operations());
    view.put("from", row.entry().from());
    view.put("to", row.entry().to());
    view.put("relative", row.entry().isRelative());
    view.put("arguments", row.error().arguments());
    view.put("maxError", row.error().max());
    view.put("meanError", row.error().mean());
    view.put("worstArgument", row.error().worst());
    return view;
  }

  private static String error(Row row, double value) {
    return row.entry().isRelative()
        ? String.format(Locale.ROOT, "%.3f %%", 100 * value)
        : String.format(Locale.ROOT, "%.5f", value);
  }

  private static void print(PrintWriter out, List<Row> rows) {
    out.println(
        "function     approximation  ISA        ops  from       to          max error   mean error"
            + "  at");
    for (Row row : rows) {
      out.printf(
          Locale.ROOT,
          "%-12s %-14s %-10s %3d  %-10.4g %-10.4g %10s  %10s  %.4g%n",
          row.entry().name(),
          row.approximation().name(),
          row.approximation().program().isa(),
          row.approximation().program().operations(),
          row.entry().from(),
          row.entry().to(),
          error(row, row.error().max()),
          error(row, row.error().mean()),
          row.error().worst());
    }
  }

  private static String markdown(List<Row> rows) {
    StringBuilder text = new StringBuilder();
    text.append("# Functions of the array\n\n")
        .append("Measured over every normal bfloat16 argument in the range, against double\n")
        .append("precision; errors are relative where they have a percent sign. Operations are\n")
        .append("vector operations per element. The first approximation an instruction set can\n")
        .append("run is its default. Made by `tataa functions --markdown docs/functions.md`.\n\n")
        .append(
            "| function | approximation | ISA | operations | range | max error | mean error |\n")
        .append("|---|---|---|---|---|---|---|\n");
    for (Row row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %d | %.4g to %.4g | %s | %s |\n",
              row.entry().name(),
              row.approximation().name(),
              row.approximation().program().isa(),
              row.approximation().program().operations(),
              row.entry().from(),
              row.entry().to(),
              error(row, row.error().max()),
              error(row, row.error().mean())));
    }
    return text.toString();
  }
}
