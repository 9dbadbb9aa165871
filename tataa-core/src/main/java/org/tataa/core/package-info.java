/**
 * One core: {@link org.tataa.core.TataaCore} owns all state, wires the units and ticks them.
 *
 * <p>Users of the library start here or, for whole machines, in the simulator of the sim module.
 */
@NullMarked
package org.tataa.core;

import org.jspecify.annotations.NullMarked;
