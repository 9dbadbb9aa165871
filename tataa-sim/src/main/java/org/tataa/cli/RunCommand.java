package org.tataa.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.debug.PeActivity;
import org.tataa.debug.PerfettoWriter;
import org.tataa.pipeline.BatchResult;
import org.tataa.sim.HostOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a whole model, and groups the smaller jobs. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Run a transformer on the simulated machine and compare it with float32: calibrate, compile,",
      "step, report. Or run one of the smaller jobs below."
    },
    subcommands = {AttentionCommand.class, MatMulCommand.class})
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description =
          "ONNX file; all-MiniLM-L6-v2, which is in the jar; or deit-s, deit-b, bert-base with random"
              + " weights.")
  private @Nullable String model;

  @Mixin private ModelOptions options = new ModelOptions();

  @Mixin private MachineOptions machine = new MachineOptions();

  @Mixin private EngineOptions engine = new EngineOptions();

  @Option(
      names = "--layers",
      description = "Also print every value that was compared with float32 (of the first item).")
  private boolean layers;

  @Option(
      names = "--explain",
      description =
          "Also print every step of the first item: tiling, cycles, ideal, and what bounds it.")
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
      description = "Write a line per item and step: cycles, ideal, products, error.")
  private @Nullable Path csv;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (model == null) {
      throw new ParameterException(
          spec.commandLine(), "Missing MODEL, or one of the jobs attention and matmul");
    }
    FileAccess.requireWritable(output, page, timeline, csv);
    window.cycles();
    TataaConfig config = machine.config();
    PrintWriter err = spec.commandLine().getErr();
    ModelOptions.Work work = options.open(model, config);
    HostOptions host = engine.host();
    work.session().use(host);
    options.calibrate(work, err);
    BatchResult result = run(work, err);
    ModelReport report = new ModelReport(config, host, work, result);
    if (output != null) {
      FileAccess.write(
          output, Json.write(report.outputs()).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    if (timeline != null) {
      FileAccess.write(timeline, file -> draw(file, work, result));
    }
    if (page != null) {
      PeActivity activity =
          Progress.during(err, "report", () -> work.session().activity(work.items().get(0)));
      String html = HtmlReport.page(report.page(activity));
      FileAccess.write(page, file -> file.write(html));
    }
    if (csv != null) {
      FileAccess.write(csv, report::writeCsv);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.write(report.view(layers, explain)));
    } else {
      report.print(out, layers, explain);
    }
    return check(report, err) ? ExitCode.OK : ExitCode.FAILED;
  }

  private BatchResult run(ModelOptions.Work work, PrintWriter err) {
    try (Progress progress = new Progress(err, "running")) {
      return work.session().run(work.items(), !isUncompared, progress);
    }
  }

  private void draw(Writer file, ModelOptions.Work work, BatchResult result) {
    long[] cycles = window.cycles();
    try (PerfettoWriter writer = new PerfettoWriter(file, cycles[0], cycles[1])) {
      result.draw(writer);
      if (units) {
        Progress.during(
            spec.commandLine().getErr(),
            "timeline",
            () -> {
              BatchResult.Slot slot = result.schedule().get(0);
              work.session().draw(work.items().get(0), slot, writer, window.sampleEvery());
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
