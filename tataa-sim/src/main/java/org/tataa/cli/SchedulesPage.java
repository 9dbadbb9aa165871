package org.tataa.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.explore.BatchEnergy;
import org.tataa.explore.EnergyTable;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.ScheduleStudy;
import org.tataa.pipeline.WorkSum;

/** The schedules of workloads as docs/schedules.md and as JSON. */
final class SchedulesPage {
  private static final List<String> FUNCTIONS = List.of("GELU", "SoftMax", "LayerNorm");

  private static final List<String> KINDS =
      List.of("LINEAR", "PRODUCT", "LANES", "REDUCTION", "CODES");

  private static final String INTRODUCTION =
      """
      # Schedules against what the machine could do

      Whole models, compiled and simulated cycle by cycle on the u280 preset: 8 cores at 225 MHz, an item on
      one core, or two that share a block as one, the batch spread over the cores; a batch of one is split over all cores. Weights are random, except
      those of all-MiniLM-L6-v2; no cycle depends on what an item holds, so one item of a workload is simulated and stands for
      its batch. Work of the host between programs takes no cycles here; the bytes it moves are in the first table.

      Bound: cycles of the unit that needs most if nothing ever waited: the array (K + 64 for every drained
      block, one for every vector operation), beats of the X and of the Y port, beats written, or instructions, one a
      cycle. Ratio: bound to cycles. Core cycles of an item are those of all its cores, idle ones included. Required
      is what the project has set itself. GELU, SoftMax, LayerNorm: share of the cycles of their steps in which the
      lanes begin an operation.

      """;

  private static final String DECODERS =
      """
      Beats of one port that read all weights and all keys and values kept once. A product streams the larger of
      its operands through one port, and the array takes a word of it, a beat, in a cycle: with one token this is the
      least a decoder can take on a core, whatever the other port could read.

      """;

  private SchedulesPage() {}

  /** A number, or a dash for NaN. */
  static String number(double value, int digits) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** A share as percent, or a dash for NaN. */
  static String percent(double share) {
    return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.0f%%", 100 * share);
  }

  /**
   * The page.
   *
   * @param command what made it
   */
  static String of(String command, List<ScheduleStudy.Row> rows) {
    StringBuilder text = new StringBuilder(INTRODUCTION);
    text.append("Made by `").append(command).append("`.\n\n");
    text.append("| workload | batch | million core cycles an item | bound | of | ratio | items/s |")
        .append(" at the bound | required | met | MB by the host |");
    FUNCTIONS.forEach(function -> text.append(' ').append(function).append(" |"));
    text.append("\n|").append("---|".repeat(11 + FUNCTIONS.size())).append('\n');
    rows.forEach(row -> appendRow(text, row));
    text.append("\n## By kind of work\n\n")
        .append("Million core cycles of an item, and the ratio of bound to cycles.\n\n");
    text.append("| workload |");
    KINDS.forEach(kind -> text.append(' ').append(kind).append(" |"));
    text.append("\n|").append("---|".repeat(1 + KINDS.size())).append('\n');
    for (ScheduleStudy.Row row : rows) {
      text.append("| ").append(row.job().name()).append(" |");
      KINDS.forEach(kind -> text.append(' ').append(kind(row, kind)).append(" |"));
      text.append('\n');
    }
    List<ScheduleStudy.Row> decoders = rows.stream().filter(row -> row.memoryBeats() > 0).toList();
    if (!decoders.isEmpty()) {
      text.append("\n## Decoders and their memory\n\n").append(DECODERS);
      text.append("| workload | million core cycles | million beats | cycles to beats |\n");
      text.append("|---|---|---|---|\n");
      decoders.forEach(
          row ->
              text.append(
                  String.format(
                      Locale.ROOT,
                      "| %s | %.3f | %.3f | %.2f |\n",
                      row.job().name(),
                      row.itemCycles() / 1e6,
                      row.memoryBeats() / 1e6,
                      (double) row.itemCycles() / row.memoryBeats())));
    }
    text.append("\n## What is lost\n\n");
    text.append(
        "Of all items of the batch: the most that one kind of work loses to one cause; and what"
            + " the\n");
    text.append("unit that is the bound loses most to.\n\n");
    for (ScheduleStudy.Row row : rows) {
      text.append("- ").append(row.job().name()).append(": ");
      text.append(row.result().largestLoss().text()).append("; ");
      text.append(ModelReport.lost(row.result().total(), 4)).append(".\n");
    }
    return text.toString();
  }

  private static void appendRow(StringBuilder text, ScheduleStudy.Row row) {
    BatchResult result = row.result();
    text.append(
        String.format(
            Locale.ROOT,
            "| %s | %d | %.3f | %.3f | %s | %.1f%% | %.1f | %.1f | %s | %s | %.2f |",
            row.job().name(),
            row.job().batch(),
            row.itemCycles() / 1e6,
            row.itemBound() / 1e6,
            result.total().bound().unit().text(),
            100 * result.total().ratio(),
            row.itemsPerSecond(),
            row.itemsPerSecondAtBound(),
            number(row.job().required(), 1),
            Double.isNaN(row.job().required()) ? "-" : row.isMet() ? "yes" : "no",
            result.total().hostBytes() / 1e6 / result.items().size()));
    FUNCTIONS.forEach(
        function -> text.append(' ').append(percent(row.lanesBusy(function))).append(" |"));
    text.append('\n');
  }

  private static String kind(ScheduleStudy.Row row, String name) {
    WorkSum kind = row.result().kinds().get(name);
    return kind == null
        ? "-"
        : String.format(
            Locale.ROOT,
            "%.3f (%.0f%%)",
            kind.cycles() / 1e6 / row.result().items().size(),
            100 * kind.ratio());
  }

  /**
   * A row as JSON.
   *
   * @param table what events cost; null without energy
   */
  static Map<String, Object> view(ScheduleStudy.Row row, @Nullable EnergyTable table) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("workload", row.job().workload());
    view.put("variant", row.job().variant());
    view.put("machine", MachineOptions.describe(row.job().config()));
    view.put("batch", row.job().batch());
    view.put("itemCycles", row.itemCycles());
    view.put("boundCycles", row.itemBound());
    view.put("boundBy", RunViews.key(row.result().total().bound().unit()));
    if (row.memoryBeats() > 0) {
      view.put("memoryBeats", row.memoryBeats());
    }
    view.put("deviceCycles", row.result().deviceCycles());
    view.put("itemsPerSecond", row.itemsPerSecond());
    view.put("itemsPerSecondAtBound", row.itemsPerSecondAtBound());
    double required = row.job().required();
    view.put("required", Double.isNaN(required) ? null : required);
    view.put("isMet", row.isMet());
    Map<String, Object> lanes = new LinkedHashMap<>();
    row.result().functions().forEach((name, work) -> lanes.put(name, work.lanesBusy()));
    view.put("lanesBusy", lanes);
    view.put("largestLoss", row.result().largestLoss().text());
    if (table != null) {
      view.put("energy", EnergyReport.view(BatchEnergy.of(row.result(), table)));
    }
    return view;
  }
}
