package org.tataa.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.tataa.config.TataaConfig;
import org.tataa.observe.Counters;
import org.tataa.observe.InstructionKind;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;
import org.tataa.reference.ErrorReport;
import org.tataa.sim.PortRate;
import org.tataa.sim.RunResult;

/** Text and JSON of run results. */
final class RunViews {
  private RunViews() {}

  static String key(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  static Map<String, Object> run(RunResult run) {
    Counters total = run.total();
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("cycles", run.cycles());
    view.put("seconds", run.seconds());
    view.put("arrayGops", run.arrayGops());
    view.put("gflops", run.gflops());
    view.put("arrayUtilisation", run.arrayUtilisation());
    view.put("bf16Utilisation", run.bf16Utilisation());
    view.put("arrayMacs", total.macs());
    view.put("laneOperations", total.laneOperations());
    view.put("modeSwitches", total.modeSwitches());
    view.put("readouts", total.readouts());
    view.put("wraps", total.wraps());
    view.put("borrows", total.borrows());
    view.put("maxAbsSum", total.maxAbsSum());
    view.put("saturations", total.saturations());
    view.put("nans", total.nans());
    view.put("bytesLoadedX", total.bytesLoadedX());
    view.put("bytesLoadedY", total.bytesLoadedY());
    view.put("bytesStored", total.bytesStored());
    Map<String, Object> instructions = new LinkedHashMap<>();
    for (InstructionKind kind : InstructionKind.values()) {
      instructions.put(key(kind), total.instructions(kind));
    }
    view.put("instructions", instructions);
    Map<String, Object> units = new LinkedHashMap<>();
    for (UnitKind unit : UnitKind.values()) {
      units.put(key(unit), unit(total, unit));
    }
    view.put("units", units);
    view.put("ports", ports(run.config(), total));
    return view;
  }

  /** What the ports of a core moved, and where memory has rows, how many were opened. */
  static Map<String, Object> ports(TataaConfig config, Counters total) {
    Map<String, Object> ports = new LinkedHashMap<>();
    for (PortRate rate : PortRate.of(config, total)) {
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("bytes", rate.bytes());
      view.put("gigabytesPerSecond", rate.bytesPerSecond() / 1e9);
      view.put("peakGigabytesPerSecond", rate.peakBytesPerSecond() / 1e9);
      if (rate.port().equals("channels")) {
        view.put("columns", total.columns());
        view.put("rowsOpened", total.activates());
      }
      ports.put(rate.port(), view);
    }
    return ports;
  }

  static Map<String, Object> unit(Counters total, UnitKind unit) {
    Map<String, Object> stalls = new LinkedHashMap<>();
    for (StallCause cause : StallCause.values()) {
      if (total.stalled(unit, cause) > 0) {
        stalls.put(key(cause), total.stalled(unit, cause));
      }
    }
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("busy", total.busy(unit));
    view.put("idle", total.idle(unit));
    view.put("stalled", stalls);
    return view;
  }

  static Map<String, Object> error(ErrorReport error) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("maxAbs", error.maxAbs());
    view.put("meanAbs", error.meanAbs());
    view.put("maxRel", error.maxRel());
    view.put("meanRel", error.meanRel());
    view.put("cosine", error.cosine());
    view.put("meanRowCosine", error.meanRowCosine());
    view.put("minRowCosine", error.minRowCosine());
    view.put("sqnrDb", error.sqnrDb());
    view.put("notFinite", error.notFinite());
    view.put(
        "worst",
        error.worst().stream()
            .map(
                w ->
                    Json.object(
                        "row", w.row(),
                        "column", w.column(),
                        "actual", w.actual(),
                        "expected", w.expected()))
            .toList());
    return view;
  }

  /** Achieved and peak rates of a core's ports, in a line. */
  static void printPorts(PrintWriter out, TataaConfig config, Counters total) {
    out.print("  GB/s of a core, achieved of peak:");
    String before = " ";
    for (PortRate rate : PortRate.of(config, total)) {
      out.printf(
          Locale.ROOT,
          "%s%s %.2f of %.1f",
          before,
          rate.port(),
          rate.bytesPerSecond() / 1e9,
          rate.peakBytesPerSecond() / 1e9);
      before = ", ";
    }
    if (total.columns() > 0) {
      double hits = 1 - Math.min(1, (double) total.activates() / total.columns());
      out.printf(Locale.ROOT, " (%.1f%% of columns in open rows)", 100 * hits);
    }
    out.println();
  }

  /** Busy, stalled by cause and idle cycles of every unit, summed over cores. */
  static void printUnits(PrintWriter out, Counters total) {
    for (UnitKind unit : UnitKind.values()) {
      out.printf("  %-10s busy %d, idle %d", key(unit), total.busy(unit), total.idle(unit));
      for (StallCause cause : StallCause.values()) {
        if (total.stalled(unit, cause) > 0) {
          out.printf(", %s %d", key(cause), total.stalled(unit, cause));
        }
      }
      out.println();
    }
  }
}
