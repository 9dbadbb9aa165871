package org.tataa.tiling;

/** Orders in which the vectors of a tile lie in memory. */
enum TileOrder {
  /** As a drained block leaves the array: beats one after the other. */
  NATURAL,

  /**
   * As a STORE leaves a group of as many vectors as DMPUs, which it empties DMPU by DMPU: vectors
   * and DMPUs are exchanged. Another one exchanges them back.
   */
  EXCHANGED,

  /** As a drained block whose rows were {@link Weave woven}. */
  WOVEN;

  static TileOrder of(boolean isExchanged) {
    return isExchanged ? EXCHANGED : NATURAL;
  }
}
