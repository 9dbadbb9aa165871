package org.tataa.tiling;

import org.jspecify.annotations.Nullable;

/**
 * Which vectors of a tile, pushed in which order, a transposed STORE turns into words of lanes
 * whose byte i is row i of the tile: four for each half.
 *
 * @param isExchanged the order in which the tile must be read
 * @param vectors {@code [half][4]}
 */
@SuppressWarnings("ArrayRecordComponent")
record TransposedStores(boolean isExchanged, int[][] vectors) {
  private static final int VECTORS = 4;

  /** The stores of a machine; null if it cannot transpose tiles so. */
  static @Nullable TransposedStores of(Geometry geometry, int dmbDepth) {
    if (!geometry.isSquare() || geometry.blocks() != 1 || dmbDepth < VECTORS) {
      return null;
    }
    for (int order = geometry.exchanges() ? 1 : 0; order >= 0; order--) {
      TileTable table = TileTable.of(geometry, TileOrder.of(order == 1));
      int[][] found = new int[geometry.halves()][VECTORS];
      boolean complete = true;
      for (int half = 0; half < found.length; half++) {
        for (int i = 0; i < VECTORS; i++) {
          found[half][i] = vector(geometry, table, half, i);
          complete &= found[half][i] >= 0;
        }
      }
      if (complete) {
        return new TransposedStores(order == 1, found);
      }
    }
    return null;
  }

  // Word 4d + i comes from DMPU d of the vector pushed as number i, and becomes byte
  // rows - 1 - (4d + i).
  private static int vector(Geometry geometry, TileTable table, int half, int i) {
    for (int vector = 0; vector < geometry.tileVectors(); vector++) {
      boolean fits = true;
      for (int d = 0; d < geometry.dmpus() && fits; d++) {
        int place = (vector * geometry.dmpus() + d) * geometry.columns();
        fits =
            table.lane(place) / geometry.columns() == half
                && table.row(place) == geometry.rows() - 1 - (VECTORS * d + i);
      }
      if (fits) {
        return vector;
      }
    }
    return -1;
  }
}
