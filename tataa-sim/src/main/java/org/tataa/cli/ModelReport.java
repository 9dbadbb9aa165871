package org.tataa.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.LostCycles;
import org.tataa.config.TataaConfig;
import org.tataa.explore.EnergyTable;
import org.tataa.graph.NdTensor;
import org.tataa.observe.Counters;
import org.tataa.observe.UnitKind;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.Similarity;
import org.tataa.pipeline.WorkSum;
import org.tataa.sim.HostOptions;

/** What a model run gave, for people and as JSON. */
final class ModelReport {
  private static final int SHOWN_SIMILARITIES = 12;
  private static final int LONGEST_TEXT = 60;

  /** Characters of a line with a text that are not the text. */
  private static final int BESIDE_TEXT = 32;

  private final TataaConfig config;
  private final CompilerOptions compiler;
  private final HostOptions host;
  private final ModelOptions.Subject subject;
  private final BatchResult result;
  private final List<String> names;

  ModelReport(
      TataaConfig config,
      CompilerOptions compiler,
      HostOptions host,
      ModelOptions.Subject subject,
      BatchResult result) {
    this.config = config;
    this.compiler = compiler;
    this.host = host;
    this.subject = subject;
    this.result = result;
    names = subject.outputs();
  }

  private boolean isCompared() {
    return !result.items().get(0).expected().isEmpty();
  }

  /** Whether there are pairs of results to compare with each other. */
  boolean hasSimilarities() {
    return isCompared()
        && subject.images() == null
        && names.size() == 1
        && result.items().size() > 2;
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

  double int8Utilisation(WorkSum kind) {
    return kind.cycles() == 0 ? 0 : kind.macs() / (kind.cycles() * macsPerCycle());
  }

  double bf16Utilisation(WorkSum kind) {
    return kind.cycles() == 0
        ? 0
        : kind.laneOperations() / ((double) kind.cycles() * config.geometry().lanes());
  }

  double gops(WorkSum kind) {
    return int8Utilisation(kind) * 2e-9 * macsPerCycle() * config.cores() * config.clockHz();
  }

  // Share of the array's products that are padding.
  private static double padded(WorkSum kind) {
    long all = kind.macs() + kind.paddedMacs();
    return all == 0 ? 0 : (double) kind.paddedMacs() / all;
  }

  double deviceGops() {
    return 2e-9 * result.total().macs() / result.seconds();
  }

  void print(PrintWriter out, boolean layers, boolean explain) {
    out.printf("%s, %d items%n", subject.name(), result.items().size());
    out.println(MachineOptions.line(config));
    CompilerView.print(out, compiler);
    out.println();
    printItems(out);
    if (hasSimilarities()) {
      printSimilarity(out);
    }
    printWork(out);
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
    RunViews.printPorts(out, config, counters);
    out.printf(
        Locale.ROOT,
        "largest |sum| %d, %d read-outs wrapped, %d codes saturated, %d mode switches, %.2f MB"
            + " moved by the host%n",
        counters.maxAbsSum(),
        counters.wraps(),
        counters.saturations(),
        counters.modeSwitches(),
        result.total().hostBytes() / 1e6);
    out.println(
        EngineOptions.line(
                host, result.total().cycles(), result.total().macs(), result.simulationNanos())
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
    if (result.isPacked()) {
      int most = result.runs().stream().mapToInt(run -> run.items().size()).max().orElse(1);
      out.printf(
          Locale.ROOT,
          "short items packed: %d items in %d packs of at most %d, %.0f core cycles an item%n",
          result.items().size(),
          result.runs().size(),
          most,
          result.coreCyclesPerItem());
    }
    if (result.coresPerItem() == 1) {
      return;
    }
    long barriers = 0;
    long cycles = 0;
    long coreCycles = 0;
    for (BatchResult.Run run : result.runs()) {
      barriers += run.result().barrierCycles();
      cycles += run.result().cycles();
      coreCycles += run.result().coreCycles();
    }
    out.printf(
        Locale.ROOT,
        "each %s on %d cores: %.1f%% of its cycles are barriers, %.1f%% of its core cycles idle%n",
        result.isPacked() ? "pack" : "item",
        result.coresPerItem(),
        100.0 * barriers / Math.max(1, cycles),
        100.0 * counters.idle(UnitKind.CONTROLLER) / Math.max(1, coreCycles));
  }

  private void printItems(PrintWriter out) {
    out.println(
        (isCompared() ? "item  cosine     cycles" : "item     cycles")
            + (result.isPacked() ? "  pack" : ""));
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
      String text =
          subject.texts().isEmpty() ? imageText(i) : "  " + shortened(subject.texts().get(i));
      String pack = result.isPacked() ? String.format(Locale.ROOT, " %5d", result.runOf(i)) : "";
      out.printf(Locale.ROOT, " %9d%s%s%n", item.result().cycles(), pack, text);
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

  /** Shares of the classes of an image, the largest first; empty if there are none. */
  Map<String, Double> shares(int item) {
    ImageOptions.Images images = subject.images();
    NdTensor logits = result.items().get(item).result().outputs().get(names.get(0));
    return images == null || images.labels().isEmpty() || logits == null
        ? Map.of()
        : ImageOptions.shares(images.labels(), logits.floats());
  }

  private String imageText(int item) {
    ImageOptions.Images images = subject.images();
    if (images == null) {
      return "";
    }
    StringBuilder text = new StringBuilder("  ").append(shortened(images.names().get(item)));
    shares(item).entrySet().stream()
        .limit(1)
        .forEach(
            best ->
                text.append(
                    String.format(
                        Locale.ROOT, ": %s, %.1f %%", best.getKey(), 100 * best.getValue())));
    return text.toString();
  }

  private static String shortened(String text) {
    return Layout.shortened(text, LONGEST_TEXT, BESIDE_TEXT);
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

  private void printWork(PrintWriter out) {
    WorkSum total = result.total();
    Layout.table(out, this::printKinds);
    Layout.line(
        out,
        "  cycles of all cores; bound: what the unit that needs most cycles needs if nothing"
            + " waited; ratio: bound to cycles");
    Layout.line(
        out,
        "  GOPS and int8 util count the model's products; padded: share of the array's products"
            + " that are not");
    out.println();
    Layout.table(out, this::printFunctions);
    Layout.line(out, lost(total, 4));
    Layout.line(out, "largest loss: " + result.largestLoss().text());
    out.println();
  }

  private void printKinds(PrintWriter out) {
    WorkSum total = result.total();
    out.println(
        "kind          steps     cycles  share      bound  of            ratio   GOPS  int8 util "
            + " padded  bf16 util");
    result.kinds().forEach((name, kind) -> printKind(out, name, kind, total.cycles()));
    printKind(out, "all", total, total.cycles());
  }

  private void printFunctions(PrintWriter out) {
    out.println(
        "lanes         steps     cycles  share      bound  of            ratio  lanes busy");
    result
        .functions()
        .forEach(
            (name, work) -> {
              printBound(out, name, work, result.total().cycles());
              out.printf(Locale.ROOT, " %10.1f%%%n", 100 * work.lanesBusy());
            });
  }

  /** What the bound's unit lost most to, with shares of the cycles. */
  static String lost(WorkSum work, int most) {
    List<String> parts = new ArrayList<>();
    for (LostCycles.Loss loss : work.lost().subList(0, Math.min(most, work.lost().size()))) {
      double percent = 100.0 * loss.cycles() / work.cycles();
      parts.add(String.format(Locale.ROOT, "%.1f%% %s", percent, loss.text()));
    }
    String unit = work.bound().unit().text();
    return "lost of all cycles (" + unit + "): " + String.join(", ", parts);
  }

  private static void printBound(PrintWriter out, String name, WorkSum work, long all) {
    out.printf(
        Locale.ROOT,
        "%-10s %8d %10d %5.1f%% %10d  %-12s %6s",
        name,
        work.steps(),
        work.cycles(),
        all == 0 ? 0 : 100.0 * work.cycles() / all,
        work.bound().cycles(),
        work.cycles() == 0 ? "" : work.bound().unit().text(),
        work.cycles() == 0 ? "" : String.format(Locale.ROOT, "%.1f%%", 100 * work.ratio()));
  }

  private void printKind(PrintWriter out, String name, WorkSum kind, long all) {
    printBound(out, name, kind, all);
    out.printf(
        Locale.ROOT,
        " %6.0f %9.1f%% %6.1f%% %9.1f%%%n",
        gops(kind),
        100 * int8Utilisation(kind),
        100 * padded(kind),
        100 * bf16Utilisation(kind));
  }

  List<CompiledModel.StepReport> steps() {
    return result.runs().get(0).result().steps();
  }

  private String shownRun() {
    return result.isPacked() ? "pack 0" : "item 0";
  }

  private void printLayers(PrintWriter out) {
    out.println();
    out.println("values of " + shownRun() + " against float32");
    for (CompiledModel.StepReport step : steps()) {
      if (!Double.isNaN(step.cosine())) {
        out.printf(Locale.ROOT, "  %.5f  %s%n", step.cosine(), step.name());
      }
    }
  }

  private void printSteps(PrintWriter out) {
    out.println();
    out.println(
        "steps of "
            + shownRun()
            + ": cycles, bound and its unit, wraps, cosine with float32, what it waits for,"
            + " tiling"
            + (result.coresPerItem() == 1
                ? ""
                : "; on " + result.coresPerItem() + " cores, barriers included"));
    for (CompiledModel.StepReport step : steps()) {
      out.printf(
          Locale.ROOT,
          "  %-10s %8d %8d  %-12s %6d %7s  %-34s %s  [%s]%n",
          step.kind(),
          step.cycles(),
          step.bound().cycles() / Math.max(1, step.cores().size()),
          step.cycles() == 0 ? "" : step.bound().unit().text(),
          step.counters().wraps(),
          Double.isNaN(step.cosine()) ? "" : String.format(Locale.ROOT, "%.5f", step.cosine()),
          waits(step),
          step.name(),
          step.tiling());
    }
  }

  // What its bound's unit lost most to.
  static String waits(CompiledModel.StepReport step) {
    if (step.cycles() == 0) {
      return "host, " + step.hostBytes() + " bytes";
    }
    List<LostCycles.Loss> lost = LostCycles.of(step.bound(), step.counters());
    return lost.isEmpty()
        ? "nothing"
        : String.format(
            Locale.ROOT,
            "%s %.0f%%",
            lost.get(0).text(),
            100.0 * lost.get(0).cycles() / step.coreCycles());
  }

  /**
   * A line per item, or pack, by its first item, and step.
   *
   * @param table adds columns of energy; null for none
   */
  void writeCsv(Writer out, @Nullable EnergyTable table) throws IOException {
    out.write(
        "item,step,kind,value,core_cycles,function,bound_cycles,bound_by,lost_to,lost_cycles,macs,");
    out.write(
        "padded_macs,vector_operations,lane_operations,wraps,saturations,host_bytes,cosine,cycles,barrier_cycles");
    out.write(table == null ? "\n" : EnergyReport.COLUMNS + "\n");
    for (BatchResult.Run run : result.runs()) {
      List<CompiledModel.StepReport> all = run.result().steps();
      for (int j = 0; j < all.size(); j++) {
        CompiledModel.StepReport step = all.get(j);
        List<LostCycles.Loss> lost = LostCycles.of(step.bound(), step.counters());
        out.write(
            String.format(
                Locale.ROOT,
                "%d,%d,%s,\"%s\",%d,%s,%d,%s,%s,%d,%d,%d,%d,%d,%d,%d,%d,%s,%d,%d%s\n",
                run.items().get(0),
                j,
                step.kind(),
                step.name().replace("\"", "\"\""),
                step.coreCycles(),
                step.function(),
                step.bound().cycles(),
                RunViews.key(step.bound().unit()),
                lost.isEmpty() ? "" : ModelViews.key(lost.get(0)),
                lost.isEmpty() ? 0 : lost.get(0).cycles(),
                step.macs(),
                step.paddedMacs(),
                step.counters().vectorOperations(),
                step.counters().laneOperations(),
                step.counters().wraps(),
                step.counters().saturations(),
                step.hostBytes(),
                Double.isNaN(step.cosine()) ? "" : Double.toString(step.cosine()),
                step.cycles(),
                step.barrierCycles(),
                table == null ? "" : EnergyReport.columns(config, step, table)));
      }
    }
  }
}
