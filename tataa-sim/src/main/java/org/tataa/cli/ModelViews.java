package org.tataa.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.LostCycles;
import org.tataa.compiler.ProgramBound;
import org.tataa.config.TataaConfig;
import org.tataa.explore.BatchEnergy;
import org.tataa.observe.Counters;
import org.tataa.observe.UnitKind;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.LargestLoss;
import org.tataa.pipeline.Layer;
import org.tataa.pipeline.LayerSchedule;
import org.tataa.pipeline.ModelSession;
import org.tataa.pipeline.Similarity;
import org.tataa.pipeline.WorkSum;
import org.tataa.sim.HostOptions;

/** A model's run as JSON. */
final class ModelViews {
  private final TataaConfig config;
  private final CompilerOptions compiler;
  private final HostOptions host;
  private final ModelOptions.Subject subject;
  private final BatchResult result;
  private final ModelReport report;
  private final @Nullable BatchEnergy energy;

  ModelViews(
      TataaConfig config,
      CompilerOptions compiler,
      HostOptions host,
      ModelOptions.Subject subject,
      BatchResult result,
      ModelReport report,
      @Nullable BatchEnergy energy) {
    this.config = config;
    this.compiler = compiler;
    this.host = host;
    this.subject = subject;
    this.result = result;
    this.report = report;
    this.energy = energy;
  }

  /** All results. */
  Map<String, Object> outputs() {
    List<Map<String, Object>> items = new ArrayList<>();
    for (BatchResult.Item item : result.items()) {
      Map<String, Object> view = new LinkedHashMap<>();
      item.result()
          .outputs()
          .forEach(
              (name, value) ->
                  view.put(name, Map.of("shape", value.shape(), "values", value.floats())));
      items.add(view);
    }
    return Map.of("items", items);
  }

  Map<String, Object> view(boolean layers, boolean explain) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("model", subject.name());
    view.put("machine", MachineOptions.describe(config));
    view.put("compiler", CompilerView.describe(compiler));
    List<Map<String, Object>> items = new ArrayList<>();
    for (int i = 0; i < result.items().size(); i++) {
      BatchResult.Item item = result.items().get(i);
      Map<String, Object> one = new LinkedHashMap<>();
      if (!subject.texts().isEmpty()) {
        one.put("text", subject.texts().get(i));
      }
      ImageOptions.Images images = subject.images();
      if (images != null) {
        one.put("image", images.names().get(i));
        Map<String, Double> shares = report.shares(i);
        if (!shares.isEmpty()) {
          one.put("label", shares.keySet().iterator().next());
          one.put("shares", shares);
        }
      }
      one.put("cores", item.result().cores());
      one.put("cycles", item.result().cycles());
      one.put("barrierCycles", item.result().barrierCycles());
      one.put("coreCycles", item.result().coreCycles());
      one.put("pack", result.runOf(i));
      for (String name : item.expected().keySet()) {
        one.put("cosine " + name, item.cosine(name));
      }
      items.add(one);
    }
    view.put("items", items);
    view.put("packs", result.runs().stream().map(BatchResult.Run::items).toList());
    view.put("coreCyclesPerItem", result.coreCyclesPerItem());
    if (report.hasSimilarities()) {
      view.put("similarity", Similarity.matrix(report.embeddings(false)));
      view.put("similarityFloat32", Similarity.matrix(report.embeddings(true)));
    }
    Map<String, Object> kinds = new LinkedHashMap<>();
    result.kinds().forEach((name, kind) -> kinds.put(name, kindView(kind)));
    view.put("kinds", kinds);
    Map<String, Object> functions = new LinkedHashMap<>();
    result.functions().forEach((name, work) -> functions.put(name, functionView(work)));
    view.put("functions", functions);
    view.put("layers", result.layers().stream().map(ModelViews::layerView).toList());
    view.put("total", kindView(result.total()));
    view.put("largestLoss", largestLoss());
    Map<String, Object> units = new LinkedHashMap<>();
    for (UnitKind unit : UnitKind.values()) {
      units.put(RunViews.key(unit), RunViews.unit(result.counters(), unit));
    }
    view.put("units", units);
    view.put("ports", RunViews.ports(config, result.counters()));
    view.put("deviceCycles", result.deviceCycles());
    view.put("seconds", result.seconds());
    view.put("gops", report.deviceGops());
    view.put("wraps", result.counters().wraps());
    view.put("saturations", result.counters().saturations());
    view.put("wallSeconds", result.nanos() / 1e9);
    view.put(
        "host",
        EngineOptions.describe(
            host, result.total().cycles(), result.total().macs(), result.simulationNanos()));
    if (energy != null) {
      view.put("energy", EnergyReport.view(energy));
    }
    if (layers || explain) {
      view.put("steps", report.steps().stream().map(ModelViews::stepView).toList());
    }
    return view;
  }

  /** What the HTML report shows: the view with all steps, and what its charts need. */
  Map<String, Object> page(ModelSession.Activity activity) {
    Map<String, Object> view = view(true, true);
    view.put("fedWords", activity.products().words());
    view.put("activeWords", activity.products().active());
    view.put("schedule", scheduleView(activity.layer()));
    view.put("info", InfoCommand.sizes(config));
    view.put("machineLine", MachineOptions.line(config));
    view.put("peakMacs", report.macsPerCycle());
    view.put("peakLanes", config.geometry().lanes());
    view.put("portBytes", 2 * config.memory().portBytes());
    return view;
  }

  private static Map<String, Object> scheduleView(LayerSchedule layer) {
    Map<String, Object> busy = new LinkedHashMap<>();
    layer.busy().forEach((track, parts) -> busy.put(RunViews.key(track), parts));
    List<Map<String, Object>> steps = new ArrayList<>();
    for (LayerSchedule.Step step : layer.steps()) {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("start", step.start());
      view.put("cycles", step.report().cycles());
      view.put("kind", step.report().kind());
      view.put("function", step.report().function());
      view.put("name", step.report().name());
      view.put("hostBytes", step.report().hostBytes());
      steps.add(view);
    }
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("layer", layer.name());
    view.put("cycles", layer.cycles());
    view.put("part", layer.part());
    view.put("busy", busy);
    view.put("steps", steps);
    return view;
  }

  private Map<String, Object> largestLoss() {
    LargestLoss loss = result.largestLoss();
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("work", loss.work());
    view.put("coreCycles", loss.cycles());
    view.put("share", loss.share());
    view.put("text", loss.text());
    return view;
  }

  /** What a unit lost cycles to, as a key. */
  static String key(LostCycles.Loss loss) {
    return loss.cause() == null ? "not_issued" : RunViews.key(loss.cause());
  }

  // The bound of some work, and where the other cycles went.
  private static void putBound(Map<String, Object> view, ProgramBound bound, Counters counters) {
    view.put("boundCycles", bound.cycles());
    view.put("boundBy", RunViews.key(bound.unit()));
    Map<String, Object> lost = new LinkedHashMap<>();
    LostCycles.of(bound, counters).forEach(loss -> lost.put(key(loss), loss.cycles()));
    view.put("lost", lost);
  }

  private static Map<String, Object> functionView(WorkSum work) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("steps", work.steps());
    view.put("coreCycles", work.cycles());
    putBound(view, work.bound(), work.counters());
    view.put("vectorOperations", work.counters().vectorOperations());
    view.put("lanesBusy", work.lanesBusy());
    return view;
  }

  private Map<String, Object> kindView(WorkSum kind) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("steps", kind.steps());
    view.put("coreCycles", kind.cycles());
    putBound(view, kind.bound(), kind.counters());
    view.put("macs", kind.macs());
    view.put("paddedMacs", kind.paddedMacs());
    view.put("laneOperations", kind.laneOperations());
    view.put("gops", report.gops(kind));
    view.put("int8Utilisation", report.int8Utilisation(kind));
    view.put("bf16Utilisation", report.bf16Utilisation(kind));
    view.put("hostBytes", kind.hostBytes());
    return view;
  }

  private static Map<String, Object> layerView(Layer layer) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("name", layer.name());
    view.put("coreCycles", layer.cycles());
    putBound(view, layer.bound(), layer.counters());
    view.put("macs", layer.macs());
    view.put("paddedMacs", layer.paddedMacs());
    view.put("laneOperations", layer.counters().laneOperations());
    view.put("wraps", layer.counters().wraps());
    view.put("saturations", layer.counters().saturations());
    view.put("exec", RunViews.unit(layer.counters(), UnitKind.EXEC));
    view.put("worstCosine", Double.isNaN(layer.worst()) ? null : layer.worst());
    view.put("worstValue", layer.worstValue());
    return view;
  }

  private static Map<String, Object> stepView(CompiledModel.StepReport step) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("name", step.name());
    view.put("kind", step.kind());
    view.put("function", step.function());
    view.put("cycles", step.cycles());
    view.put("barrierCycles", step.barrierCycles());
    view.put("coreCycles", step.coreCycles());
    putBound(view, step.bound(), step.counters());
    view.put("macs", step.macs());
    view.put("paddedMacs", step.paddedMacs());
    view.put("vectorOperations", step.counters().vectorOperations());
    view.put("laneOperations", step.counters().laneOperations());
    view.put(
        "bytes",
        step.counters().bytesLoadedX()
            + step.counters().bytesLoadedY()
            + step.counters().bytesStored());
    view.put("wraps", step.counters().wraps());
    view.put("saturations", step.counters().saturations());
    view.put("tiling", step.tiling());
    view.put("cosine", Double.isNaN(step.cosine()) ? null : step.cosine());
    return view;
  }
}
