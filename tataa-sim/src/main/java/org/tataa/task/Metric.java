package org.tataa.task;

import java.util.List;

/** How good readings are. */
public interface Metric {
  /** Its name, as {@code accuracy}. */
  String name();

  /** Unit of drops, as {@code points}; empty if they are plain differences. */
  default String dropUnit() {
    return "";
  }

  /**
   * What is lost from float32 to the machine, above 0 if the machine is worse.
   *
   * @param float32 the metric in float32
   * @param simulated the metric on the machine
   */
  default double drop(double float32, double simulated) {
    return float32 - simulated;
  }

  /**
   * The metric over some items, of which one may appear several times.
   *
   * @param readings of all items of the task
   * @param chosen numbers of the items that count
   */
  double value(List<float[]> readings, int[] chosen);
}
