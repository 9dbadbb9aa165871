package org.tataa.compiler;

import org.jspecify.annotations.Nullable;
import org.tataa.isa.Program;

/**
 * A step with its program.
 *
 * @param step what it does
 * @param kind kind of work
 * @param program instructions; null for the host
 * @param macs multiply-accumulates of the model in it, padding left out
 * @param bound cycles the products need with perfect overlap of everything else (timing.md: K + 64
 *     per block of the launched controller); 0 for lane work
 * @param tiling how the work is cut, for people
 */
record CompiledStep(
    Step step, Step.Kind kind, @Nullable Program program, long macs, long bound, String tiling) {}
