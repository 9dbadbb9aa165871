/**
 * The kernels of {@code org.tataa.simd} on the incubating module {@code jdk.incubator.vector}.
 * Compiled apart and loaded by name, only where the running JVM has that module; not exported. Uses
 * only operations that are the same in Java 17 and 25.
 */
@NullMarked
package org.tataa.simd.vector;

import org.jspecify.annotations.NullMarked;
