package org.tataa.explore;

import java.util.LinkedHashMap;
import java.util.Map;
import org.tataa.config.TataaConfig;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.Layer;

/**
 * The energy of a batch, an estimate. The work of the host and the bytes it moves are not in it.
 *
 * @param table what events cost
 * @param activity what happened, cores without an item included
 * @param layers energy of every layer, with its share of static power; cores without an item have
 *     none
 * @param items items of the batch
 * @param seconds from the first program to the last
 * @param operations useful int8 operations, two for a multiply-accumulate
 */
public record BatchEnergy(
    EnergyTable table,
    Activity activity,
    Map<String, Energy> layers,
    int items,
    double seconds,
    double operations) {
  /** What a batch takes. */
  public static BatchEnergy of(BatchResult result, EnergyTable table) {
    TataaConfig config = result.config();
    Activity sum = Activity.NONE;
    Map<String, Energy> layers = new LinkedHashMap<>();
    long cycles = 0;
    for (Layer layer : result.layers()) {
      Activity activity = Activity.of(config, layer.counters(), layer.bound().traffic());
      cycles += layer.counters().cycles();
      layers.put(layer.name(), activity.energy(table));
      sum = sum.plus(activity);
    }
    sum = sum.plus(Activity.idle(config, config.cores() * result.deviceCycles() - cycles));
    return new BatchEnergy(
        table, sum, layers, result.items().size(), result.seconds(), 2.0 * result.total().macs());
  }

  /** Energy of the batch. */
  public Energy total() {
    return activity.energy(table);
  }

  /** Energy of every unit. */
  public Map<EnergyUnit, Energy> units() {
    return activity.byUnit(table);
  }

  /** Joules of an item, the mean of all. */
  public double joulesPerItem() {
    return total().joules() / items;
  }

  /** Mean power in watts. */
  public double watts() {
    return total().joules() / seconds;
  }

  /** Useful int8 operations of a joule, 10^9: GOPS for a watt. */
  public double gopsPerWatt() {
    return operations / total().joules() / 1e9;
  }

  /** Energy of the batch times its time, joule seconds. */
  public double energyDelay() {
    return total().joules() * seconds;
  }
}
