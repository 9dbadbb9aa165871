/**
 * The array loops a fast simulator spends its time in: products of tiles, lane operations and the
 * requantiser, each over whole arrays. The scalar implementation is the definition; a second one on
 * the incubating Vector API gives the same bits and is taken where the running JVM has that module
 * (HostKernels). CORRECTED arithmetic only.
 *
 * <p>Nothing here knows instructions, memories or time; only {@code org.tataa.config} and {@code
 * org.tataa.numeric} are imported.
 */
@NullMarked
package org.tataa.simd;

import org.jspecify.annotations.NullMarked;
