/**
 * From a model to instruction streams, in four levels ({@link org.tataa.compiler.Compilation}).
 *
 * <pre>
 *  1 graph --Lowering--> 2 tensor program --Tiling--> 3 tile program --Scheduler--> 4 instructions
 * </pre>
 *
 * <p>This room has no lowering of its own: it calls the rooms that do, and runs what comes out
 * ({@link org.tataa.compiler.CompiledModel}).
 */
@NullMarked
package org.tataa.compiler;

import org.jspecify.annotations.NullMarked;
