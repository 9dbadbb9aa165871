package org.tataa.tiling;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tataa.tile.Layout;

/**
 * A bfloat16 tensor as tiles {@code [group][lane tile][row tile]}, padded to whole tiles. Tables
 * are made when they are asked for.
 */
final class MatrixLayout implements Layout {
  final Placement placement;
  final TileOrder order;
  final boolean isExchanged;
  final int rowTiles;
  final int laneTiles;
  private final Geometry geometry;
  private int @Nullable [] elements;
  private int @Nullable [] placeOf;

  MatrixLayout(Geometry geometry, Placement placement, TileOrder order) {
    this.geometry = geometry;
    this.placement = placement;
    this.order = order;
    isExchanged = order == TileOrder.EXCHANGED;
    rowTiles = Geometry.parts(placement.rows(), geometry.tileRows());
    laneTiles = Geometry.parts(placement.lanes(), geometry.outputs());
  }

  int groups() {
    return placement.groups();
  }

  int tiles() {
    return groups() * laneTiles * rowTiles;
  }

  long bytes() {
    return 2L * places();
  }

  /** Number of a tile. */
  int tile(int group, int laneTile, int rowTile) {
    return (group * laneTiles + laneTile) * rowTiles + rowTile;
  }

  @Override
  public int places() {
    return Math.multiplyExact(tiles(), geometry.tileElements());
  }

  @Override
  public synchronized int[] elements() {
    int[] known = elements;
    if (known == null) {
      known = table(false, false);
      elements = known;
    }
    return known;
  }

  /** As {@link #elements} with the last row and lane in place of padding. */
  int[] repeated() {
    return table(true, true);
  }

  /** As {@link #elements} with the last row, or lane, in place of padding rows or lanes. */
  int[] table(boolean repeatsRows, boolean repeatsLanes) {
    TileTable table = TileTable.of(geometry, order);
    int[] result = new int[places()];
    int[] bases = placement.groupBases();
    int at = 0;
    for (int group = 0; group < bases.length; group++) {
      for (int laneTile = 0; laneTile < laneTiles; laneTile++) {
        for (int rowTile = 0; rowTile < rowTiles; rowTile++) {
          tile(table, result, at, bases[group], laneTile, rowTile, repeatsRows, repeatsLanes);
          at += table.size();
        }
      }
    }
    return result;
  }

  private void tile(
      TileTable table,
      int[] to,
      int at,
      int base,
      int laneTile,
      int rowTile,
      boolean repeatsRows,
      boolean repeatsLanes) {
    int firstRow = rowTile * geometry.tileRows();
    int firstLane = laneTile * geometry.outputs();
    int rows = placement.rows();
    int lanes = placement.lanes();
    int rowStride = placement.rowStride();
    int laneStride = placement.laneStride();
    for (int place = 0; place < table.size(); place++) {
      int row = firstRow + table.row(place);
      int lane = firstLane + table.lane(place);
      row = repeatsRows ? Math.min(row, rows - 1) : row;
      lane = repeatsLanes ? Math.min(lane, lanes - 1) : lane;
      to[at + place] = row < rows && lane < lanes ? base + row * rowStride + lane * laneStride : -1;
    }
  }

  @Override
  public synchronized int[] placeOf() {
    int[] known = placeOf;
    if (known == null) {
      known = inverse(elements());
      placeOf = known;
    }
    return known;
  }

  /** For each element the first place it stands at. */
  static int[] inverse(int[] elements) {
    int largest = -1;
    for (int element : elements) {
      largest = Math.max(largest, element);
    }
    int[] places = new int[largest + 1];
    Arrays.fill(places, -1);
    for (int place = elements.length - 1; place >= 0; place--) {
      if (elements[place] >= 0) {
        places[elements[place]] = place;
      }
    }
    return places;
  }

  @Override
  public String describe() {
    return "tiles "
        + placement
        + (order == TileOrder.NATURAL ? "" : " " + order.name().toLowerCase(Locale.ROOT));
  }

  @Override
  public String toString() {
    return describe();
  }
}
