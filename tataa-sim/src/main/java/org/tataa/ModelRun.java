package org.tataa;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tataa.graph.NdTensor;
import org.tataa.observe.Counters;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.WorkSum;

/** What a run of items gave and cost. */
public final class ModelRun {
  private final BatchResult batch;
  private final List<String> names;

  ModelRun(BatchResult batch, List<String> names) {
    this.batch = batch;
    this.names = names;
  }

  // In the order of the model.
  static Tensors ordered(Map<String, NdTensor> values, List<String> names) {
    Map<String, NdTensor> ordered = new LinkedHashMap<>();
    for (String name : names) {
      NdTensor value = values.get(name);
      if (value != null) {
        ordered.put(name, value);
      }
    }
    return Tensors.of(ordered);
  }

  /** {@return number of items} */
  public int items() {
    return batch.items().size();
  }

  /** {@return results of the first item, by name} */
  public Tensors outputs() {
    return outputs(0);
  }

  /**
   * {@return results of an item, by name}
   *
   * @param item in the order in which they were given, from 0
   * @throws IndexOutOfBoundsException if there is no such item
   */
  public Tensors outputs(int item) {
    return ordered(batch.items().get(item).result().outputs(), names);
  }

  /** {@return clock cycles of the device until its last core was done} */
  public long cycles() {
    return batch.deviceCycles();
  }

  /** {@return seconds of the device at its clock} */
  public double seconds() {
    return batch.seconds();
  }

  /** {@return items in a second of the device} */
  public double itemsPerSecond() {
    return items() / seconds();
  }

  /** {@return int8 rate in GOPS; a multiply-accumulate is two operations, and padding is none} */
  public double gops() {
    return 2e-9 * batch.total().macs() / seconds();
  }

  /** {@return share of the peak int8 rate, 0..1; padding does not count} */
  public double int8Utilisation() {
    return gops() / batch.config().peakInt8Gops();
  }

  /** {@return most cores an item was split over} */
  public int coresPerItem() {
    return batch.coresPerItem();
  }

  /** {@return counters added over all cores; a copy} */
  public Counters counters() {
    return batch.counters();
  }

  /**
   * Work of one kind.
   *
   * @param kind products of a layer ({@code LINEAR}), or a function as {@code GELU}
   * @param cycles of all cores
   * @param boundCycles what the unit that needs most would need if nothing ever waited
   * @param bound that unit, in words
   * @param macs multiply-accumulates of the model
   */
  public record Work(String kind, long cycles, long boundCycles, String bound, long macs) {}

  /** {@return what the cycles were spent on, the most first} */
  public List<Work> work() {
    return batch.kinds().entrySet().stream()
        .map(entry -> work(entry.getKey(), entry.getValue()))
        .filter(work -> work.cycles() > 0)
        .sorted(Comparator.comparingLong(work -> -work.cycles()))
        .toList();
  }

  private static Work work(String kind, WorkSum sum) {
    return new Work(
        kind, sum.cycles(), sum.bound().cycles(), sum.bound().unit().text(), sum.macs());
  }

  /** {@return the work that loses most cycles to one cause, in words} */
  public String largestLoss() {
    return batch.largestLoss().text();
  }

  @Override
  public String toString() {
    return items() + " items after " + cycles() + " cycles";
  }
}
