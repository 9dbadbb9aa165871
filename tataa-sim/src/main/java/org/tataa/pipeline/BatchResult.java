package org.tataa.pipeline;

import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tataa.compiler.CompiledModel;
import org.tataa.config.TataaConfig;
import org.tataa.debug.PerfettoWriter;
import org.tataa.graph.NdTensor;
import org.tataa.observe.Counters;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;

/**
 * What a batch of items gave and cost.
 *
 * @param config the device
 * @param items one per item, in order
 * @param nanos host time for everything: compilation, float32 references, simulation
 * @param simulationNanos host time in which at least one item was being simulated
 */
public record BatchResult(TataaConfig config, List<Item> items, long nanos, long simulationNanos) {
  /**
   * One item.
   *
   * @param result what the machine computed
   * @param expected results in float32; empty if nothing was compared
   */
  public record Item(CompiledModel.Result result, Map<String, NdTensor> expected) {
    /** Cosine of a result with float32. */
    public double cosine(String output) {
      NdTensor actual = result.outputs().get(output);
      NdTensor reference = expected.get(output);
      if (actual == null || reference == null) {
        throw new IllegalArgumentException("result `" + output + "` was not compared");
      }
      return CompiledModel.cosine(actual.floats(), reference.floats());
    }
  }

  /**
   * Where and when an item runs.
   *
   * @param core the core
   * @param start cycle of its first program
   */
  public record Slot(int core, long start) {}

  /** A slot for each item: the longest go first, to the core that is free first. */
  public List<Slot> schedule() {
    Integer[] order = new Integer[items.size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingLong(i -> -items.get(i).result().cycles()));
    long[] load = new long[config.cores()];
    Slot[] slots = new Slot[order.length];
    for (int item : order) {
      int free = 0;
      for (int core = 1; core < load.length; core++) {
        free = load[core] < load[free] ? core : free;
      }
      slots[item] = new Slot(free, load[free]);
      load[free] += items.get(item).result().cycles();
    }
    return List.of(slots);
  }

  /** Cycles of each core. */
  public List<Long> coreCycles() {
    Long[] cycles = new Long[config.cores()];
    Arrays.fill(cycles, 0L);
    List<Slot> slots = schedule();
    for (int i = 0; i < slots.size(); i++) {
      cycles[slots.get(i).core()] += items.get(i).result().cycles();
    }
    return List.of(cycles);
  }

  /** Sums by layer of the model, in order. */
  public List<Layer> layers() {
    return Layer.sums(items);
  }

  /**
   * Draws every item on the core that runs it: the item, its layers and its steps; and within each
   * step the cycles of every unit, work first, then what it waited for and the idle ones. Their
   * lengths are exact and add up to the counters, their order within a step is not that of time.
   */
  public void draw(PerfettoWriter writer) {
    List<Slot> slots = schedule();
    for (int i = 0; i < slots.size(); i++) {
      draw(writer, slots.get(i), i);
    }
  }

  private void draw(PerfettoWriter writer, Slot slot, int number) {
    CompiledModel.Result result = items.get(number).result();
    long cycle = slot.start();
    writer.slice(slot.core(), "items", "item " + number, cycle, result.cycles(), Map.of());
    drawLayers(writer, slot, result);
    for (CompiledModel.StepReport step : result.steps()) {
      if (step.cycles() > 0) {
        draw(writer, slot.core(), cycle, step);
      }
      cycle += step.cycles();
    }
  }

  // Steps of a layer that follow each other make one slice.
  private static void drawLayers(PerfettoWriter writer, Slot slot, CompiledModel.Result result) {
    long cycle = slot.start();
    long start = cycle;
    String layer = "";
    for (CompiledModel.StepReport step : result.steps()) {
      if (!Layer.of(step.name()).equals(layer)) {
        writer.slice(slot.core(), "layers", layer, start, cycle - start, Map.of());
        layer = Layer.of(step.name());
        start = cycle;
      }
      cycle += step.cycles();
    }
    writer.slice(slot.core(), "layers", layer, start, cycle - start, Map.of());
  }

  private void draw(PerfettoWriter writer, int core, long cycle, CompiledModel.StepReport step) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("value", step.name());
    details.put("tiling", step.tiling());
    details.put("macs", step.macs());
    details.put("paddedMacs", step.paddedMacs());
    details.put("wraps", step.counters().wraps());
    writer.slice(core, "steps", step.kind(), cycle, step.cycles(), details);
    Counters counters = step.counters();
    for (UnitKind unit : UnitKind.values()) {
      String track = unit.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " by step";
      long at = cycle;
      writer.slice(core, track, "busy", at, counters.busy(unit), Map.of());
      at += counters.busy(unit);
      for (StallCause cause : StallCause.values()) {
        writer.slice(core, track, cause.name(), at, counters.stalled(unit, cause), Map.of());
        at += counters.stalled(unit, cause);
      }
      writer.slice(core, track, "idle", at, counters.idle(unit), Map.of());
    }
    double cycles = step.cycles();
    long bytes = counters.bytesLoadedX() + counters.bytesLoadedY() + counters.bytesStored();
    writer.counter(core, "array busy %", cycle, 100 * counters.busy(UnitKind.EXEC) / cycles);
    writer.counter(core, "bytes per cycle", cycle, bytes / cycles);
    writer.counter(core, "int8 products per cycle", cycle, step.macs() / cycles);
    writer.counter(core, "bf16 operations per cycle", cycle, counters.laneOperations() / cycles);
  }

  /** Cycles until the last core is done. */
  public long deviceCycles() {
    return Collections.max(coreCycles());
  }

  /** Core cycles of all items. */
  public long coreCyclesTotal() {
    return coreCycles().stream().mapToLong(Long::longValue).sum();
  }

  /** Seconds at the device's clock. */
  public double seconds() {
    return (double) deviceCycles() / config.clockHz();
  }

  /** Counters of all programs. */
  public Counters counters() {
    Counters total = new Counters();
    for (Item item : items) {
      item.result().steps().forEach(step -> total.add(step.counters()));
    }
    return total;
  }

  /** Sums by kind of work. */
  public Map<String, WorkSum> kinds() {
    return WorkSum.by(items, CompiledModel.StepReport::kind);
  }

  /** Sums of vector work by the function of the model it belongs to, as {@code GELU}. */
  public Map<String, WorkSum> functions() {
    Map<String, WorkSum> functions = WorkSum.by(items, CompiledModel.StepReport::function);
    functions.remove("");
    return functions;
  }

  /** Sum over all kinds of work. */
  public WorkSum total() {
    return kinds().values().stream().reduce(WorkSum.NONE, WorkSum::plus);
  }

  /** The largest loss of all kinds of work, vector work by its function. */
  public LargestLoss largestLoss() {
    return LargestLoss.of(
        WorkSum.by(items, step -> step.function().isEmpty() ? step.kind() : step.function()));
  }
}
