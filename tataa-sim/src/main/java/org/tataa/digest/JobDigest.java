package org.tataa.digest;

import java.util.Locale;

/**
 * Digests of one job, "-" for what it does not have.
 *
 * @param job its name
 * @param cycles core cycles
 * @param memory everything in memory afterwards, or the results
 * @param counters all counters of all programs
 * @param registers every register, at several cycles and at the end
 * @param events every event, always from stepping: nobody can listen to an engine that leaves
 *     cycles out
 */
public record JobDigest(
    String job, long cycles, String memory, String counters, String registers, String events) {
  /** One line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%-16s cycles %8d  memory %-16s  counters %-16s  registers %-16s  events %s",
        job,
        cycles,
        memory,
        counters,
        registers,
        events);
  }
}
