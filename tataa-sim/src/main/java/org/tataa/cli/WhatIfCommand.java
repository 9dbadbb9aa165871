package org.tataa.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.Forwarding;
import org.tataa.config.TataaConfig;
import org.tataa.explore.BatchEnergy;
import org.tataa.explore.Change;
import org.tataa.explore.EnergyTable;
import org.tataa.explore.Resources;
import org.tataa.explore.WhatIf;
import org.tataa.graph.NdTensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What changes of the machine would buy. */
@Command(
    name = "whatif",
    mixinStandardHelpOptions = true,
    description = {
      "Compile a model for machines that differ in one thing, simulate it on each, and print"
          + " cycles,",
      "energy (an estimate) and utilisation beside those of the base. Every item is on one core."
    })
final class WhatIfCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "MODEL",
      description = "As of `tataa run`: an ONNX file, or the name of a workload.")
  private String model = "";

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Items of a batch; the model's items are repeated (default: its items).")
  private @Nullable Integer batch;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "CHANGE",
      description = "Changes to look at (default: all; --list has their names).")
  private List<String> only = List.of();

  @Option(names = "--list", description = "List the changes and do nothing.")
  private boolean isList;

  @Option(
      names = "--values",
      description = "Also compute all values and compare them with float32; takes longer.")
  private boolean isComputed;

  @Option(
      names = "--energy",
      paramLabel = "TABLE",
      defaultValue = EnergyTable.ASIC,
      description =
          "Table of energies: asic-45nm, fpga, or a JSON file (default: ${DEFAULT-VALUE}).")
  private String energy = EnergyTable.ASIC;

  @Option(names = "--csv", paramLabel = "FILE", description = "Write a line per machine.")
  private @Nullable Path csv;

  @Mixin private ModelOptions options = new ModelOptions();

  @Mixin private MachineOptions machine = new MachineOptions();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (isList) {
      Change.all().forEach(change -> out.printf("%-20s %s%n", change.name(), change.text()));
      return ExitCode.OK;
    }
    if (batch != null && batch < 1) {
      throw new InputException("--batch " + batch + ", expected at least 1");
    }
    FileAccess.requireWritable(csv);
    List<Change> changes = only.isEmpty() ? Change.all() : only.stream().map(Change::of).toList();
    EnergyTable table = EnergyOption.read(energy);
    TataaConfig config = machine.config();
    ModelOptions.Work work = options.open(model, config);
    PrintWriter err = spec.commandLine().getErr();
    options.prepare(work, err);
    List<Map<String, NdTensor>> items = items(work.items());
    List<WhatIf.Row> rows;
    try (Progress progress = new Progress(err, "what if")) {
      rows =
          WhatIf.rows(work.session(), items, work.samples(), changes, table, isComputed, progress);
    }
    if (csv != null) {
      FileAccess.write(csv, csv(rows).getBytes(StandardCharsets.UTF_8));
    }
    if (json) {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("model", work.name());
      view.put("batch", items.size());
      view.put("machine", MachineOptions.describe(config));
      view.put("compiler", CompilerView.describe(options.compilerOptions()));
      view.put("energyTable", table.name());
      view.put("rows", rows.stream().map(row -> view(row, rows.get(0))).toList());
      out.println(Json.write(view));
    } else {
      out.printf("%s, %d items%n%s%n", work.name(), items.size(), MachineOptions.line(config));
      CompilerView.print(out, options.compilerOptions());
      out.println();
      print(out, rows);
    }
    return rows.get(0).isSimulated() ? ExitCode.OK : ExitCode.BAD_INPUT;
  }

  private List<Map<String, NdTensor>> items(List<Map<String, NdTensor>> items) {
    if (batch == null) {
      return items;
    }
    List<Map<String, NdTensor>> repeated = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      repeated.add(items.get(i % items.size()));
    }
    return Collections.unmodifiableList(repeated);
  }

  private void print(PrintWriter out, List<WhatIf.Row> rows) {
    Layout.table(out, table -> printRows(table, rows));
    Layout.line(
        out,
        "  faster: time of the batch against the base; int8 util: useful products, of the peak of"
            + " all cores;");
    out.println("  energy is an estimate by table " + energy);
    WhatIf.Row base = rows.get(0);
    for (WhatIf.Row row : rows) {
      if (row.change().isMore()
          && row.isSimulated()
          && base.isSimulated()
          && row.batch().deviceCycles() > base.batch().deviceCycles()) {
        Layout.line(out, "  " + row.change().text() + ": slower with more, because " + why(row));
      }
    }
  }

  private String why(WhatIf.Row row) {
    TataaConfig config = row.config();
    return config != null
            && config.resultPath()
            && options.compilerOptions().forwarding() == Forwarding.ALWAYS
        ? "sums go to vector slots wherever they can (--forward-sums always)"
        : "programs are ordered anew for each machine by a rough clock; the same program would not"
            + " be (docs/checks.md)";
  }

  private void printRows(PrintWriter out, List<WhatIf.Row> rows) {
    WhatIf.Row base = rows.get(0);
    out.println(
        "device cycles  faster  items/s  int8 util  lanes busy  J an item (low to high)   GOPS/W "
            + "  DSPs  change");
    for (WhatIf.Row row : rows) {
      if (!row.isSimulated() || !base.isSimulated()) {
        out.printf("%13s  %s: %s%n", "refused", row.change().text(), row.refused());
        continue;
      }
      BatchEnergy spent = energy(row);
      out.printf(
          Locale.ROOT,
          "%13d %6.3fx %8.1f %9.1f%% %10.1f%%  %8.3g (%.2g to %.2g) %8.3g %6d  %s%s%n",
          row.batch().deviceCycles(),
          row.speedup(base),
          row.batch().items().size() / row.batch().seconds(),
          100 * row.int8Utilisation(),
          100 * row.lanesBusy(),
          spent.joulesPerItem(),
          spent.total().lowJoules() / spent.items(),
          spent.total().highJoules() / spent.items(),
          spent.gopsPerWatt(),
          Resources.of(row.batch().config()).dsps(),
          row.change().text(),
          isComputed ? String.format(Locale.ROOT, "; cosine %.5f", row.minCosine()) : "");
    }
  }

  private static BatchEnergy energy(WhatIf.Row row) {
    BatchEnergy energy = row.energy();
    if (energy == null) {
      throw new IllegalStateException(row.change().name() + " was not simulated");
    }
    return energy;
  }

  private static Map<String, Object> view(WhatIf.Row row, WhatIf.Row base) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("change", row.change().name());
    view.put("text", row.change().text());
    view.put("isSimulated", row.isSimulated());
    if (!row.isSimulated() || !base.isSimulated()) {
      view.put("refused", row.refused());
      return view;
    }
    view.put("cores", row.batch().config().cores());
    view.put("itemCycles", row.batch().total().cycles() / row.batch().items().size());
    view.put("deviceCycles", row.batch().deviceCycles());
    view.put("speedup", row.speedup(base));
    view.put("itemsPerSecond", row.batch().items().size() / row.batch().seconds());
    view.put("int8Utilisation", row.int8Utilisation());
    view.put("lanesBusy", row.lanesBusy());
    view.put("dsps", Resources.of(row.batch().config()).dsps());
    view.put("cosine", Double.isNaN(row.minCosine()) ? null : row.minCosine());
    BatchEnergy spent = energy(row);
    view.put("joulesPerItem", spent.joulesPerItem());
    view.put("lowJoulesPerItem", spent.total().lowJoules() / spent.items());
    view.put("highJoulesPerItem", spent.total().highJoules() / spent.items());
    view.put("gopsPerWatt", spent.gopsPerWatt());
    view.put("energyDelay", spent.energyDelay());
    view.put("largestLoss", row.batch().largestLoss().text());
    return view;
  }

  private static String csv(List<WhatIf.Row> rows) {
    StringBuilder text =
        new StringBuilder(
            "change,device_cycles,speedup,items_per_second,int8_utilisation,lanes_busy,cosine,"
                + "energy_estimate_joules_per_item,gops_per_watt,energy_delay,dsps\n");
    WhatIf.Row base = rows.get(0);
    for (WhatIf.Row row : rows) {
      if (!row.isSimulated() || !base.isSimulated()) {
        text.append(row.change().name()).append(",,,,,,,,,,\n");
        continue;
      }
      BatchEnergy spent = energy(row);
      text.append(
          String.format(
              Locale.ROOT,
              "%s,%d,%s,%s,%s,%s,%s,%s,%s,%s,%d\n",
              row.change().name(),
              row.batch().deviceCycles(),
              row.speedup(base),
              row.batch().items().size() / row.batch().seconds(),
              row.int8Utilisation(),
              row.lanesBusy(),
              Double.isNaN(row.minCosine()) ? "" : Double.toString(row.minCosine()),
              spent.joulesPerItem(),
              spent.gopsPerWatt(),
              spent.energyDelay(),
              Resources.of(row.batch().config()).dsps()));
    }
    return text.toString();
  }
}
