package org.tataa.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tataa.explore.BatchEnergy;
import org.tataa.explore.EnergyTable;
import org.tataa.pipeline.ScheduleStudy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares the schedules of whole models with what the machine could do. */
@Command(
    name = "schedules",
    mixinStandardHelpOptions = true,
    description = {
      "Compile and simulate workloads of known dimensions: cycles, what the unit that needs most",
      "would take, items per second of the device, what is required, and the largest losses."
    })
final class SchedulesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "WORKLOAD",
      description =
          "all-MiniLM-L6-v2, deit-s, deit-b, bert-base, swin-t, gpt2-medium; deit-tiny-2,"
              + " decoder-tiny-2 (default: all but the last two).")
  private List<String> workloads = new ArrayList<>();

  private static final String HEADER =
      "batch  cycles an item      bound   ratio  items/s  required  GELU  SoftMax  LayerNorm "
          + " workload";

  @Option(
      names = "--batch",
      paramLabel = "N",
      description =
          "Items of a batch (default: 16 images, 32 texts; all-MiniLM-L6-v2 has six sentences).")
  private @Nullable Integer batch;

  @Option(
      names = "--default-machine",
      description = "Leave out other accumulators and instruction sets.")
  private boolean isDefaultMachine;

  @Option(names = "--require", description = "Fail if items per second are below what is required.")
  private boolean isRequired;

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Write docs/schedules.md to this file.")
  private @Nullable Path markdown;

  @Mixin private EnergyOption energy = new EnergyOption();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (batch != null && batch < 1) {
      throw new InputException("--batch " + batch + ", expected at least 1");
    }
    FileAccess.requireWritable(markdown);
    EnergyTable table = energy.table();
    List<ScheduleStudy.Job> jobs = jobs();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    List<ScheduleStudy.Row> rows = new ArrayList<>();
    if (json) {
      jobs.forEach(job -> rows.add(measured(job, err)));
    } else {
      try (RowTable lines = new RowTable(out, HEADER)) {
        for (ScheduleStudy.Job job : jobs) {
          ScheduleStudy.Row row = measured(job, err);
          rows.add(row);
          print(lines, row);
          if (table != null) {
            lines.note(job.name(), EnergyReport.line(BatchEnergy.of(row.result(), table)));
          }
        }
      }
    }
    if (markdown != null) {
      String text = SchedulesPage.of(command(), rows);
      FileAccess.write(markdown, text.getBytes(StandardCharsets.UTF_8));
    }
    if (json) {
      out.println(
          Json.write(
              Map.of(
                  "schedules", rows.stream().map(row -> SchedulesPage.view(row, table)).toList())));
    }
    return check(rows, err) ? ExitCode.OK : ExitCode.FAILED;
  }

  private static ScheduleStudy.Row measured(ScheduleStudy.Job job, PrintWriter err) {
    try (Progress progress = new Progress(err, job.name())) {
      return ScheduleStudy.measure(job, progress);
    }
  }

  private List<ScheduleStudy.Job> jobs() {
    List<ScheduleStudy.Job> jobs = new ArrayList<>();
    try {
      workloads.forEach(workload -> jobs.addAll(ScheduleStudy.jobs(workload)));
    } catch (IllegalArgumentException e) {
      throw new InputException(String.valueOf(e.getMessage()));
    }
    if (workloads.isEmpty()) {
      jobs.addAll(ScheduleStudy.jobs());
    }
    jobs.removeIf(job -> isDefaultMachine && !job.variant().isEmpty());
    Integer items = batch;
    if (items != null) {
      jobs.replaceAll(job -> job.withBatch(items));
    }
    return jobs;
  }

  private String command() {
    StringBuilder command = new StringBuilder("tataa schedules");
    workloads.forEach(workload -> command.append(' ').append(workload));
    command.append(batch == null ? "" : " --batch " + batch);
    command.append(isDefaultMachine ? " --default-machine" : "");
    return command + " --markdown docs/schedules.md";
  }

  private static void print(RowTable lines, ScheduleStudy.Row row) {
    String name = row.job().name();
    lines.row(
        String.format(
            Locale.ROOT,
            "%5d %15d %10d %6.1f%% %8.1f  %8s %5s %8s %10s  %s",
            row.job().batch(),
            row.itemCycles(),
            row.itemBound(),
            100 * row.result().total().ratio(),
            row.itemsPerSecond(),
            SchedulesPage.number(row.job().required(), 1),
            SchedulesPage.percent(row.lanesBusy("GELU")),
            SchedulesPage.percent(row.lanesBusy("SoftMax")),
            SchedulesPage.percent(row.lanesBusy("LayerNorm")),
            name));
    if (row.memoryBeats() > 0) {
      lines.note(
          name,
          String.format(
              Locale.ROOT,
              "memory: %d beats of one port read weights, keys and values once, cycles %.2f times"
                  + " that",
              row.memoryBeats(),
              (double) row.itemCycles() / row.memoryBeats()));
    }
    lines.note(name, "largest loss: " + row.result().largestLoss().text());
  }

  private boolean check(List<ScheduleStudy.Row> rows, PrintWriter err) {
    boolean met = true;
    for (ScheduleStudy.Row row : rows) {
      if (isRequired && !row.isMet()) {
        met = false;
        err.printf(
            Locale.ROOT,
            "tataa: check failed: %s: %.1f items/s, expected at least %.1f%n",
            row.job().name(),
            row.itemsPerSecond(),
            row.job().required());
      }
    }
    return met;
  }
}
