package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.tataa.compiler.CompiledModel;
import org.tataa.config.TataaConfig;
import org.tataa.debug.PerfettoWriter;
import org.tataa.graph.NdTensor;
import org.tataa.observe.Counters;

/**
 * What a batch of items gave and cost.
 *
 * @param config the device
 * @param items one per item, in order
 * @param runs one per item or pack of items that was run as one
 * @param nanos host time for everything: compilation, float32 references, simulation
 * @param simulationNanos host time in which at least one item was being simulated
 */
public record BatchResult(
    TataaConfig config, List<Item> items, List<Run> runs, long nanos, long simulationNanos) {
  /** A batch in which every item was run by itself. */
  public BatchResult(TataaConfig config, List<Item> items, long nanos, long simulationNanos) {
    this(config, items, alone(items), nanos, simulationNanos);
  }

  private static List<Run> alone(List<Item> items) {
    List<Run> runs = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      runs.add(new Run(items.get(i).result(), List.of(i)));
    }
    return runs;
  }

  /**
   * What was run as one.
   *
   * @param result its steps; its outputs are those of a pack
   * @param items numbers of the items in it
   */
  public record Run(CompiledModel.Result result, List<Integer> items) {
    /** Takes a copy. */
    public Run {
      items = List.copyOf(items);
    }
  }

  /**
   * One item.
   *
   * @param result what the machine computed for it; steps and cycles are those of the pack it was
   *     run in
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
   * Where and when an item or pack runs.
   *
   * @param core the core, the first of a group
   * @param cores cores of the group
   * @param start cycle of its first program
   */
  public record Slot(int core, int cores, long start) {}

  /** A slot for each run: the longest go first, to the group of cores that is free first. */
  public List<Slot> schedule() {
    Integer[] order = new Integer[runs.size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingLong(i -> -runs.get(i).result().cycles()));
    long[] load = new long[config.cores()];
    Slot[] slots = new Slot[order.length];
    for (int item : order) {
      int cores = runs.get(item).result().cores();
      int free = 0;
      for (int core = cores; core + cores <= load.length; core += cores) {
        free = load[core] < load[free] ? core : free;
      }
      slots[item] = new Slot(free, cores, load[free]);
      long end = load[free] + runs.get(item).result().cycles();
      Arrays.fill(load, free, free + cores, end);
    }
    return List.of(slots);
  }

  /** Cycles of each core, those in which it waits for others of its group included. */
  public List<Long> coreCycles() {
    Long[] cycles = new Long[config.cores()];
    Arrays.fill(cycles, 0L);
    List<Slot> slots = schedule();
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      for (int core = slot.core(); core < slot.core() + slot.cores(); core++) {
        cycles[core] += runs.get(i).result().cycles();
      }
    }
    return List.of(cycles);
  }

  /** Sums by layer of the model, in order. */
  public List<Layer> layers() {
    return Layer.sums(runs);
  }

  /**
   * Draws every item on the cores that run it: the item, its layers and its steps; and within each
   * step the cycles of every unit, work first, then what it waited for and the idle ones. Their
   * lengths are exact and add up to the counters, their order within a step is not that of time.
   */
  public void draw(PerfettoWriter writer) {
    List<Slot> slots = schedule();
    for (int i = 0; i < slots.size(); i++) {
      for (int core = 0; core < slots.get(i).cores(); core++) {
        new ItemTimeline(writer, slots.get(i), core).draw(runs.get(i));
      }
    }
  }

  /** Core cycles an item takes, the mean of all: those of a pack are shared by its items. */
  public double coreCyclesPerItem() {
    return (double) coreCyclesTotal() / Math.max(1, items.size());
  }

  /** Number of the run an item was in. */
  public int runOf(int item) {
    for (int run = 0; run < runs.size(); run++) {
      if (runs.get(run).items().contains(item)) {
        return run;
      }
    }
    throw new IllegalArgumentException("no item " + item);
  }

  /** Whether items were packed. */
  public boolean isPacked() {
    return runs.size() < items.size();
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

  /** Most cores an item is split over. */
  public int coresPerItem() {
    return runs.stream().mapToInt(run -> run.result().cores()).max().orElse(1);
  }

  /** Counters of all programs. */
  public Counters counters() {
    Counters total = new Counters();
    for (Run run : runs) {
      run.result().steps().forEach(step -> total.add(step.counters()));
    }
    return total;
  }

  /** Sums by kind of work. */
  public Map<String, WorkSum> kinds() {
    return WorkSum.by(runs, CompiledModel.StepReport::kind);
  }

  /** Sums of vector work by the function of the model it belongs to, as {@code GELU}. */
  public Map<String, WorkSum> functions() {
    Map<String, WorkSum> functions = WorkSum.by(runs, CompiledModel.StepReport::function);
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
        WorkSum.by(runs, step -> step.function().isEmpty() ? step.kind() : step.function()));
  }
}
