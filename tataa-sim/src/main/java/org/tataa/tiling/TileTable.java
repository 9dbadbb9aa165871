package org.tataa.tiling;

/**
 * Which element of a tile stands at which place of its memory, place by place: vectors one after
 * the other, each DMPU by DMPU, each lane by lane.
 */
final class TileTable {
  private final int[] row;
  private final int[] lane;

  private TileTable(int[] row, int[] lane) {
    this.row = row;
    this.lane = lane;
  }

  static TileTable of(Geometry geometry, TileOrder order) {
    int d = geometry.dmpus();
    int c = geometry.columns();
    int size = geometry.tileElements();
    int[] row = new int[size];
    int[] lane = new int[size];
    for (int place = 0; place < size; place++) {
      int vector = place / (d * c);
      int dmpu = place / c % d;
      int chunk = vector * d + dmpu;
      if (order == TileOrder.EXCHANGED) {
        int group = vector / d;
        chunk = (group * d + dmpu) * d + vector % d;
      }
      int beat = chunk / geometry.halves();
      int block = beat / geometry.rows();
      int inBlock = beat % geometry.rows();
      row[place] =
          block * geometry.rows()
              + (order == TileOrder.WOVEN
                  ? Weave.row(geometry, inBlock)
                  : geometry.indexOfBeat(inBlock));
      lane[place] = chunk % geometry.halves() * c + place % c;
    }
    return new TileTable(row, lane);
  }

  /** Row within the tile of a place. */
  int row(int place) {
    return row[place];
  }

  /** Lane within the tile of a place. */
  int lane(int place) {
    return lane[place];
  }

  int size() {
    return row.length;
  }
}
