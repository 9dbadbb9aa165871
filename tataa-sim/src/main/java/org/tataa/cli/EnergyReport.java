package org.tataa.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tataa.compiler.CompiledModel;
import org.tataa.config.TataaConfig;
import org.tataa.explore.Activity;
import org.tataa.explore.BatchEnergy;
import org.tataa.explore.Energy;
import org.tataa.explore.EnergyEvent;
import org.tataa.explore.EnergyTable;

/** The energy of a batch, for people, as JSON and as columns. */
final class EnergyReport {
  /** Columns of a step. */
  static final String COLUMNS = ",energy_estimate_joules,energy_low_joules,energy_high_joules";

  private EnergyReport() {}

  /** One line. */
  static String line(BatchEnergy energy) {
    Energy total = energy.total();
    return String.format(
        Locale.ROOT,
        "energy, an estimate by table %s: %.4g J an item (%.3g to %.3g), %.3g W, %.3g GOPS/W,"
            + " energy-delay product %.3g J s",
        energy.table().name(),
        energy.joulesPerItem(),
        total.lowJoules() / energy.items(),
        total.highJoules() / energy.items(),
        energy.watts(),
        energy.gopsPerWatt(),
        energy.energyDelay());
  }

  /** The line, and tables by unit and layer. */
  static void print(PrintWriter out, BatchEnergy energy) {
    out.println();
    out.println(line(energy));
    out.println("unit                      J an item        low       high  share");
    energy.units().forEach((unit, part) -> printRow(out, energy, unit.text(), part));
    out.println("layer                     J an item        low       high  share");
    energy.layers().forEach((layer, part) -> printRow(out, energy, layer, part));
  }

  private static void printRow(PrintWriter out, BatchEnergy energy, String name, Energy part) {
    if (part.estimate().signum() > 0) {
      out.printf(
          Locale.ROOT,
          "%-24s %10.3g %10.3g %10.3g %5.1f%%%n",
          name,
          part.joules() / energy.items(),
          part.lowJoules() / energy.items(),
          part.highJoules() / energy.items(),
          100 * part.joules() / energy.total().joules());
    }
  }

  /** Everything. */
  static Map<String, Object> view(BatchEnergy energy) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("table", energy.table().name());
    view.put("kind", "estimate");
    view.put("total", view(energy.total()));
    view.put("joulesPerItem", energy.joulesPerItem());
    view.put("watts", energy.watts());
    view.put("gopsPerWatt", energy.gopsPerWatt());
    view.put("energyDelay", energy.energyDelay());
    Map<String, Object> units = new LinkedHashMap<>();
    energy
        .units()
        .forEach((unit, part) -> units.put(unit.name().toLowerCase(Locale.ROOT), view(part)));
    view.put("units", units);
    List<Map<String, Object>> layers = new ArrayList<>();
    energy
        .layers()
        .forEach(
            (name, part) -> {
              Map<String, Object> layer = new LinkedHashMap<>();
              layer.put("name", name);
              layer.putAll(view(part));
              layers.add(layer);
            });
    view.put("layers", layers);
    List<Map<String, Object>> events = new ArrayList<>();
    for (EnergyEvent event : EnergyEvent.values()) {
      EnergyTable.Row row = energy.table().row(event);
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("event", event.key());
      one.put("count", energy.activity().count(event));
      one.put("value", row.value());
      one.put("unit", event.unit());
      one.put("uncertainty", row.uncertainty());
      one.put("source", row.source());
      events.add(one);
    }
    view.put("events", events);
    return view;
  }

  private static Map<String, Object> view(Energy energy) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("joules", energy.joules());
    view.put("low", energy.lowJoules());
    view.put("high", energy.highJoules());
    return view;
  }

  /** The columns of a step. */
  static String columns(TataaConfig config, CompiledModel.StepReport step, EnergyTable table) {
    Energy energy = Activity.of(config, step.counters(), step.bound().traffic()).energy(table);
    return "," + energy.joules() + "," + energy.lowJoules() + "," + energy.highJoules();
  }
}
