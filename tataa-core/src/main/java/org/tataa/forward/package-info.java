/**
 * The fast-forward engine: from one acceptance of an instruction to the next, and the work in
 * between at once.
 *
 * <p>Control never depends on data: when an instruction is accepted, every date of its life is
 * known. And the hazard rules make sure that of two instructions that touch the same storage the
 * older one is done with it first. So work may be done in program order, an instruction at a time,
 * as far as its dates come before the cycle somebody wants to look at. {@link
 * org.tataa.forward.FastForward} does that; {@link org.tataa.forward.ForwardAccounting} counts what
 * every unit did in the cycles nobody evaluated.
 *
 * <p>The units own their work ({@code forward} in each); this package only orders it.
 */
@NullMarked
package org.tataa.forward;

import org.jspecify.annotations.NullMarked;
