/**
 * Jobs: real work made of several kernels, step by step, with a report of cycles and errors.
 *
 * <p>{@link org.tataa.job.AttentionJob} runs one self-attention layer.
 */
@NullMarked
package org.tataa.job;

import org.jspecify.annotations.NullMarked;
