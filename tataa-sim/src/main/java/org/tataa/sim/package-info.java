/**
 * Whole machines: several cores in lock step, stop conditions and results.
 *
 * <p>{@link org.tataa.sim.Simulator} is the entry point of the library.
 */
@NullMarked
package org.tataa.sim;

import org.jspecify.annotations.NullMarked;
