/**
 * Tensor graphs as they come from a model file, and their execution in float32: the product's
 * reference for whole models. The same operator code infers shapes, folds constants and computes.
 *
 * <p>Start at {@link org.tataa.graph.Graph}, then {@link org.tataa.graph.Evaluator}.
 */
@NullMarked
package org.tataa.graph;

import org.jspecify.annotations.NullMarked;
