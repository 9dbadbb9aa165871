/**
 * The processing elements in their two modes.
 *
 * <p>{@link org.tataa.array.PeArray} shows the registers of the int8 systolic mode, {@link
 * org.tataa.array.VectorPipeline} holds those of the four-stage bfloat16 columns. Both know how to
 * move by one clock and nothing about instructions, memories or time: the control package decides
 * when.
 */
@NullMarked
package org.tataa.array;

import org.jspecify.annotations.NullMarked;
