package org.tataa.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tataa.compiler.CompiledModel;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.observe.Counters;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.Similarity;
import org.tataa.sim.HostOptions;

/** What a model run gave, for people and as JSON. */
final class ModelReport {
  private static final int SHOWN_SIMILARITIES = 12;

  private final TataaConfig config;
  private final HostOptions host;
  private final ModelOptions.Work work;
  private final BatchResult result;
  private final List<String> names;

  ModelReport(TataaConfig config, HostOptions host, ModelOptions.Work work, BatchResult result) {
    this.config = config;
    this.host = host;
    this.work = work;
    this.result = result;
    names = work.model().graph().outputs();
  }

  private boolean isCompared() {
    return !result.items().get(0).expected().isEmpty();
  }

  /** Whether there are pairs of results to compare with each other. */
  boolean hasSimilarities() {
    return isCompared() && names.size() == 1 && result.items().size() > 2;
  }

  /** Smallest cosine of any result; NaN if nothing was compared. */
  double minCosine() {
    double min = isCompared() ? 1 : Double.NaN;
    for (BatchResult.Item item : result.items()) {
      for (String name : item.expected().keySet()) {
        min = Math.min(min, item.cosine(name));
      }
    }
    return min;
  }

  /** Results with infinities or NaN. */
  List<String> notFinite() {
    List<String> bad = new ArrayList<>();
    for (int i = 0; i < result.items().size(); i++) {
      for (Map.Entry<String, NdTensor> output :
          result.items().get(i).result().outputs().entrySet()) {
        for (float value : output.getValue().floats()) {
          if (!Float.isFinite(value)) {
            bad.add("item " + i + ": result `" + output.getKey() + "` is not finite");
            break;
          }
        }
      }
    }
    return bad;
  }

  // Multiply-accumulates of a core in a cycle.
  double macsPerCycle() {
    return 2.0 * config.geometry().rows() * config.geometry().columns();
  }

  double int8Utilisation(BatchResult.Kind kind) {
    return kind.cycles() == 0 ? 0 : kind.macs() / (kind.cycles() * macsPerCycle());
  }

  double bf16Utilisation(BatchResult.Kind kind) {
    return kind.cycles() == 0
        ? 0
        : kind.laneOperations() / ((double) kind.cycles() * config.geometry().lanes());
  }

  double gops(BatchResult.Kind kind) {
    return int8Utilisation(kind) * 2e-9 * macsPerCycle() * config.cores() * config.clockHz();
  }

  // Share of the array's products that are padding.
  private static double padded(BatchResult.Kind kind) {
    long all = kind.macs() + kind.paddedMacs();
    return all == 0 ? 0 : (double) kind.paddedMacs() / all;
  }

  double deviceGops() {
    return 2e-9 * result.total().macs() / result.seconds();
  }

  void print(PrintWriter out, boolean layers, boolean explain) {
    out.printf("%s, %d items%n", work.name(), result.items().size());
    out.println(MachineOptions.line(config));
    out.println();
    printItems(out);
    if (hasSimilarities()) {
      printSimilarity(out);
    }
    out.println(
        "kind         programs     cycles  share   ideal   GOPS  int8 util  padded  bf16 util");
    BatchResult.Kind total = result.total();
    result.kinds().forEach((name, kind) -> printKind(out, name, kind, total.cycles()));
    printKind(out, "all", total, total.cycles());
    out.println(
        "  cycles of all cores; ideal: share of the cycles the products need when everything else"
            + " is hidden");
    out.println(
        "  GOPS and int8 util count the model's products; padded: share of the array's products that"
            + " are not");
    out.println();
    Counters counters = result.counters();
    out.printf(
        Locale.ROOT,
        "device: %d cycles on %d cores, %.3f ms at %.0f MHz, %.1f items/s, %.0f GOPS int8%n",
        result.deviceCycles(),
        config.cores(),
        1e3 * result.seconds(),
        config.clockHz() / 1e6,
        result.items().size() / result.seconds(),
        deviceGops());
    printPartition(out, counters);
    out.printf(
        Locale.ROOT,
        "largest |sum| %d, %d read-outs wrapped, %d codes saturated, %d mode switches, %.2f MB moved"
            + " by the host%n",
        counters.maxAbsSum(),
        counters.wraps(),
        counters.saturations(),
        counters.modeSwitches(),
        total.hostBytes() / 1e6);
    out.println(
        EngineOptions.line(host, total.cycles(), total.macs(), result.simulationNanos())
            + String.format(
                Locale.ROOT,
                "; %.2f s with compilation%s",
                result.nanos() / 1e9,
                isCompared() ? " and float32" : ""));
    if (layers) {
      printLayers(out);
    }
    if (explain) {
      printSteps(out);
    }
  }

  private void printPartition(PrintWriter out, Counters counters) {
    if (result.coresPerItem() == 1) {
      return;
    }
    long barriers = 0;
    long cycles = 0;
    long coreCycles = 0;
    for (BatchResult.Item item : result.items()) {
      barriers += item.result().barrierCycles();
      cycles += item.result().cycles();
      coreCycles += item.result().coreCycles();
    }
    out.printf(
        Locale.ROOT,
        "each item on %d cores: %.1f%% of its cycles are barriers, %.1f%% of its core cycles idle%n",
        result.coresPerItem(),
        100.0 * barriers / Math.max(1, cycles),
        100.0 * counters.idle(UnitKind.CONTROLLER) / Math.max(1, coreCycles));
  }

  private void printItems(PrintWriter out) {
    out.println(isCompared() ? "item  cosine     cycles" : "item     cycles");
    double sum = 0;
    double min = 1;
    for (int i = 0; i < result.items().size(); i++) {
      BatchResult.Item item = result.items().get(i);
      out.printf(Locale.ROOT, "%4d", i);
      if (isCompared()) {
        double cosine = 1;
        for (String name : names) {
          cosine = Math.min(cosine, item.cosine(name));
        }
        sum += cosine;
        min = Math.min(min, cosine);
        out.printf(Locale.ROOT, "  %.5f", cosine);
      }
      String text = work.texts().isEmpty() ? "" : "  " + shortened(work.texts().get(i));
      out.printf(Locale.ROOT, " %9d%s%n", item.result().cycles(), text);
    }
    if (isCompared()) {
      out.printf(
          Locale.ROOT,
          "results against float32: cosine mean %.5f, min %.5f%n",
          sum / result.items().size(),
          min);
    }
    out.println();
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }

  List<float[]> embeddings(boolean expected) {
    List<float[]> list = new ArrayList<>();
    for (BatchResult.Item item : result.items()) {
      NdTensor value = (expected ? item.expected() : item.result().outputs()).get(names.get(0));
      if (value != null) {
        list.add(value.floats());
      }
    }
    return list;
  }

  private void printSimilarity(PrintWriter out) {
    List<float[]> simulated = embeddings(false);
    List<float[]> reference = embeddings(true);
    if (simulated.stream().mapToInt(v -> v.length).distinct().count() > 1) {
      return;
    }
    double[][] actual = Similarity.matrix(simulated);
    double[][] expected = Similarity.matrix(reference);
    int shown = Math.min(SHOWN_SIMILARITIES, actual.length);
    out.println("similarities: simulated, below them float32");
    for (int i = 0; i < shown; i++) {
      printRow(out, String.format(Locale.ROOT, "%4d", i), actual[i], shown);
      printRow(out, "    ", expected[i], shown);
    }
    out.printf(
        Locale.ROOT,
        "rank correlation (Spearman) of all pairs: %.4f%n%n",
        Similarity.spearman(Similarity.pairs(actual), Similarity.pairs(expected)));
  }

  private static void printRow(PrintWriter out, String label, double[] row, int shown) {
    out.print(label);
    for (int j = 0; j < shown; j++) {
      out.printf(Locale.ROOT, " %7.3f", row[j]);
    }
    out.println();
  }

  private void printKind(PrintWriter out, String name, BatchResult.Kind kind, long all) {
    out.printf(
        Locale.ROOT,
        "%-12s %8d %10d %5.1f%% %6.1f%% %6.0f %9.1f%% %6.1f%% %9.1f%%%n",
        name,
        kind.steps(),
        kind.cycles(),
        all == 0 ? 0 : 100.0 * kind.cycles() / all,
        kind.cycles() == 0 ? 0 : 100.0 * kind.bound() / kind.cycles(),
        gops(kind),
        100 * int8Utilisation(kind),
        100 * padded(kind),
        100 * bf16Utilisation(kind));
  }

  List<CompiledModel.StepReport> steps() {
    return result.items().get(0).result().steps();
  }

  private void printLayers(PrintWriter out) {
    out.println();
    out.println("values of item 0 against float32");
    for (CompiledModel.StepReport step : steps()) {
      if (!Double.isNaN(step.cosine())) {
        out.printf(Locale.ROOT, "  %.5f  %s%n", step.cosine(), step.name());
      }
    }
  }

  private void printSteps(PrintWriter out) {
    out.println();
    out.println(
        "steps of item 0: cycles, cycles of the products alone, wraps, cosine with float32, what bounds"
            + " it, tiling"
            + (result.coresPerItem() == 1
                ? ""
                : "; on " + result.coresPerItem() + " cores, barriers included"));
    for (CompiledModel.StepReport step : steps()) {
      out.printf(
          Locale.ROOT,
          "  %-10s %8d %8d %6d %7s  %-42s %s  [%s]%n",
          step.kind(),
          step.cycles(),
          step.bound() / Math.max(1, step.cores().size()),
          step.counters().wraps(),
          Double.isNaN(step.cosine()) ? "" : String.format(Locale.ROOT, "%.5f", step.cosine()),
          bound(step),
          step.name(),
          step.tiling());
    }
  }

  // The unit that worked most, and what the array waited for most.
  static String bound(CompiledModel.StepReport step) {
    Counters counters = step.counters();
    if (step.cycles() == 0) {
      return "host, " + step.hostBytes() + " bytes";
    }
    UnitKind busiest = UnitKind.EXEC;
    for (UnitKind unit :
        new UnitKind[] {UnitKind.LOAD_X, UnitKind.LOAD_Y, UnitKind.STORE, UnitKind.CONTROLLER}) {
      if (counters.busy(unit) > counters.busy(busiest)) {
        busiest = unit;
      }
    }
    StallCause worst = StallCause.values()[0];
    for (StallCause cause : StallCause.values()) {
      if (counters.stalled(UnitKind.EXEC, cause) > counters.stalled(UnitKind.EXEC, worst)) {
        worst = cause;
      }
    }
    return String.format(
        Locale.ROOT,
        "%s %.0f%%, waits for %s %.0f%%",
        RunViews.key(busiest),
        100.0 * counters.busy(busiest) / step.coreCycles(),
        RunViews.key(worst),
        100.0 * counters.stalled(UnitKind.EXEC, worst) / step.coreCycles());
  }

  /** A line per item and step. */
  void writeCsv(Writer out) throws IOException {
    out.write(
        "item,step,kind,value,core_cycles,ideal_cycles,macs,padded_macs,lane_operations,wraps,");
    out.write("saturations,host_bytes,cosine,cycles,barrier_cycles\n");
    for (int i = 0; i < result.items().size(); i++) {
      List<CompiledModel.StepReport> all = result.items().get(i).result().steps();
      for (int j = 0; j < all.size(); j++) {
        CompiledModel.StepReport step = all.get(j);
        out.write(
            String.format(
                Locale.ROOT,
                "%d,%d,%s,\"%s\",%d,%d,%d,%d,%d,%d,%d,%d,%s,%d,%d%n",
                i,
                j,
                step.kind(),
                step.name().replace("\"", "\"\""),
                step.coreCycles(),
                step.bound(),
                step.macs(),
                step.paddedMacs(),
                step.counters().laneOperations(),
                step.counters().wraps(),
                step.counters().saturations(),
                step.hostBytes(),
                Double.isNaN(step.cosine()) ? "" : Double.toString(step.cosine()),
                step.cycles(),
                step.barrierCycles()));
      }
    }
  }
}
