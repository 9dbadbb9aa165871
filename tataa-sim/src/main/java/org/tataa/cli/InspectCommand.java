package org.tataa.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tataa.onnx.ModelFormatException;
import org.tataa.onnx.ModelSummary;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.DecoderWorkload;
import org.tataa.pipeline.PackagedEncoder;
import org.tataa.pipeline.SentenceEncoder;
import org.tataa.pipeline.TrainedModels;
import org.tataa.pipeline.Workloads;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what is in a model and what it would need to run. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {
      "Show what is in a model: inputs, outputs, opsets, operators, weights, and what it would",
      "need: sizes of open dimensions, operators that are not supported."
    })
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "MODEL", description = "ONNX file, or the name of a built-in model.")
  private String model = "";

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    ModelSummary summary;
    String refusal = null;
    DecoderWorkload decoder = Workloads.decoder(model);
    if (decoder != null) {
      summary = ModelSummary.of(decoder.layered(false).model());
    } else if (Workloads.contains(model)) {
      summary = ModelSummary.of(Workloads.of(model).model());
    } else if (TrainedModels.contains(model)) {
      summary = ModelSummary.of(TrainedModels.model(model));
    } else if (PackagedEncoder.find(model) != null) {
      summary = ModelSummary.of(SentenceEncoder.model(model));
    } else {
      ModelNames.check(model);
      summary = ModelSummary.read(Path.of(model));
      refusal = refusal();
    }
    if (json) {
      spec.commandLine().getOut().println(Json.write(view(summary, refusal)));
    } else {
      print(spec.commandLine().getOut(), summary, refusal);
    }
    return ExitCode.OK;
  }

  // What the importer says about the whole file, beyond its operators.
  private @Nullable String refusal() {
    try {
      OnnxImporter.read(Path.of(model));
      return null;
    } catch (ModelFormatException e) {
      return e.getMessage();
    }
  }

  private Map<String, Object> view(ModelSummary summary, @Nullable String refusal) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("model", model);
    view.put("opsets", summary.opsets());
    view.put("inputs", values(summary.inputs()));
    view.put("outputs", values(summary.outputs()));
    view.put("operators", summary.operators());
    Map<String, Object> weights = new LinkedHashMap<>();
    summary
        .weights()
        .forEach(
            (type, all) ->
                weights.put(
                    type,
                    Json.object(
                        "tensors", all.tensors(),
                        "elements", all.elements(),
                        "bytes", all.bytes())));
    view.put("weights", weights);
    view.put("externalBytes", summary.externalBytes());
    view.put("openDimensions", summary.openDimensions());
    view.put("unsupportedOperators", summary.unsupported());
    if (refusal != null) {
      view.put("refusal", refusal);
    }
    return view;
  }

  private static List<Map<String, Object>> values(List<ModelSummary.Value> values) {
    List<Map<String, Object>> views = new ArrayList<>();
    for (ModelSummary.Value value : values) {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("name", value.name());
      view.put("type", value.type());
      view.put("dims", value.dims());
      views.add(view);
    }
    return views;
  }

  private void print(PrintWriter out, ModelSummary summary, @Nullable String refusal) {
    out.println(model);
    out.println("  opsets      " + summary.opsets());
    summary.inputs().forEach(value -> out.println("  input       " + line(value)));
    summary.outputs().forEach(value -> out.println("  output      " + line(value)));
    summary
        .weights()
        .forEach(
            (type, all) ->
                out.printf(
                    "  weights     %s: %d tensors, %d elements, %d bytes%n",
                    type, all.tensors(), all.elements(), all.bytes()));
    summary
        .externalBytes()
        .forEach((file, bytes) -> out.printf("  external    %s: %d bytes%n", file, bytes));
    summary.operators().forEach((op, count) -> out.printf("  operator    %5d %s%n", count, op));
    if (!summary.openDimensions().isEmpty()) {
      out.println("  open        " + String.join(", ", summary.openDimensions()));
    }
    if (!summary.unsupported().isEmpty()) {
      out.println("  unsupported " + String.join(", ", summary.unsupported()));
    }
    if (refusal != null) {
      out.println("  refused     " + refusal);
    }
  }

  private static String line(ModelSummary.Value value) {
    return value.name() + ": " + value.type() + " [" + String.join(", ", value.dims()) + "]";
  }
}
