/**
 * Level 3 of the compiler: one core's share of a model as loops over tiles, in operations of the
 * machine on virtual registers ({@link org.tataa.tile.TileProgram}).
 *
 * <p>A step is a nest of matrix products ({@link org.tataa.tile.MatMulNest}), a nest of vector work
 * ({@link org.tataa.tile.VectorNest}) or work of the host ({@link org.tataa.tile.HostStep}). Data
 * between steps is in buffers of the core's memory, in layouts; data within a vector nest is in
 * virtual registers, as many as wanted. Slots, tiles and addresses come with the schedule.
 *
 * <p>This room knows the geometry of the machine, not its clock.
 */
@NullMarked
package org.tataa.tile;

import org.jspecify.annotations.NullMarked;
