/**
 * What an architect asks of the machine: energy and resources, what a change would buy, the figures
 * of the paper beside the simulated ones, sweeps over configurations.
 *
 * <p>Everything here looks at runs that the rooms below made; nothing changes a cycle or a value. A
 * tour: an {@link org.tataa.explore.Activity} counts events of a run, an {@link
 * org.tataa.explore.EnergyTable} says what an event costs, and {@link
 * org.tataa.explore.BatchEnergy} is their product for a batch. {@link org.tataa.explore.Resources}
 * are closed forms of a configuration.
 */
@NullMarked
package org.tataa.explore;

import org.jspecify.annotations.NullMarked;
