package org.tataa.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tataa.pipeline.LayeredSession;

/** The parts of a model that was run layer by layer, for people and as JSON. */
final class LayerTable {
  private LayerTable() {}

  static void print(PrintWriter out, List<LayeredSession.Part> parts) {
    boolean isCompared = parts.stream().noneMatch(part -> Double.isNaN(part.cosine()));
    out.println();
    out.println("part           cycles  host s" + (isCompared ? "  cosine of its result" : ""));
    for (LayeredSession.Part part : parts) {
      out.printf(
          Locale.ROOT,
          "%-10s %10d %7.1f%s%n",
          part.name(),
          part.cycles(),
          part.nanos() / 1e9,
          isCompared ? String.format(Locale.ROOT, "  %.6f", part.cosine()) : "");
    }
  }

  static List<Map<String, Object>> views(List<LayeredSession.Part> parts) {
    return parts.stream().map(LayerTable::view).toList();
  }

  private static Map<String, Object> view(LayeredSession.Part part) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("name", part.name());
    view.put("cycles", part.cycles());
    view.put("hostSeconds", part.nanos() / 1e9);
    if (!Double.isNaN(part.cosine())) {
      view.put("cosine", part.cosine());
    }
    return view;
  }
}
