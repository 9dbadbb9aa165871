package org.tataa.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tataa.compiler.CompiledModel;
import org.tataa.config.TataaConfig;
import org.tataa.debug.PeActivity;
import org.tataa.observe.UnitKind;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.Layer;
import org.tataa.pipeline.Similarity;
import org.tataa.sim.HostOptions;

/** A model's run as JSON. */
final class ModelViews {
  private final TataaConfig config;
  private final HostOptions host;
  private final ModelOptions.Work work;
  private final BatchResult result;
  private final ModelReport report;

  ModelViews(
      TataaConfig config,
      HostOptions host,
      ModelOptions.Work work,
      BatchResult result,
      ModelReport report) {
    this.config = config;
    this.host = host;
    this.work = work;
    this.result = result;
    this.report = report;
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
    view.put("model", work.name());
    view.put("machine", MachineOptions.describe(config));
    List<Map<String, Object>> items = new ArrayList<>();
    for (int i = 0; i < result.items().size(); i++) {
      BatchResult.Item item = result.items().get(i);
      Map<String, Object> one = new LinkedHashMap<>();
      if (!work.texts().isEmpty()) {
        one.put("text", work.texts().get(i));
      }
      one.put("cores", item.result().cores());
      one.put("cycles", item.result().cycles());
      one.put("barrierCycles", item.result().barrierCycles());
      one.put("coreCycles", item.result().coreCycles());
      for (String name : item.expected().keySet()) {
        one.put("cosine " + name, item.cosine(name));
      }
      items.add(one);
    }
    view.put("items", items);
    if (report.hasSimilarities()) {
      view.put("similarity", Similarity.matrix(report.embeddings(false)));
      view.put("similarityFloat32", Similarity.matrix(report.embeddings(true)));
    }
    Map<String, Object> kinds = new LinkedHashMap<>();
    result.kinds().forEach((name, kind) -> kinds.put(name, kindView(kind)));
    view.put("kinds", kinds);
    view.put("layers", result.layers().stream().map(ModelViews::layerView).toList());
    view.put("total", kindView(result.total()));
    Map<String, Object> units = new LinkedHashMap<>();
    for (UnitKind unit : UnitKind.values()) {
      units.put(RunViews.key(unit), RunViews.unit(result.counters(), unit));
    }
    view.put("units", units);
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
    if (layers || explain) {
      view.put("steps", report.steps().stream().map(ModelViews::stepView).toList());
    }
    return view;
  }

  /** What the HTML report shows: the view with all steps, and what its charts need. */
  Map<String, Object> page(PeActivity activity) {
    Map<String, Object> view = view(true, true);
    view.put("fedWords", activity.words());
    view.put("activeWords", activity.active());
    view.put("info", InfoCommand.sizes(config));
    view.put("machineLine", MachineOptions.line(config));
    view.put("peakMacs", report.macsPerCycle());
    view.put("peakLanes", config.geometry().lanes());
    view.put("portBytes", 2 * config.memory().portBytes());
    return view;
  }

  private Map<String, Object> kindView(BatchResult.Kind kind) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("programs", kind.steps());
    view.put("coreCycles", kind.cycles());
    view.put("idealCycles", kind.bound());
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
    view.put("idealCycles", layer.bound());
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
    view.put("cycles", step.cycles());
    view.put("barrierCycles", step.barrierCycles());
    view.put("coreCycles", step.coreCycles());
    view.put("idealCycles", step.bound());
    view.put("macs", step.macs());
    view.put("paddedMacs", step.paddedMacs());
    view.put("laneOperations", step.counters().laneOperations());
    view.put(
        "bytes",
        step.counters().bytesLoadedX()
            + step.counters().bytesLoadedY()
            + step.counters().bytesStored());
    view.put("wraps", step.counters().wraps());
    view.put("saturations", step.counters().saturations());
    view.put("tiling", step.tiling());
    view.put("bound", ModelReport.bound(step));
    view.put("cosine", Double.isNaN(step.cosine()) ? null : step.cosine());
    return view;
  }
}
