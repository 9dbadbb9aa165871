/**
 * Checks the simulator against recorded vectors and traces of the authors' RTL.
 *
 * <p>{@link org.tataa.conformance.ConformanceSuite} reads a directory of golden files and compares
 * every line; each kind of file has its own checker. Results are values, nothing is printed.
 */
@NullMarked
package org.tataa.conformance;

import org.jspecify.annotations.NullMarked;
