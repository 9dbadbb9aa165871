/**
 * Models from text or arrays to results: tokenizer, batches over cores, comparison with float32.
 */
@NullMarked
package org.tataa.pipeline;

import org.jspecify.annotations.NullMarked;
