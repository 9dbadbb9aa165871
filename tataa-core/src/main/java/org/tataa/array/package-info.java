/**
 * The processing elements in their two modes.
 *
 * <p>Begin with {@link org.tataa.array.ProcessingElement}: one PE, its registers, both modes.
 * {@link org.tataa.array.Dmpu} is four rows of them, {@link org.tataa.array.RegisterArray} all of a
 * core with the skew registers in front. That is the definition. {@link org.tataa.array.FastArray}
 * shows the same registers without moving them (OperandWords, PartialSums and Wavefront for int8,
 * StageWords for bfloat16); {@link org.tataa.array.PeArray} is what both serve. {@link
 * org.tataa.array.VectorPipeline} knows which vector operation is in which register.
 *
 * <p>All know how to move by one clock and nothing about instructions, memories or time: the
 * control package decides when.
 */
@NullMarked
package org.tataa.array;

import org.jspecify.annotations.NullMarked;
