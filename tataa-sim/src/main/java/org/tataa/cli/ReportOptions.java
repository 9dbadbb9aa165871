package org.tataa.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.TataaConfig;
import org.tataa.debug.PerfettoWriter;
import org.tataa.explore.BatchEnergy;
import org.tataa.explore.EnergyTable;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.LayeredSession;
import org.tataa.pipeline.ModelSession;
import org.tataa.sim.HostOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say what is told of a model's run, and the run. */
final class ReportOptions {
  @Option(
      names = "--layers",
      description = "Also print every value that was compared with float32 (of the first item).")
  private boolean layers;

  @Option(
      names = "--explain",
      description =
          "Also print every step of the first item: cycles, bound, what it waits for, tiling.")
  private boolean explain;

  @Option(names = "--no-compare", description = "Do not compute float32 references.")
  private boolean isUncompared;

  @Option(
      names = "--min-cosine",
      paramLabel = "X",
      description = "Fail if a result's cosine with float32 is below.")
  private @Nullable Double minCosine;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Write the results of all items as JSON.")
  private @Nullable Path output;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Write an HTML page with tables and charts that needs no network.")
  private @Nullable Path page;

  @Option(
      names = "--timeline",
      paramLabel = "FILE",
      description = "Write the steps of all items on their cores, for ui.perfetto.dev.")
  private @Nullable Path timeline;

  @Option(
      names = "--timeline-units",
      description =
          "Add to the timeline what every unit does in every cycle of the first item; large, choose"
              + " a window.")
  private boolean units;

  @Mixin private TimelineWindow window = new TimelineWindow();

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "Write a line per item and step: cycles, bound, losses, products, error.")
  private @Nullable Path csv;

  @Mixin private EnergyOption energy = new EnergyOption();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /** Checks what can be checked before anything is computed. */
  void check() {
    FileAccess.requireWritable(output, page, timeline, csv);
    window.cycles();
    energy.table();
  }

  /** Also prints every step. */
  void explainSteps() {
    explain = true;
  }

  /**
   * Calibrates, runs and reports.
   *
   * @return exit code
   */
  int run(
      ModelOptions options,
      ModelOptions.Work work,
      TataaConfig config,
      HostOptions host,
      PrintWriter out,
      PrintWriter err) {
    work.session().use(host);
    options.prepare(work, err);
    BatchResult result = run(work, err);
    Reported reported =
        new Reported(config, options.compilerOptions(), host, work.subject(), result);
    if (timeline != null) {
      FileAccess.write(timeline, file -> draw(file, work, result, err));
    }
    if (page != null) {
      ModelSession.Activity activity =
          Progress.during(err, "report", () -> work.session().activity(work.items(), result));
      String html = HtmlReport.page(reported.views(energy.table()).page(activity));
      FileAccess.write(page, file -> file.write(html));
    }
    return tell(reported, null, out, err);
  }

  /**
   * Runs a model layer by layer and reports.
   *
   * @return exit code
   * @throws InputException if an option needs a model that is compiled as a whole
   */
  int run(
      ModelOptions.Layers work,
      TataaConfig config,
      HostOptions host,
      PrintWriter out,
      PrintWriter err) {
    if (page != null || units) {
      throw new InputException(
          work.subject().name()
              + " is run layer by layer: no --report or --timeline-units; --timeline, --csv,"
              + " --explain and --json tell of its steps");
    }
    LayeredSession session = new LayeredSession(config, work.model(), work.options());
    session.use(host);
    LayeredSession.Result result;
    try (Progress progress = new Progress(err, "running")) {
      result = session.run(work.item(), !isUncompared, progress);
    }
    if (timeline != null) {
      long[] cycles = window.cycles();
      FileAccess.write(
          timeline,
          file -> {
            try (PerfettoWriter writer = new PerfettoWriter(file, cycles[0], cycles[1])) {
              result.batch().draw(writer);
            }
          });
    }
    return tell(
        new Reported(config, work.options(), host, work.subject(), result.batch()),
        result.parts(),
        out,
        err);
  }

  // What was run, and what it gave.
  private record Reported(
      TataaConfig config,
      CompilerOptions compiler,
      HostOptions host,
      ModelOptions.Subject subject,
      BatchResult result) {
    ModelReport report() {
      return new ModelReport(config, compiler, host, subject, result);
    }

    ModelViews views(@Nullable EnergyTable table) {
      return new ModelViews(config, compiler, host, subject, result, report(), spent(table));
    }

    @Nullable BatchEnergy spent(@Nullable EnergyTable table) {
      return table == null ? null : BatchEnergy.of(result, table);
    }
  }

  private int tell(
      Reported reported,
      @Nullable List<LayeredSession.Part> parts,
      PrintWriter out,
      PrintWriter err) {
    ModelReport report = reported.report();
    EnergyTable table = energy.table();
    ModelViews views = reported.views(table);
    if (output != null) {
      FileAccess.write(output, Json.write(views.outputs()).getBytes(StandardCharsets.UTF_8));
    }
    if (csv != null) {
      FileAccess.write(csv, file -> report.writeCsv(file, table));
    }
    if (json) {
      Map<String, Object> view = views.view(layers, explain);
      if (parts != null) {
        view.put("parts", LayerTable.views(parts));
      }
      out.println(Json.write(view));
    } else {
      report.print(out, layers, explain);
      if (parts != null) {
        LayerTable.print(out, parts);
      }
      BatchEnergy spent = reported.spent(table);
      if (spent != null) {
        EnergyReport.print(out, spent);
      }
    }
    return check(report, err) ? ExitCode.OK : ExitCode.FAILED;
  }

  private BatchResult run(ModelOptions.Work work, PrintWriter err) {
    try (Progress progress = new Progress(err, "running")) {
      return work.session().run(work.items(), !isUncompared, progress);
    }
  }

  private void draw(Writer file, ModelOptions.Work work, BatchResult result, PrintWriter err) {
    long[] cycles = window.cycles();
    try (PerfettoWriter writer = new PerfettoWriter(file, cycles[0], cycles[1])) {
      result.draw(writer);
      if (units) {
        Progress.during(
            err,
            "timeline",
            () -> {
              work.session().draw(work.items(), result, writer, window.sampleEvery());
              return writer;
            });
      }
    }
  }

  private boolean check(ModelReport report, PrintWriter err) {
    List<String> failures = new ArrayList<>(report.notFinite());
    if (minCosine != null && !(report.minCosine() >= minCosine)) {
      failures.add(
          "the smallest cosine with float32 is "
              + report.minCosine()
              + ", expected at least "
              + minCosine);
    }
    failures.forEach(failure -> err.println("tataa: check failed: " + failure));
    return failures.isEmpty();
  }
}
