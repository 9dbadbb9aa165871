/**
 * Programs for common work: matrix products, element-wise operations, reductions, SoftMax.
 *
 * <p>A kernel places operands in the memories of all cores, emits one program per core, and
 * collects results. {@link org.tataa.kernel.Layouts} knows how the machine wants its data; emitters
 * write instruction sequences; the {@code *Kernel} classes put both together for host arrays.
 *
 * <p>Kernels need a machine whose two address spaces coincide (one unified memory), because they
 * load through both ports what a STORE has written.
 */
@NullMarked
package org.tataa.kernel;

import org.jspecify.annotations.NullMarked;
