/**
 * What quantisation costs a model in its task. A {@link org.tataa.task.Task} is a model, its items
 * and a {@link org.tataa.task.Metric} of what the model says of them; {@link
 * org.tataa.task.TaskStudy} computes the metric in float32 and on the simulated machine, under
 * several schemes, with a confidence interval of the difference.
 */
@NullMarked
package org.tataa.task;

import org.jspecify.annotations.NullMarked;
