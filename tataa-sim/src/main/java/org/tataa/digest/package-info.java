/**
 * Fixed jobs whose results are condensed into digests, to see whether anything depends on the
 * engine, the threads, the JVM or its vector instructions. Runs jobs of every room before it; only
 * the command line knows it.
 */
@NullMarked
package org.tataa.digest;

import org.jspecify.annotations.NullMarked;
