/**
 * What turns instructions into work: the controller with its hazard rules, and the units that run a
 * MATMUL, a vector operation or a STORE.
 *
 * <p>{@link org.tataa.control.Controller} accepts at most one instruction per cycle, in order;
 * {@link org.tataa.control.IssueRules} says why not. {@link org.tataa.control.BlockUnit}, {@link
 * org.tataa.control.VectorUnit} and {@link org.tataa.control.StoreUnit} carry accepted instructions
 * through their cycles.
 */
@NullMarked
package org.tataa.control;

import org.jspecify.annotations.NullMarked;
