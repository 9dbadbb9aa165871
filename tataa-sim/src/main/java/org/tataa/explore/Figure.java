package org.tataa.explore;

/**
 * A figure of the paper beside the simulated one.
 *
 * @param what what it is
 * @param reported as reported; NaN if it is no number
 * @param simulated as simulated; NaN if it is not
 * @param unit of both
 * @param workload workload and batch of the simulated one; empty if there is none
 * @param configuration of the machine; empty if there is none
 * @param reason why they differ, or why there is nothing to compare
 */
public record Figure(
    String what,
    double reported,
    double simulated,
    String unit,
    String workload,
    String configuration,
    String reason) {
  /** The simulated figure less the reported one, of the reported one; NaN if one is missing. */
  public double difference() {
    return simulated / reported - 1;
  }
}
