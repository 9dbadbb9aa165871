package org.tataa.sim;

import org.tataa.observe.Counters;

/**
 * What one core did.
 *
 * @param core number of the core
 * @param cycles cycles until all its units were quiet
 * @param latencyCycles cycles from its first instruction to HALT, as the released counter counts
 * @param counters its counters
 */
public record CoreResult(int core, long cycles, long latencyCycles, Counters counters) {}
