package org.tataa.job;

import org.tataa.reference.ErrorReport;
import org.tataa.sim.RunResult;

/**
 * One step of a job.
 *
 * @param name what it computes
 * @param run cycles and counters
 * @param error its result against float32
 * @param wallNanos time the simulation of the step took, nanoseconds
 */
public record StepReport(String name, RunResult run, ErrorReport error, long wallNanos) {}
