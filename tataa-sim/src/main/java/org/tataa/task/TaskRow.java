package org.tataa.task;

/**
 * What a model reached in a task under a scheme.
 *
 * @param task name of the task
 * @param model name of the model
 * @param scheme name of the scheme
 * @param metric name of the metric
 * @param items how many were tested
 * @param float32 the metric in float32
 * @param simulated the metric on the simulated machine
 * @param drop what is lost, as the metric counts it
 * @param interval 95 % confidence interval of the drop
 * @param unit of the drop
 */
public record TaskRow(
    String task,
    String model,
    String scheme,
    String metric,
    int items,
    double float32,
    double simulated,
    double drop,
    Bootstrap.Interval interval,
    String unit) {}
