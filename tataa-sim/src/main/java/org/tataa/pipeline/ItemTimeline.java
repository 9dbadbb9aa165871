package org.tataa.pipeline;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tataa.compiler.CompiledModel;
import org.tataa.debug.PerfettoWriter;
import org.tataa.observe.Counters;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;

/** Draws what one core did for an item: the item, its layers, its steps and barriers, and units. */
final class ItemTimeline {
  private final PerfettoWriter writer;
  private final int shown;
  private final int core;
  private final long start;

  /**
   * A timeline.
   *
   * @param core number of the core in the group
   */
  ItemTimeline(PerfettoWriter writer, BatchResult.Slot slot, int core) {
    this.writer = writer;
    this.core = core;
    shown = slot.core() + core;
    start = slot.start();
  }

  /** Draws an item, or several that were packed. */
  void draw(BatchResult.Run run) {
    CompiledModel.Result result = run.result();
    List<String> numbers = run.items().stream().map(String::valueOf).toList();
    String name = (numbers.size() == 1 ? "item " : "items ") + String.join(", ", numbers);
    long cycle = start;
    writer.slice(shown, "items", name, cycle, result.cycles(), Map.of());
    drawLayers(result);
    for (CompiledModel.StepReport step : result.steps()) {
      if (step.cycles() > 0) {
        draw(cycle, step);
      }
      cycle += step.cycles();
    }
  }

  // Steps of a layer that follow each other make one slice.
  private void drawLayers(CompiledModel.Result result) {
    long cycle = start;
    long from = cycle;
    String layer = "";
    for (CompiledModel.StepReport step : result.steps()) {
      if (!Layer.of(step.name()).equals(layer)) {
        writer.slice(shown, "layers", layer, from, cycle - from, Map.of());
        layer = Layer.of(step.name());
        from = cycle;
      }
      cycle += step.cycles();
    }
    writer.slice(shown, "layers", layer, from, cycle - from, Map.of());
  }

  private void draw(long cycle, CompiledModel.StepReport step) {
    Counters counters = step.cores().get(core);
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("value", step.name());
    details.put("tiling", step.tiling());
    details.put("macs", step.macs());
    details.put("paddedMacs", step.paddedMacs());
    details.put("wraps", counters.wraps());
    long barrier = step.barrierCycles();
    writer.slice(shown, "steps", "barrier", cycle, barrier, Map.of());
    writer.slice(shown, "steps", step.kind(), cycle + barrier, step.cycles() - barrier, details);
    for (UnitKind unit : UnitKind.values()) {
      String track = unit.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " by step";
      long at = cycle;
      writer.slice(shown, track, "busy", at, counters.busy(unit), Map.of());
      at += counters.busy(unit);
      for (StallCause cause : StallCause.values()) {
        writer.slice(shown, track, cause.name(), at, counters.stalled(unit, cause), Map.of());
        at += counters.stalled(unit, cause);
      }
      writer.slice(shown, track, "idle", at, counters.idle(unit), Map.of());
    }
    double cycles = step.cycles();
    long bytes = counters.bytesLoadedX() + counters.bytesLoadedY() + counters.bytesStored();
    writer.counter(shown, "array busy %", cycle, 100 * counters.busy(UnitKind.EXEC) / cycles);
    writer.counter(shown, "bytes per cycle", cycle, bytes / cycles);
    writer.counter(shown, "int8 products per cycle", cycle, products(step, counters) / cycles);
    writer.counter(shown, "bf16 operations per cycle", cycle, counters.laneOperations() / cycles);
  }

  // Useful products of the core: its part of the array's.
  private static double products(CompiledModel.StepReport step, Counters counters) {
    long all = step.counters().macs();
    return all == 0 ? step.macs() : (double) step.macs() * counters.macs() / all;
  }
}
