package org.tataa.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.job.AttentionJob;
import org.tataa.job.AttentionReport;
import org.tataa.job.StepReport;
import org.tataa.model.MiniLm;
import org.tataa.model.OnnxFile;
import org.tataa.observe.Counters;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;
import org.tataa.reference.ErrorReport;
import org.tataa.sim.CoreResult;
import org.tataa.sim.RunResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a self-attention layer of the pre-trained model. */
@Command(
    name = "attention",
    mixinStandardHelpOptions = true,
    description =
        "Run a self-attention layer of the pre-trained all-MiniLM-L6-v2 on a real sentence:"
            + " projections, scores, SoftMax, context.")
final class AttentionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private MachineOptions machine = new MachineOptions();
  @Mixin private EngineOptions engine = new EngineOptions();

  @Option(
      names = "--ids",
      split = ",",
      paramLabel = "ID",
      description = "Token ids of the sentence, with those of [CLS] and [SEP].")
  private int @Nullable [] ids;

  @Option(
      names = "--layer",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Layer whose attention weights are used, 0..5 (default: ${DEFAULT-VALUE}); the input is"
              + " always the embedding.")
  private int layer;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "ONNX file with the weights of this model (default: the one in the jar).")
  private @Nullable Path model;

  @Option(
      names = "--scale-range",
      description = "Scale operands down so that sums fit 16 bits, for accumulator PACKED_INT16.")
  private boolean scaleRange;

  @Option(
      names = "--min-cosine",
      paramLabel = "X",
      description = "Fail if the mean cosine of the context rows is below.")
  private @Nullable Double minCosine;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    TataaConfig config = machine.config();
    MiniLm weights = model == null ? MiniLm.load() : MiniLm.of(OnnxFile.read(model));
    int[] tokens = ids == null ? MiniLm.defaultTokens() : ids;
    AttentionJob job =
        new AttentionJob(
            config,
            weights.embed(tokens),
            weights.attention(layer),
            MiniLm.HEADS,
            scaleRange,
            engine.host());
    AttentionReport report =
        Progress.during(spec.commandLine().getErr(), "simulating", () -> job.run());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.write(view(report)));
    } else {
      print(out, report);
    }
    ErrorReport error = report.context().error();
    boolean good = error.notFinite() == 0;
    if (minCosine != null && !(error.meanRowCosine() >= minCosine)) {
      spec.commandLine()
          .getErr()
          .printf(
              "tataa: check failed: mean cosine of the context rows is %.6f, expected at least %s%n",
              error.meanRowCosine(), minCosine);
      good = false;
    }
    return good ? ExitCode.OK : ExitCode.FAILED;
  }

  private void print(PrintWriter out, AttentionReport report) {
    TataaConfig config = report.config();
    out.println(
        "all-MiniLM-L6-v2, attention of layer " + layer + ", " + report.tokens() + " tokens");
    if (ids == null) {
      out.println("  \"" + MiniLm.DEFAULT_SENTENCE + "\"");
    }
    out.println(
        MachineOptions.line(config) + (scaleRange ? ", operands scaled to 16-bit sums" : ""));
    out.println();
    out.println(
        "step      cycles   GOPS int8 util  GFLOPS bf16 util  wraps  cosine   max err  SQNR dB");
    for (StepReport step : report.steps()) {
      RunResult run = step.run();
      ErrorReport error = step.error();
      out.printf(
          "%-8s %7d %6.0f %8.1f%% %7.1f %8.1f%% %6d %7.5f %9.4f %8.1f%n",
          step.name(),
          run.cycles(),
          run.arrayGops(),
          100 * run.arrayUtilisation(),
          run.gflops(),
          100 * run.bf16Utilisation(),
          run.total().wraps(),
          error.meanRowCosine(),
          error.maxAbs(),
          error.sqnrDb());
    }
    printTotals(out, report);
  }

  private void printTotals(PrintWriter out, AttentionReport report) {
    RunResult all = sum(report);
    out.printf(
        "%-8s %7d %6.0f %8.1f%% %7.1f %8.1f%% %6d%n",
        "total",
        all.cycles(),
        all.arrayGops(),
        100 * all.arrayUtilisation(),
        all.gflops(),
        100 * all.bf16Utilisation(),
        all.total().wraps());
    out.println();
    out.println("where the array's cycles went, all cores (busy = operands or operations enter):");
    for (StepReport step : report.steps()) {
      Counters total = step.run().total();
      out.printf("  %-8s busy %d", step.name(), total.busy(UnitKind.EXEC));
      for (StallCause cause : StallCause.values()) {
        if (total.stalled(UnitKind.EXEC, cause) > 0) {
          out.printf(", %s %d", RunViews.key(cause), total.stalled(UnitKind.EXEC, cause));
        }
      }
      long waiting =
          step.run().cycles() * report.config().cores()
              - total.busy(UnitKind.EXEC)
              - total.stalled(UnitKind.EXEC);
      out.printf(", idle %d%n", waiting);
    }
    out.println();
    ErrorReport error = report.context().error();
    out.printf(
        "context against float32: cosine of rows mean %.6f, min %.6f; error max %.4f, mean %.4f%n",
        error.meanRowCosine(), error.minRowCosine(), error.maxAbs(), error.meanAbs());
    out.printf(
        "largest |sum| %d, %d read-outs wrapped, %d int8 results saturated, %d mode switches%n",
        all.total().maxAbsSum(),
        all.total().wraps(),
        all.total().saturations(),
        all.total().modeSwitches());
    out.printf(
        "device time %.1f us at %.0f MHz%n", all.seconds() * 1e6, report.config().clockHz() / 1e6);
    out.println(
        EngineOptions.line(
            engine.host(), all.total().cycles(), all.total().macs(), report.wallNanos()));
    Runtime runtime = Runtime.getRuntime();
    out.printf(
        "memory in use by the JVM %d MiB%n", (runtime.totalMemory() - runtime.freeMemory()) >> 20);
  }

  // The steps follow each other on the same machine.
  private static RunResult sum(AttentionReport report) {
    List<CoreResult> cores = new ArrayList<>();
    for (int core = 0; core < report.config().cores(); core++) {
      Counters counters = new Counters();
      for (StepReport step : report.steps()) {
        counters.add(step.run().cores().get(core).counters());
      }
      cores.add(new CoreResult(core, counters.cycles(), counters.cycles(), counters));
    }
    return new RunResult(report.config(), report.cycles(), cores);
  }

  private Map<String, Object> view(AttentionReport report) {
    List<Map<String, Object>> steps = new ArrayList<>();
    for (StepReport step : report.steps()) {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("name", step.name());
      view.put("run", RunViews.run(step.run()));
      view.put("error", RunViews.error(step.error()));
      view.put("wallSeconds", step.wallNanos() / 1e9);
      steps.add(view);
    }
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("job", "attention");
    view.put("layer", layer);
    view.put("tokens", report.tokens());
    view.put("machine", MachineOptions.describe(report.config()));
    view.put("rangeScaling", report.rangeScaling());
    view.put("steps", steps);
    view.put("total", RunViews.run(sum(report)));
    view.put("wallSeconds", report.wallNanos() / 1e9);
    Counters total = sum(report).total();
    view.put(
        "host",
        EngineOptions.describe(engine.host(), total.cycles(), total.macs(), report.wallNanos()));
    return view;
  }
}
