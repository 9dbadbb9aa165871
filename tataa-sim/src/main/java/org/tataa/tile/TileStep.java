package org.tataa.tile;

/** A step of a tile program. */
public sealed interface TileStep permits MatMulNest, VectorNest, FusedNest, HostStep {
  /** What it does for the model. */
  Work work();
}
