package org.tataa.explore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tataa.compiler.CompiledModel;
import org.tataa.graph.NdTensor;
import org.tataa.machine.CoreMachine;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.ModelSession;

/**
 * Batches simulated without values: cycles, stalls, beats and instructions are those of a run, and
 * no cycle depends on a value, so one item stands for all of its shapes. Each item is on one core.
 */
final class TimedRun {
  private TimedRun() {}

  /**
   * Compiles and simulates.
   *
   * @param session calibrated
   * @param items inputs of the items; their values are not used
   */
  static BatchResult of(ModelSession session, List<Map<String, NdTensor>> items) {
    long start = System.nanoTime();
    Map<List<List<Integer>>, BatchResult.Item> known = new HashMap<>();
    List<BatchResult.Item> results = new ArrayList<>();
    for (Map<String, NdTensor> item : items) {
      results.add(
          known.computeIfAbsent(
              item.values().stream().map(NdTensor::dims).toList(),
              key -> run(session.compile(item), item)));
    }
    long nanos = System.nanoTime() - start;
    return new BatchResult(session.config(), results, nanos, nanos);
  }

  /** Simulates an item once. */
  static BatchResult.Item run(CompiledModel program, Map<String, NdTensor> item) {
    CoreMachine machine = CoreMachine.timed(program.core());
    program.load(machine);
    return new BatchResult.Item(program.run(machine, item), Map.of());
  }
}
