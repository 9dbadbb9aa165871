package org.tataa.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tataa.explore.Sweep;
import org.tataa.explore.SweepSpec;

/** What the page of a sweep shows: every machine as a point, the Pareto fronts, the refusals. */
final class SweepPage {
  private SweepPage() {}

  static Map<String, Object> view(SweepSpec sweep, Sweep.Result result) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("rows", result.rows().size());
    view.put("batch", sweep.batch());
    view.put("refused", result.refused());
    view.put("models", sweep.models().stream().map(name -> model(name, result.rows())).toList());
    Map<String, Integer> reasons = new LinkedHashMap<>();
    for (Sweep.Row row : result.rows()) {
      if (!row.isSimulated()) {
        reasons.merge(row.value("refused"), 1, Integer::sum);
      }
    }
    List<Map<String, Object>> list = new ArrayList<>();
    reasons.forEach((reason, rows) -> list.add(Map.of("reason", reason, "rows", rows)));
    view.put("reasons", list);
    return view;
  }

  private static Map<String, Object> model(String name, List<Sweep.Row> rows) {
    List<String> front = Sweep.pareto(rows, name).stream().map(row -> row.value("digest")).toList();
    Map<String, Integer> numbers = new HashMap<>();
    List<Map<String, Object>> points = new ArrayList<>();
    for (Sweep.Row row : rows) {
      if (row.isSimulated() && row.value("model").equals(name)) {
        numbers.put(row.value("digest"), points.size());
        Map<String, Object> point = new LinkedHashMap<>();
        point.put("digest", row.value("digest"));
        point.put("seconds", row.number("seconds"));
        point.put("joules", row.number("energy_estimate_joules_per_item"));
        point.put("dsps", (long) row.number("dsps"));
        point.put("differences", Sweep.differences(row));
        points.add(point);
      }
    }
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("model", name);
    view.put("points", points);
    view.put("front", front.stream().map(numbers::get).toList());
    return view;
  }
}
