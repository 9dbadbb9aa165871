/**
 * The arithmetic contract as pure functions on ints: bfloat16 operations and their four pipeline
 * stages, packed int8 multiply-accumulate, accumulator read-outs and the requantiser
 * (arithmetic.md).
 *
 * <p>A bfloat16 value is an {@code int} holding its 16-bit pattern. Nothing here knows
 * instructions, registers files or time; only {@code org.tataa.config} is imported, for the profile
 * enums.
 */
@NullMarked
package org.tataa.numeric;

import org.jspecify.annotations.NullMarked;
