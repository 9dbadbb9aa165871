package org.tataa.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.ModelSession;
import org.tataa.quant.Calibrator;
import org.tataa.sim.HostThreads;

/**
 * What changes of the machine would buy: the model is compiled for every changed machine and
 * simulated on it, every item on one core. Nothing is extrapolated.
 *
 * <pre>{@code
 * List<WhatIf.Row> rows =
 *     WhatIf.rows(session, items, samples, Change.all(), EnergyTable.of("asic-45nm"), false, progress);
 * System.out.println(rows.get(1).speedup(rows.get(0)));
 * }</pre>
 */
public final class WhatIf {
  /**
   * What a batch takes on a machine.
   *
   * @param change what is different about it
   * @param config the machine; null if there is none with this change
   * @param result the batch; null if the machine is refused, or too small for the model
   * @param energy of the batch; null without a result
   * @param refused why there is no result; empty if there is one
   */
  public record Row(
      Change change,
      @Nullable TataaConfig config,
      @Nullable BatchResult result,
      @Nullable BatchEnergy energy,
      String refused) {
    /** Whether it was simulated. */
    public boolean isSimulated() {
      return result != null;
    }

    /**
     * The batch.
     *
     * @throws IllegalStateException if it was not simulated
     */
    public BatchResult batch() {
      if (result == null) {
        throw new IllegalStateException(change.name() + " was not simulated: " + refused);
      }
      return result;
    }

    /** How many times as fast a batch is as on another machine. */
    public double speedup(Row base) {
      return base.batch().seconds() / batch().seconds();
    }

    /** Share of the time of all cores' PEs in which they do a useful product, 0..1. */
    public double int8Utilisation() {
      BatchResult batch = batch();
      return batch.total().macs()
          / ((double) batch.deviceCycles()
              * batch.config().cores()
              * batch.config().macsPerCycle());
    }

    /** Share of the time of all cores in which their lanes begin an operation, 0..1. */
    public double lanesBusy() {
      BatchResult batch = batch();
      return batch.counters().vectorOperations()
          / ((double) batch.deviceCycles() * batch.config().cores());
    }

    /** Smallest cosine of a result with float32; NaN if values were not computed. */
    public double minCosine() {
      double min = Double.NaN;
      for (BatchResult.Item item : batch().items()) {
        for (String output : item.expected().keySet()) {
          min = Double.isNaN(min) ? item.cosine(output) : Math.min(min, item.cosine(output));
        }
      }
      return min;
    }
  }

  private WhatIf() {}

  /**
   * The base machine, and each change that makes a different one of it.
   *
   * @param session the model on the base machine, calibrated
   * @param items of the batch
   * @param samples what machines are calibrated on that need ranges the session has not
   * @param table what events cost
   * @param isComputed whether values are computed and compared with float32, which takes longer
   * @param progress hears of finished machines
   */
  public static List<Row> rows(
      ModelSession session,
      List<Map<String, NdTensor>> items,
      List<Map<String, NdTensor>> samples,
      List<Change> changes,
      EnergyTable table,
      boolean isComputed,
      Calibrator.Progress progress) {
    List<Change> all = new ArrayList<>();
    all.add(Change.NONE);
    all.addAll(changes);
    @Nullable Row[] rows = new Row[all.size()];
    AtomicInteger done = new AtomicInteger();
    HostThreads.forEach(
        rows.length,
        0,
        i -> {
          rows[i] = row(session, items, samples, all.get(i), table, isComputed);
          synchronized (done) {
            progress.done(done.incrementAndGet(), rows.length);
          }
        });
    List<Row> list = new ArrayList<>();
    for (Row row : rows) {
      Row known = Objects.requireNonNull(row);
      if (list.isEmpty() || !session.config().equals(known.config())) {
        list.add(known);
      }
    }
    return list;
  }

  private static Row row(
      ModelSession base,
      List<Map<String, NdTensor>> items,
      List<Map<String, NdTensor>> samples,
      Change change,
      EnergyTable table,
      boolean isComputed) {
    TataaConfig config = null;
    try {
      config = change.change().apply(base.config());
      ModelSession session = base.on(config);
      if (!session.isCalibratedFor(items.get(0))) {
        session.calibrate(samples, (done, of) -> {});
      }
      BatchResult result =
          isComputed ? session.run(items, true, (done, of) -> {}) : TimedRun.of(session, items);
      return new Row(change, config, result, BatchEnergy.of(result, table), "");
    } catch (IllegalArgumentException e) {
      // A machine that cannot be, or that is too small for the model.
      return new Row(change, config, null, null, String.valueOf(e.getMessage()));
    }
  }
}
