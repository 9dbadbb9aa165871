package org.tataa.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.explore.BatchEnergy;
import org.tataa.explore.EnergyTable;
import org.tataa.explore.Figure;
import org.tataa.explore.Paper;
import org.tataa.explore.PaperRun;
import org.tataa.explore.RelatedWork;
import org.tataa.explore.Resources;
import org.tataa.pipeline.AccuracyStudy;

/** The paper's figures beside the simulated ones as docs/paper.md and as JSON. */
final class PaperPage {
  private static final int SHOWN_RATES = 6;
  private static final double SMALLEST_PART = 0.005;

  private static final String INTRODUCTION =
      """
      # The paper's evaluation, simulated

      Figures that the paper (Wu et al., arXiv 2411.03697v1) reports beside those of the simulator: machine `u280`, 8 cores at
      225 MHz, CORRECTED, PACKED_FULL, EXTENDED where nothing else is said. An item is on one core, the batch is spread over the
      cores; the host's work between programs takes no time. Random weights of the models' dimensions: no cycle depends on
      a value. Only figures the paper gives are compared; its inferences per second, watts and resource totals are not known to
      this project.

      """;

  private PaperPage() {}

  /**
   * The page.
   *
   * @param command what made it
   */
  static String markdown(String command, Paper paper) {
    StringBuilder text = new StringBuilder(INTRODUCTION);
    text.append("Made by `").append(command).append("`.\n\n## Reported and simulated\n\n");
    row(
        text,
        "figure",
        "reported",
        "simulated",
        "unit",
        "difference",
        "workload",
        "machine",
        "why");
    rule(text, 8);
    for (Figure figure : paper.figures()) {
      row(
          text,
          figure.what(),
          number(figure.reported()),
          number(figure.simulated()),
          figure.unit(),
          difference(figure),
          figure.workload(),
          figure.configuration(),
          figure.reason());
    }
    products(text, paper);
    lanes(text, paper);
    models(text, paper);
    related(text, paper);
    accuracy(text, paper);
    energy(text, paper);
    return text.toString();
  }

  private static void products(StringBuilder text, Paper paper) {
    text.append("\n## What gives ")
        .append(Paper.LINEAR_GOPS)
        .append(" GOPS\n\n")
        .append(
            "Rates of all cores while they do nothing else; padding: products beyond those of the\n")
        .append(
            "model, where tokens or features do not fill a block. The cycles of products with the\n")
        .append("identity that the layers' data layout needs are counted in. Nearest first.\n\n");
    row(text, "rate", "GOPS", "of peak", "difference");
    rule(text, 4);
    List<Paper.Rate> rates = paper.rates();
    for (Paper.Rate rate : rates.subList(0, Math.min(SHOWN_RATES, rates.size()))) {
      row(
          text,
          rate.name(),
          number(rate.gops()),
          percent(rate.gops() / rate.run().config().peakInt8Gops()),
          percent(rate.gops() / Paper.LINEAR_GOPS - 1));
    }
    text.append(
        """

        A linear layer alone, 256 rows and outputs, simulated. The period of one drained MATMUL of depth K is K + 64 cycles, which
        reaches 79.6 % at K = 250. A deeper layer is cut into parts of a tile; each part costs its start, only the last one a
        drain. With tiles of 256 words, half of the prototype's, every layer stays near that rate.

        """);
    row(text, "K", "GOPS", "of peak", "with tiles of 256 words", "K / (K + 64) of peak");
    rule(text, 5);
    for (Paper.Depth depth : paper.depths()) {
      row(
          text,
          Integer.toString(depth.k()),
          number(depth.gops()),
          percent(depth.gops() / TataaConfig.u280().peakInt8Gops()),
          number(depth.shortTileGops()),
          number(depth.periodGops()));
    }
  }

  private static void lanes(StringBuilder text, Paper paper) {
    text.append("\n## What gives 189.5 and 169.8 GFLOPS\n\n")
        .append(
            "All lanes of 8 cores busy are 230.4 GFLOPS. Batches of n operations of multiply type\n")
        .append(
            "and n of add type in turn, vectors in their slots. The first operation of the other\n")
        .append(
            "type starts 11 or 14 cycles after the last one, so 10 and 13 cycles are lost: 2 n of\n")
        .append("2 n + 23. A bank has 32 slots: n = 32 is one operation on each of them, and 106\n")
        .append("operations for a pair of changes, 3.3 on each, are 82.2 %.\n\n");
    row(text, "n", "GFLOPS", "lanes busy", "type pipelined with the data");
    rule(text, 4);
    for (Paper.Batch batch : paper.batches()) {
      row(
          text,
          Integer.toString(batch.operations()),
          number(batch.gflops()),
          percent(batch.gflops() / TataaConfig.u280().peakBf16Gflops()),
          number(batch.pipelinedGflops()));
    }
    text.append(
        "\nFunctions of whole models, with their loads, stores and dependent operations:\n\n");
    row(text, "model", "function", "GFLOPS", "lanes busy", "bound by");
    rule(text, 5);
    for (Paper.Function function : paper.functions()) {
      if (function.run().variant().isEmpty() && isNamed(function.function())) {
        row(
            text,
            function.run().workload(),
            function.function(),
            number(function.gflops()),
            percent(function.work().lanesBusy()),
            function.work().bound().unit().text());
      }
    }
  }

  private static boolean isNamed(String function) {
    return List.of("GELU", "SoftMax", "LayerNorm").contains(function);
  }

  private static void models(StringBuilder text, Paper paper) {
    text.append("\n## Models\n\n");
    row(
        text,
        "model",
        "batch",
        "machine",
        "items/s",
        "million core cycles an item",
        "linear GOPS",
        "padding counted",
        "all products GOPS");
    rule(text, 8);
    for (PaperRun run : paper.models()) {
      row(
          text,
          run.workload(),
          Integer.toString(run.batch()),
          run.variant().isEmpty() ? "u280" : run.variant(),
          number(run.itemsPerSecond()),
          String.format(Locale.ROOT, "%.3f", run.itemCycles() / 1e6),
          number(run.linearGops(false)),
          number(run.linearGops(true)),
          number(run.productGops(false)));
    }
    for (PaperRun run : paper.models()) {
      if (run.variant().isEmpty() && !run.workload().equals("swin-t")) {
        text.append("\n### ")
            .append(run.workload())
            .append(", batch ")
            .append(run.batch())
            .append("\n\n");
        row(
            text,
            "part",
            "share of cycles",
            "ms of the batch",
            "int8 utilisation",
            "padding",
            "lanes busy");
        rule(text, 6);
        for (PaperRun.Part part : run.parts()) {
          if (part.share() >= SMALLEST_PART) {
            row(
                text,
                part.name(),
                percent(part.share()),
                String.format(Locale.ROOT, "%.2f", 1e3 * part.share() * run.result().seconds()),
                part.arrayMacs() == 0 ? "" : percent(part.int8Utilisation(run.config())),
                part.arrayMacs() == 0 ? "" : percent(1 - (double) part.macs() / part.arrayMacs()),
                part.vectorOperations() == 0 ? "" : percent(part.lanesBusy()));
          }
        }
      }
    }
    text.append(
        """

        As reported, products dominate, and those of attention (scores: K = width of a head; weighted values: K = tokens) are
        less efficient than linear layers, as they are not deep. Codes by identity and products with the identity only transpose
        codes. Add, MatMul, Linear and other operators: vector work that belongs to them, as factors and biases.
        """);
  }

  private static void related(StringBuilder text, Paper paper) {
    text.append("\n## Beside related work\n\n")
        .append(
            "Rows as the paper prints them; the simulated machine has 4096 DSP slices in its arrays.\n\n");
    row(text, "work", "board", "model", "inf/s", "DSPs", "simulated inf/s", "faster", "of a DSP");
    rule(text, 8);
    for (RelatedWork row : RelatedWork.rows()) {
      paper
          .run(row.workload())
          .ifPresent(
              run ->
                  row(
                      text,
                      row.work(),
                      row.board(),
                      row.model(),
                      number(row.itemsPerSecond()),
                      Integer.toString(row.dsps()),
                      number(run.itemsPerSecond()),
                      String.format(Locale.ROOT, "%.2f x", row.speedup(run)),
                      String.format(Locale.ROOT, "%.2f x", row.efficiency(run))));
    }
  }

  private static void accuracy(StringBuilder text, Paper paper) {
    if (paper.accuracy().isEmpty()) {
      return;
    }
    text.append("\n## Arithmetic and sums\n\n")
        .append(
            "all-MiniLM-L6-v2 (pre-trained) on 13 sentences: cosine of embeddings with float32, rank\n")
        .append("correlation of all similarities. More schemes: [accuracy.md](accuracy.md).\n\n");
    row(
        text,
        "arithmetic, accumulator, instruction set",
        "mean cosine",
        "smallest",
        "Spearman",
        "sums that wrapped");
    rule(text, 5);
    for (AccuracyStudy.Row row : paper.accuracy()) {
      row(
          text,
          row.scheme().name(),
          String.format(Locale.ROOT, "%.4f", row.meanCosine()),
          String.format(Locale.ROOT, "%.4f", row.minCosine()),
          String.format(Locale.ROOT, "%.4f", row.spearman()),
          Long.toString(row.wraps()));
    }
    text.append(
            "\nRELEASED_RTL is the released datapath bit for bit, its defects included: the simulator\n")
        .append("reproduces its recorded vectors, but an encoder gives nothing usable on it.\n");
  }

  private static void energy(StringBuilder text, Paper paper) {
    text.append("\n## Energy, an estimate\n\n")
        .append(
            "By activity and the tables of [energy.md](energy.md), whose rows are partly assumptions; the\n")
        .append(
            "range is that of their uncertainties. No figure of the paper stands behind them.\n\n");
    row(text, "model", "table", "J an item", "from", "to", "W", "GOPS/W");
    rule(text, 7);
    for (PaperRun run : paper.models()) {
      for (String name : EnergyTable.names()) {
        if (run.variant().isEmpty()) {
          BatchEnergy energy = BatchEnergy.of(run.result(), EnergyTable.of(name));
          row(
              text,
              run.workload(),
              name,
              digits(energy.joulesPerItem()),
              digits(energy.total().lowJoules() / energy.items()),
              digits(energy.total().highJoules() / energy.items()),
              digits(energy.watts()),
              digits(energy.gopsPerWatt()));
        }
      }
    }
  }

  private static String digits(double value) {
    return String.format(Locale.ROOT, "%.2g", value);
  }

  private static void row(StringBuilder text, String... cells) {
    text.append('|');
    for (String cell : cells) {
      text.append(' ').append(cell).append(" |");
    }
    text.append('\n');
  }

  private static void rule(StringBuilder text, int columns) {
    text.append('|').append("---|".repeat(columns)).append('\n');
  }

  private static String number(double value) {
    return Double.isNaN(value)
        ? "-"
        : String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static String difference(Figure figure) {
    return Double.isNaN(figure.difference())
        ? "-"
        : String.format(Locale.ROOT, "%+.1f %%", 100 * figure.difference());
  }

  private static @Nullable Double orNull(double value) {
    return Double.isNaN(value) ? null : value;
  }

  /** Everything as JSON. */
  static Map<String, Object> view(Paper paper) {
    Map<String, Object> view = new LinkedHashMap<>();
    List<Map<String, Object>> figures = new ArrayList<>();
    for (Figure figure : paper.figures()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("figure", figure.what());
      one.put("reported", figure.reported());
      one.put("simulated", orNull(figure.simulated()));
      one.put("unit", figure.unit());
      one.put("difference", orNull(figure.difference()));
      one.put("workload", figure.workload());
      one.put("machine", figure.configuration());
      one.put("reason", figure.reason());
      figures.add(one);
    }
    view.put("figures", figures);
    List<Map<String, Object>> rates = new ArrayList<>();
    paper.rates().forEach(rate -> rates.add(Map.of("rate", rate.name(), "gops", rate.gops())));
    view.put("rates", rates);
    List<Map<String, Object>> depths = new ArrayList<>();
    for (Paper.Depth depth : paper.depths()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("depth", depth.k());
      one.put("gops", depth.gops());
      one.put("shortTileGops", depth.shortTileGops());
      one.put("periodGops", depth.periodGops());
      depths.add(one);
    }
    view.put("depths", depths);
    List<Map<String, Object>> batches = new ArrayList<>();
    for (Paper.Batch batch : paper.batches()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("operations", batch.operations());
      one.put("gflops", batch.gflops());
      one.put("pipelinedGflops", batch.pipelinedGflops());
      batches.add(one);
    }
    view.put("batches", batches);
    view.put("models", paper.models().stream().map(PaperPage::modelView).toList());
    view.put("related", relatedViews(paper));
    List<Map<String, Object>> accuracy = new ArrayList<>();
    for (AccuracyStudy.Row row : paper.accuracy()) {
      accuracy.add(AccuracyCommand.view(row));
    }
    view.put("accuracy", accuracy);
    return view;
  }

  private static Map<String, Object> modelView(PaperRun run) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("workload", run.workload());
    view.put("variant", run.variant());
    view.put("batch", run.batch());
    view.put("itemsPerSecond", run.itemsPerSecond());
    view.put("itemCycles", run.itemCycles());
    view.put("linearGops", run.linearGops(false));
    view.put("linearPaddedGops", run.linearGops(true));
    view.put("productGops", run.productGops(false));
    view.put("productPaddedGops", run.productGops(true));
    List<Map<String, Object>> parts = new ArrayList<>();
    for (PaperRun.Part part : run.parts()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("part", part.name());
      one.put("cycles", part.cycles());
      one.put("share", part.share());
      one.put("int8Utilisation", part.int8Utilisation(run.config()));
      one.put("lanesBusy", part.lanesBusy());
      parts.add(one);
    }
    view.put("parts", parts);
    Map<String, Object> energy = new LinkedHashMap<>();
    for (String name : EnergyTable.names()) {
      BatchEnergy spent = BatchEnergy.of(run.result(), EnergyTable.of(name));
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("joulesPerItem", spent.joulesPerItem());
      one.put("low", spent.total().lowJoules() / spent.items());
      one.put("high", spent.total().highJoules() / spent.items());
      energy.put(name, one);
    }
    view.put("energyEstimates", energy);
    return view;
  }

  private static List<Map<String, Object>> relatedViews(Paper paper) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (RelatedWork row : RelatedWork.rows()) {
      paper
          .run(row.workload())
          .ifPresent(
              run -> {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("work", row.work());
                one.put("board", row.board());
                one.put("model", row.model());
                one.put("itemsPerSecond", row.itemsPerSecond());
                one.put("dsps", row.dsps());
                one.put("simulatedItemsPerSecond", run.itemsPerSecond());
                one.put("simulatedDsps", Resources.of(run.config()).dsps());
                one.put("speedup", row.speedup(run));
                one.put("dspEfficiency", row.efficiency(run));
                rows.add(one);
              });
    }
    return rows;
  }
}
